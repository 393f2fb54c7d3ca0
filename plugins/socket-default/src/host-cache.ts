import { Host } from "@cygnet/plugin-api";
import type { UdpSocket } from "@cygnet/native";

const KEY_WORDS = 5;

/**
 * Finds the `Host` of a received datagram without allocating one for a known peer.
 *
 * Direct-mapped: two peers on the same entry displace each other, which costs an allocation and nothing else. Senders can force that, but
 * cannot make the cache grow.
 */
export class HostCache {
  readonly #mask: number;
  /** Per entry the four address words and the port. */
  readonly #keys: Int32Array;
  readonly #hosts: (Host | undefined)[];

  /** @param entries a power of two */
  constructor(entries: number) {
    this.#mask = entries - 1;
    this.#keys = new Int32Array(entries * KEY_WORDS);
    this.#hosts = Array.from({ length: entries }, () => undefined);
  }

  /** Where the datagram in `slot` came from. */
  source(udp: UdpSocket, slot: number): Host {
    return this.#find(
      udp,
      slot,
      true,
      udp.sourceWord(slot, 0),
      udp.sourceWord(slot, 1),
      udp.sourceWord(slot, 2),
      udp.sourceWord(slot, 3),
      udp.sourcePort(slot),
    );
  }

  /** Our address it was sent to, with the socket's port. */
  destination(udp: UdpSocket, slot: number): Host {
    return this.#find(
      udp,
      slot,
      false,
      udp.destinationWord(slot, 0),
      udp.destinationWord(slot, 1),
      udp.destinationWord(slot, 2),
      udp.destinationWord(slot, 3),
      udp.port,
    );
  }

  #find(udp: UdpSocket, slot: number, isSource: boolean, a: number, b: number, c: number, d: number, port: number): Host {
    let hash = Math.imul(a ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ port, 0x85ebca6b);
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
      keys[key + 4] === port
    )
      return known;
    const host = new Host(udp.family, isSource ? udp.sourceAddress(slot) : udp.destinationAddress(slot), port);
    keys[key] = a;
    keys[key + 1] = b;
    keys[key + 2] = c;
    keys[key + 3] = d;
    keys[key + 4] = port;
    this.#hosts[entry] = host;
    return host;
  }
}
