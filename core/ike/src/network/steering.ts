import type { SteeringKey } from "@cygnet/plugin-api";
import { IKE_HEADER_BYTES, IkeFlags } from "@cygnet/wire";
import { MARKER_BYTES } from "../sa/ikev2/message-codec.js";

/*
 * Which shard an IKE_SA lives on: a keyed hash of one of its SPIs, known to whoever has the key. The addon computes the same, in C++ and as a
 * classic BPF program in the kernel (native/addon/udp/steering.cc), which has 32 bit arithmetic only and reads big-endian words. The three
 * must agree bit for bit; test/steering compares them.
 *
 * The hash spreads SPIs evenly and hides which shard one leads to. It is no cryptographic function.
 */

/** The shard of the IKE_SA whose deciding SPI this is, two unsigned 32 bit halves. A shard draws its own SPIs until they lead to itself. */
export function shardOfSpi(key: SteeringKey, hi: number, lo: number): number {
  let x = Math.imul(hi ^ key.word0, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul((x + (lo ^ key.word1)) | 0, 0xc2b2ae35);
  x ^= x >>> 16;
  x = Math.imul(x, 0x9e3779b1);
  x ^= x >>> 15;
  return (x >>> 0) % key.shards;
}

/**
 * The shard that a datagram is for. The SPI that decides is the one that its receiver drew, or will answer with one of its own that leads to
 * the same shard:
 *
 * - IKEv2 from the original initiator (I flag): the responder's SPI, the initiator's while there is none;
 * - IKEv2 from the original responder: the initiator's SPI;
 * - any other version: the initiator's cookie.
 *
 * What is no IKE message (too short, or without the marker on the port for NAT traversal) is for shard 0.
 *
 * @param natT whether it came to the port for NAT traversal, where the non-ESP marker stands before the header
 */
export function shardOfDatagram(key: SteeringKey, data: Uint8Array, length: number, natT: boolean): number {
  const at = natT ? MARKER_BYTES : 0;
  if (length < at + IKE_HEADER_BYTES || (natT && u32(data, 0) !== 0)) return 0;
  const isFromInitiator = data[at + 17]! >>> 4 === 2 && (data[at + 19]! & IkeFlags.INITIATOR) !== 0;
  const hi = u32(data, at + 8);
  const lo = u32(data, at + 12);
  if (isFromInitiator && (hi | lo) !== 0) return shardOfSpi(key, hi, lo);
  return shardOfSpi(key, u32(data, at), u32(data, at + 4));
}

function u32(b: Uint8Array, at: number): number {
  return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!;
}
