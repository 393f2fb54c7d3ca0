import { Host } from "@cygnet/plugin-api";
import type { ReceivedSlots } from "@cygnet/native";

const KEY_WORDS = 5;

/** Our own addresses. Apart from the peers', so that no flood of sources displaces them. */
const DESTINATION_ENTRIES = 64;

/** What a reader of datagrams knows of addresses. Readers on one thread may share it. */
export class HostCaches {
  readonly sources: HostCache;
  readonly destinations: HostCache;

  /** @param sources peers that are heard again soon, a power of two; beyond this a datagram costs two small objects */
  constructor(sources: number) {
    this.sources = new HostCache(sources);
    this.destinations = new HostCache(DESTINATION_ENTRIES);
  }
}

/**
 * Finds the `Host` of a received datagram without allocating one for a known peer.
 *
 * Direct-mapped: two peers on the same entry displace each other, which costs an allocation and nothing else. Senders can force that, but
 * cannot make the cache grow.
 */
class HostCache {
  readonly #mask: number;
  /** Per entry the four address words, and port and family. */
  readonly #keys: Int32Array;
  readonly #hosts: (Host | undefined)[];

  /** @param entries a power of two */
  constructor(entries: number) {
    this.#mask = entries - 1;
    this.#keys = new Int32Array(entries * KEY_WORDS);
    this.#hosts = Array.from({ length: entries }, () => undefined);
  }

  /** Where the datagram in `slot` came from. */
  source(from: ReceivedSlots, slot: number): Host {
    return this.#find(
      from,
      slot,
      true,
      from.sourceWord(slot, 0),
      from.sourceWord(slot, 1),
      from.sourceWord(slot, 2),
      from.sourceWord(slot, 3),
      from.sourcePort(slot),
    );
  }

  /** Our address and port it was sent to. */
  destination(from: ReceivedSlots, slot: number): Host {
    return this.#find(
      from,
      slot,
      false,
      from.destinationWord(slot, 0),
      from.destinationWord(slot, 1),
      from.destinationWord(slot, 2),
      from.destinationWord(slot, 3),
      from.destinationPort(slot),
    );
  }

  #find(from: ReceivedSlots, slot: number, isSource: boolean, a: number, b: number, c: number, d: number, port: number): Host {
    let hash = Math.imul(a ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ port, 0x85ebca6b);
    const family = from.familyOf(slot);
    const portAndFamily = port | (family << 16);
    const entry = (hash ^ (hash >>> 13)) & this.#mask;
    const keys = this.#keys;
    const key = entry * KEY_WORDS;
    const known = this.#hosts[entry];
    if (
      known !== undefined &&
      keys[key] === a &&
      keys[key + 1] === b &&
      keys[key + 2] === c &&
      keys[key + 3] === d &&
      keys[key + 4] === portAndFamily
    )
      return known;
    const host = new Host(family, isSource ? from.sourceAddress(slot) : from.destinationAddress(slot), port);
    keys[key] = a;
    keys[key + 1] = b;
    keys[key + 2] = c;
    keys[key + 3] = d;
    keys[key + 4] = portAndFamily;
    this.#hosts[entry] = host;
    return host;
  }
}
