import type { NativeDatagramOutbox } from "./datagram-outbox.js";
import type { NativeSlots } from "./received-slots.js";
import type { ForwardingKey, SteeringKey } from "./steering.js";

/** How a UDP socket is opened. */
export interface UdpSocketOptions {
  readonly family: 4 | 6;
  /** Local address of 4 or 16 octets; the wildcard by default. IPv6 sockets never take IPv4. */
  readonly address?: Uint8Array;
  /** Scope of a link-local `address`. */
  readonly scopeId?: number;
  /** 0, the default, asks the kernel for one. */
  readonly port?: number;
  /**
   * Uses the bound UDP socket of this descriptor of the process instead of a new one: through a duplicate, so that either may be closed
   * without the other. `address`, `port` and `reusePort` then have no effect.
   */
  readonly fd?: number;
  /** Joins or founds an SO_REUSEPORT group. */
  readonly reusePort?: boolean;
  /** Firewall mark (SO_MARK) of outgoing datagrams, 0 (the default) for none. Needs CAP_NET_ADMIN. */
  readonly mark?: number;
  /**
   * Wished receive buffer in octets (SO_RCVBUFFORCE, without CAP_NET_ADMIN SO_RCVBUF up to net.core.rmem_max). 0, the default, leaves the
   * system's. The kernel doubles it for its own bookkeeping; the status says what was granted.
   */
  readonly receiveBufferBytes?: number;
  /** Received datagrams that may be held at a time, 0..4096, default 256. 0 makes a socket that is bound but never read. */
  readonly slots?: number;
  /** Longer datagrams are discarded and counted, 1..65507, default 10000. */
  readonly maxPacketBytes?: number;
  /** Size of the send queue, 0..16 MiB, default 256 KiB. */
  readonly sendQueueBytes?: number;
}

/** Counters and fill of one socket. */
export interface UdpStatus {
  /** Datagrams handed over. */
  readonly received: number;
  /** Datagrams the kernel took. */
  readonly sent: number;
  /** Datagrams the kernel dropped because the receive buffer was full, modulo 2^32. While `deliverFirst` has it drop some, all count as `shed`. */
  readonly dropped: number;
  /** Datagrams discarded for being longer than `maxPacketBytes`. */
  readonly oversized: number;
  /** First messages that there was no room for, see `admitFirst`, or that the kernel was told to drop, see `deliverFirst`. */
  readonly shed: number;
  /** Datagrams handed to other shards. */
  readonly forwarded: number;
  /** Datagrams for other shards that had no room for them. */
  readonly forwardDrops: number;
  /** Failed attempts to read. */
  readonly receiveErrors: number;
  /** Datagrams the kernel refused to send, or that found the queue full. */
  readonly sendErrors: number;
  /** Octets in the kernel's receive queue with its overhead, comparable to `bufferBytes`. */
  readonly queuedBytes: number;
  /** Size of the receive buffer. */
  readonly bufferBytes: number;
}

/** The addon's class. Only `UdpSocket` uses it; a test may pass a fake in its place. */
export interface NativeUdpSocket extends NativeSlots {
  readonly sendSlab: ArrayBuffer;
  readonly port: number;
  /** -1 once closed. */
  readonly fd: number;
  /** @returns octets still queued */
  flush(): number;
  status(): UdpStatus;
  close(): void;
  deliverFirst(share: number): void;
  allowSharing(): void;
  attachSteering(steering: SteeringKey & { readonly natT: boolean }): void;
  forward(steering: ForwardingKey, shard: number, outbox: NativeDatagramOutbox): void;
}

/** Opens the socket. @throws {Error} with `code` (errno name) and `syscall`; {TypeError} for options out of range */
export type NativeUdpSocketConstructor = new (options: UdpSocketOptions) => NativeUdpSocket;
