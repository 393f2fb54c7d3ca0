import { authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import { VirtualClock } from "@cygnet/runtime/testing";
import { End } from "./end.js";
import type { EndOptions } from "./end.js";
import { MemoryNetwork } from "./memory-network.js";

/** Addresses of the two ends, by family. */
const ADDRESSES = { 4: ["192.0.2.1", "192.0.2.2"], 6: ["2001:db8::1", "2001:db8::2"] } as const;

/** How a pair differs from the usual one. */
export interface PairOptions {
  readonly moon?: EndOptions;
  readonly sun?: EndOptions;
  readonly family?: 4 | 6;
}

/** Two ends, `moon` and `sun`, on one network. */
export class Pair {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly moon: End;
  readonly sun: End;
  readonly #addresses: readonly [string, string];

  constructor({ moon, sun, family = 4 }: PairOptions = {}) {
    this.#addresses = ADDRESSES[family];
    this.moon = new End(this.clock, this.network.socket(this.#addresses[0]), { firstSpi: 0xc000_0000, ...moon });
    this.sun = new End(this.clock, this.network.socket(this.#addresses[1]), { firstSpi: 0xd000_0000, ...sun });
  }

  /** Two ends whose plugins are loaded; `unload` is to be called for them. */
  static async load(options: PairOptions): Promise<Pair> {
    const pair = new Pair(options);
    for (const end of pair.ends) await end.load();
    return pair;
  }

  async unload(): Promise<void> {
    const done = Promise.all(this.ends.map((end) => end.unload()));
    // Peers are told, which takes its time on the network.
    await this.run();
    await done;
  }

  get ends(): readonly [End, End] {
    return [this.moon, this.sun];
  }

  /** The usual PSK connection on both ends; what differs can be given for each. */
  configure(moon: Partial<PeerDefinition> = {}, sun: Partial<PeerDefinition> = {}, child: Partial<ChildDefinition> = {}): void {
    for (const end of this.ends) end.secret("secret", "moon", "sun");
    this.connect(moon, sun, child);
  }

  /** The same without the secret. */
  connect(moon: Partial<PeerDefinition> = {}, sun: Partial<PeerDefinition> = {}, child: Partial<ChildDefinition> = {}): void {
    const [moonAddress, sunAddress] = this.#addresses;
    this.moon.connection(definition("moon", "sun", moonAddress, sunAddress, moon, child));
    this.sun.connection(definition("sun", "moon", sunAddress, moonAddress, sun, child));
  }

  /** Lets time pass, and promises settle. */
  async run(ms = 50, steps = 20): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.clock.advance(ms / steps);
      await settle();
    }
  }

  async establish(): Promise<void> {
    this.moon.initiate("net");
    await this.run();
  }
}

/** The CHILD_SA definition that ends have unless told otherwise. */
export function usualChild(end: "moon" | "sun", name = "net", given: Partial<ChildDefinition> = {}): ChildDefinition {
  const [localTs, remoteTs] = end === "moon" ? ["10.1.0.0/16", "10.2.0.0/16"] : ["10.2.0.0/16", "10.1.0.0/16"];
  return childDefinition(name, {
    localTs: [localTs!],
    remoteTs: [remoteTs!],
    proposals: ["aes128-sha1"],
    rekeyTime: 0,
    lifeTime: 0,
    ...given,
  });
}

function definition(
  local: "moon" | "sun",
  remote: "moon" | "sun",
  localAddress: string,
  remoteAddress: string,
  given: Partial<PeerDefinition>,
  child: Partial<ChildDefinition>,
): PeerDefinition {
  return peerDefinition("net", {
    localAddresses: [localAddress],
    remoteAddresses: [remoteAddress],
    proposals: ["aes128-sha1-modp768"],
    local: [authRound({ auth: "psk", id: local })],
    remote: [authRound({ auth: "psk", id: remote })],
    rekeyTime: 0,
    // Which the machine's own addresses would be told with.
    mobike: false,
    children: [usualChild(local, "net", child)],
    ...given,
  });
}

/** Runs what promises wait for; nothing here takes real time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
