import { LogGroup } from "@cygnet/plugin-api";
import type { Host, KernelNet, Logger } from "@cygnet/plugin-api";
import { AddressRange } from "./address-range.js";
import type { ShardPlace } from "./shard-share.js";

/** Interfaces and the texts of their pools, separated by commas. */
export type InterfacePools = readonly (readonly [iface: string, pools: string])[];

/** One line for each pool that is none, and which `SourceAddresses` ignores. */
export function checkPools(pools: InterfacePools): string[] {
  return split(pools)
    .filter(([, text]) => AddressRange.parse(text) === undefined)
    .map(([iface, text]) => `parsing load-test address pool '${text}' of ${iface} failed, ignored`);
}

/** What `SourceAddresses` is made of. */
export interface SourceAddressesOptions {
  readonly pools: InterfacePools;
  /** Which of their addresses are ours. */
  readonly place: ShardPlace;
  /** -1 installs single addresses. */
  readonly prefix: number;
  readonly keep: boolean;
  /** Asked for with the first address, when all plugins are loaded. */
  readonly net: () => KernelNet | undefined;
  readonly log: Logger;
}

interface Pool {
  readonly iface: string;
  readonly range: AddressRange;
}

/** A source address and what it belongs to. */
export interface SourceAddress {
  readonly host: Host;
  readonly range: AddressRange;
}

/** Addresses of a shard's initiations, installed on an interface for as long as they are used. */
export class SourceAddresses {
  readonly #options: SourceAddressesOptions;
  readonly #pools: Pool[] = [];
  /** By text. */
  readonly #installed = new Map<string, SourceAddress>();
  #isUnsupported = false;
  #saidEmpty = false;

  constructor(options: SourceAddressesOptions) {
    this.#options = options;
    for (const [iface, text] of split(options.pools)) {
      const range = AddressRange.parse(text, options.place);
      if (range) this.#pools.push({ iface, range });
    }
  }

  /** An address that was installed, or undefined when there is none or the system does not take it; that was logged. */
  async take(): Promise<SourceAddress | undefined> {
    if (this.#pools.length === 0 || this.#isUnsupported) return undefined;
    for (const { iface, range } of this.#pools) {
      const host = range.take();
      if (host === undefined) continue;
      const address = { host, range };
      return (await this.#install(address, iface)) ? address : undefined;
    }
    if (!this.#saidEmpty) this.#say("all load-test addresses are in use, initiating from the default one");
    this.#saidEmpty = true;
    return undefined;
  }

  /** The IKE_SA is gone. */
  async release(address: SourceAddress): Promise<void> {
    if (!this.#options.keep) await this.#remove(address);
    address.range.giveBack(address.host);
  }

  /** Removes what is still installed. */
  async close(): Promise<void> {
    this.#isUnsupported = true;
    for (const address of [...this.#installed.values()]) await this.#remove(address);
  }

  async #install(address: SourceAddress, iface: string): Promise<boolean> {
    const { host } = address;
    // One that was kept is there already.
    if (this.#installed.has(host.toString())) return true;
    try {
      const net = this.#options.net();
      if (net === undefined) throw new Error("no kernel-net is loaded");
      await net.addVirtualIp(host, this.#prefix(host), iface);
      this.#installed.set(host.toString(), address);
      return true;
    } catch (error) {
      address.range.giveBack(host);
      const reason = error instanceof Error ? error.message : String(error);
      // What does not work the first time is not going to, and one line is enough to say so.
      this.#isUnsupported = this.#installed.size === 0;
      const consequence = this.#isUnsupported ? "going on without load-test addresses" : "initiating from the default one";
      this.#say(`installing load-test address ${host} on ${iface} failed: ${reason}; ${consequence}`);
      return false;
    }
  }

  async #remove(address: SourceAddress): Promise<void> {
    if (!this.#installed.delete(address.host.toString())) return;
    try {
      await this.#options.net()?.deleteVirtualIp(address.host, this.#prefix(address.host));
    } catch (error) {
      this.#say(`removing load-test address ${address.host} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #prefix({ address }: Host): number {
    const { prefix } = this.#options;
    const bits = address.length * 8;
    return prefix < 0 ? bits : Math.min(prefix, bits);
  }

  #say(message: string): void {
    this.#options.log.log(LogGroup.CFG, 1, message);
  }
}

function split(pools: InterfacePools): [iface: string, pool: string][] {
  return pools.flatMap(([iface, texts]) =>
    texts
      .split(",")
      .map((text) => text.trim())
      .filter((text) => text !== "")
      .map((text): [string, string] => [iface, text]),
  );
}
