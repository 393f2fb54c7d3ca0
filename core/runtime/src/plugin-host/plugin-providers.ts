import { ControlCommands, Fetchers, KernelManager, LogSinks } from "@cygnet/plugin-api";
import type { ControlCommand, Fetcher, KernelIpsec, KernelNet, LogGroup, LogRecord, LogSink } from "@cygnet/plugin-api";
import type { PluginGuard } from "./plugin-guard.js";
import type { Wrap } from "./plugin-services.js";

/** Services that take something of a plugin's which is called later and whose answers nothing else can stand in for. By what they are resolved with. */
export const WRAPPED_PROVIDERS: readonly (readonly [unknown, Wrap])[] = [
  [ControlCommands, (service, ...owner) => withCommands(service as ControlCommands, ...owner)],
  [Fetchers, (service, ...owner) => withFetchers(service as Fetchers, ...owner)],
  [KernelManager, (service, ...owner) => withKernels(service as KernelManager, ...owner)],
  [LogSinks, (service, ...owner) => withLogSinks(service as LogSinks, ...owner)],
];

function withCommands(commands: ControlCommands, plugin: string, guard: PluginGuard): ControlCommands {
  const guarded = (command: ControlCommand): ControlCommand => ({
    name: command.name,
    description: command.description,
    run: (request) => guard.waitFor(plugin, "command", () => command.run(request), command.name),
  });
  return {
    addCommand: (command) => commands.addCommand(guarded(command)),
    addStatus: (source) => commands.addStatus(source),
    find: (name) => commands.find(name),
    list: () => commands.list(),
    statusLines: () => commands.statusLines(),
  };
}

function withFetchers(fetchers: Fetchers, plugin: string, guard: PluginGuard): Fetchers {
  const guarded = (fetcher: Fetcher): Fetcher => ({
    // Who fetches says for how long, and what became of it.
    fetch: (request, signal) => guard.watch(plugin, "fetch", () => fetcher.fetch(request, signal), { which: request.uri }),
  });
  return {
    add: (owner, schemes, fetcher) => fetchers.add(owner, schemes, guarded(fetcher)),
    fetch: (request, timeoutMs) => fetchers.fetch(request, timeoutMs),
  };
}

function withKernels(kernels: KernelManager, plugin: string, guard: PluginGuard): KernelManager {
  const owner = { name: plugin };
  const guarded = <K extends KernelIpsec | KernelNet>(kernel: K): K => watched(kernel, "kernel", plugin, guard);
  return {
    addIpsec: (kernel) => kernels.addIpsec(guarded(kernel)),
    addNet: (net) => kernels.addNet(guarded(net)),
    onRoam: (listener) => kernels.onRoam(() => guard.notify("plugin", owner, "roam", listener)),
    get events() {
      return kernels.events;
    },
    get ipsec() {
      return kernels.ipsec;
    },
    get net() {
      return kernels.net;
    },
  };
}

/** An object that has what this one has, with its methods looked after. No proxy, as a kernel is called several times for each IKE_SA. */
function watched<T extends object>(object: T, what: string, plugin: string, guard: PluginGuard): T {
  const twin: Record<string, unknown> = {};
  for (const key of keysOf(object)) {
    const value: unknown = Reflect.get(object, key);
    if (typeof value === "function") {
      const call = (...args: readonly unknown[]): unknown =>
        guard.waitFor(plugin, what, () => Reflect.apply(value, object, args) as unknown, key);
      twin[key] = call;
    } else Object.defineProperty(twin, key, { get: (): unknown => Reflect.get(object, key), enumerable: true });
  }
  return twin as T;
}

/** Of the object itself and of its classes. */
function keysOf(object: object): ReadonlySet<string> {
  const keys = new Set<string>();
  for (let at: object = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    for (const key of Object.getOwnPropertyNames(at)) if (key !== "constructor") keys.add(key);
  }
  return keys;
}

function withLogSinks(sinks: LogSinks, plugin: string, guard: PluginGuard): LogSinks {
  return { add: (sink) => sinks.add(new PluginLogSink(sink, plugin, guard)) };
}

/** What a sink does wrong is told once, as the line about it comes to the sink as well. */
class PluginLogSink implements LogSink {
  #isTold = false;
  #isWriting = false;

  constructor(
    private readonly sink: LogSink,
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {}

  level(group: LogGroup): number {
    return this.#try("level", () => this.sink.level(group)) ?? -1;
  }

  write(record: LogRecord): void {
    if (this.#isWriting) return this.#try("write", () => this.sink.write(record));
    this.#isWriting = true;
    try {
      this.guard.watch(this.plugin, "log", () => this.#try("write", () => this.sink.write(record)));
    } finally {
      this.#isWriting = false;
    }
  }

  flush(): void {
    this.#try("flush", () => this.sink.flush?.());
  }

  close(): void {
    this.#try("close", () => this.sink.close?.());
  }

  #try<R>(what: string, act: () => R): R | undefined {
    try {
      return act();
    } catch (error) {
      if (this.#isTold) return undefined;
      this.#isTold = true;
      const owner = { name: this.plugin };
      queueMicrotask(() =>
        this.guard.notify("log sink of plugin", owner, what, () => {
          throw error;
        }),
      );
      return undefined;
    }
  }
}
