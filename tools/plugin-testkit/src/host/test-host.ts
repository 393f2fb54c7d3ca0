import type { LogGroup, Plugin, ServiceToken } from "@cygnet/plugin-api";
import { VirtualClock } from "@cygnet/runtime/testing";
import { End } from "../pair/end.js";
import { MemoryNetwork } from "../pair/memory-network.js";

/** What a host loads. */
export interface TestHostOptions {
  /** In the order of `charon.load`. The usual algorithms come behind them. */
  readonly plugins: readonly Plugin[];
  /** Of the `charon` section, such as `plugins.acme.greeting`; `load` for another order, with the usual algorithms in it. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A daemon in memory, on one thread, for the sake of the plugins in it. */
export class TestHost {
  readonly clock = new VirtualClock();
  /** The daemon itself. */
  readonly daemon: End;
  readonly #names: ReadonlySet<string>;

  constructor({ plugins, settings = {} }: TestHostOptions) {
    this.#names = new Set(plugins.map(({ name }) => name));
    const network = new MemoryNetwork(this.clock);
    this.daemon = new End(this.clock, network.socket("192.0.2.1"), { plugins, settings });
  }

  /** Features of the plugins under test that are loaded, in strongSwan's notation and the order of their declaration. */
  featureNames(): readonly string[] {
    return this.daemon.plugins.host
      .list()
      .filter(({ name }) => this.#names.has(name))
      .flatMap(({ features }) => features.filter(({ loaded }) => loaded).map(({ feature }) => feature));
  }

  /** Log lines of a group up to a level. */
  messages(group: LogGroup, level = 1): readonly string[] {
    return this.daemon.sink.messages(group, level);
  }

  /** A service as a plugin gets it. */
  resolve<S>(token: ServiceToken<S>): S {
    return this.daemon.resolve(token);
  }

  unload(): Promise<void> {
    return this.daemon.unload();
  }

  /** What the plugins left behind, after `unload`; empty for a plugin that is in order. */
  leftovers(): readonly string[] {
    return this.daemon.plugins.leftovers();
  }
}

/** Loads plugins by the daemon's own plugin host. `unload` is to be called for what it returns. @throws {PluginError} for a critical one */
export async function testHost(options: TestHostOptions): Promise<TestHost> {
  const host = new TestHost(options);
  await host.daemon.load();
  return host;
}
