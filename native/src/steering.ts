import { loadBinding } from "./binding.js";

/** Key of the function that spreads datagrams over shards by their SPI; two unsigned 32 bit words. */
export interface SteeringKey {
  /** 1..1024 */
  readonly shards: number;
  readonly word0: number;
  readonly word1: number;
}

/** How a socket that forwards reads what it receives. */
export interface ForwardingKey extends SteeringKey {
  /** The non-ESP marker stands before the IKE header. */
  readonly natT: boolean;
  /** But not in what comes from port 500, which is for IKE alone. */
  readonly plainFrom500?: boolean;
}

/** The addon's half of the steering function. */
export interface NativeSteering {
  shardOfDatagram(steering: SteeringKey & { readonly natT: boolean }, data: Uint8Array): number;
}

/**
 * The shard that `data` is for, computed by the addon: what sockets that forward do, and what the program in the kernel does.
 *
 * @param natT whether it came to the port for NAT traversal, where the non-ESP marker stands before the IKE header
 */
export function shardOfDatagram(key: SteeringKey, data: Uint8Array, natT: boolean): number {
  return loadBinding<NativeSteering>().shardOfDatagram({ ...key, natT }, data);
}
