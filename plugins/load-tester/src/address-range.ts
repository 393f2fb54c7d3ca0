import { Host } from "@cygnet/plugin-api";
import { ONLY_SHARD } from "./shard-share.js";
import type { ShardPlace } from "./shard-share.js";

/** Addresses of one pool beyond this are not used: more than a load test has IKE_SAs. */
const MAX_SIZE = 2 ** 31 - 1;

/** Consecutive addresses that are handed out one by one, and come back. Each is for one of the shards. */
export class AddressRange {
  readonly #family: 4 | 6;
  readonly #first: bigint;
  readonly #size: number;
  readonly #step: number;
  #fresh: number;
  readonly #returned: Host[] = [];

  private constructor(family: 4 | 6, first: bigint, last: bigint, { shard, shards }: ShardPlace) {
    this.#family = family;
    this.#first = first;
    this.#fresh = shard;
    this.#step = shards;
    const size = last - first + 1n;
    this.#size = size > BigInt(MAX_SIZE) ? MAX_SIZE : Number(size);
  }

  /**
   * Reads `10.0.0.0/16` or `10.0.0.1-10.0.0.9`. Of a subnet with more than two addresses the first and the last are left out.
   * @returns undefined when it is neither
   */
  static parse(text: string, place: ShardPlace = ONLY_SHARD): AddressRange | undefined {
    const [from, to, ...more] = text.split("-").map((each) => each.trim());
    if (more.length > 0 || from.startsWith("%")) return undefined;
    if (to !== undefined) {
      const first = Host.parse(from);
      const last = to.startsWith("%") ? undefined : Host.parse(to);
      if (!first || !last || first.family !== last.family || toNumber(last) < toNumber(first)) return undefined;
      return new AddressRange(first.family, toNumber(first), toNumber(last), place);
    }
    const [address, prefixText, ...rest] = from.split("/");
    const host = Host.parse(address);
    if (!host || rest.length > 0) return undefined;
    const bits = host.address.length * 8;
    const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Infinity;
    if (prefix > bits) return undefined;
    const count = 1n << BigInt(bits - prefix);
    const base = toNumber(host) - (toNumber(host) % count);
    const margin = count > 2n ? 1n : 0n;
    return new AddressRange(host.family, base + margin, base + count - 1n - margin, place);
  }

  /** An address of this shard that nobody has, undefined when all are taken. */
  take(): Host | undefined {
    if (this.#fresh >= this.#size) return this.#returned.pop();
    const address = toHost(this.#family, this.#first + BigInt(this.#fresh));
    this.#fresh += this.#step;
    return address;
  }

  giveBack(address: Host): void {
    this.#returned.push(address);
  }
}

function toNumber({ address }: Host): bigint {
  return address.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function toHost(family: 4 | 6, value: bigint): Host {
  const octets = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = octets.length - 1, rest = value; i >= 0; i--, rest >>= 8n) octets[i] = Number(rest & 0xffn);
  return new Host(family, octets, 0);
}
