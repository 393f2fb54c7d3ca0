import type { Host } from "./host.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/**
 * One received datagram in a slot of the socket's slab. Valid until `release`; nobody may keep `data` longer.
 */
export interface Packet {
  /** The whole slot; the datagram is the first `length` octets. Writable: payloads are decrypted in place. */
  readonly data: Uint8Array;
  readonly length: number;
  readonly source: Host;
  /** Our address and port the datagram was sent to (packet info), not the wildcard we bound. */
  readonly destination: Host;
  /** Gives the slot back to the socket. Exactly once. */
  release(): void;
}

/** Counters of one kernel socket, or of the ring that other shards put datagrams into. */
export interface SocketStatus {
  /** `0.0.0.0[500]`, or `other shards` */
  readonly local: string;
  /** Datagrams for this shard. */
  readonly received: number;
  /** Datagrams that this socket received for other shards, and handed to them. */
  readonly forwarded: number;
  readonly sent: number;
  /** Dropped by the kernel because the receive buffer was full (SO_RXQ_OVFL), or by other shards because the ring was. */
  readonly dropped: number;
  /** First messages that the socket dropped as there was no room for them (`Socket.admitFirst`). */
  readonly shed: number;
  readonly sendErrors: number;
  /** Octets waiting in the kernel's receive queue. */
  readonly queuedBytes: number;
  /** Size of the receive buffer the kernel granted, in octets. */
  readonly bufferBytes: number;
}

/**
 * Key of the function that spreads IKE_SAs over the shards by their SPIs, drawn anew whenever the daemon starts. Plain data, as all that
 * control hands to shards.
 */
export interface SteeringKey {
  readonly shards: number;
  /** Two random words of 32 bits, unsigned. */
  readonly word0: number;
  readonly word1: number;
}

/** Gets the datagrams of one batch; `packets` is reused after the call, the packets are not until released. */
export type ReceiveBatch = (packets: readonly Packet[], count: number) => void;

/**
 * Ports beside the two of a socket, open as long as somebody uses them. What is sent and received there has the non-ESP marker, unless the
 * peer's port is 500.
 */
export interface FurtherPorts {
  /**
   * Opens a port for both directions, or shares it where it is open.
   * @throws {SystemError} CYG_SOCKET_IN_USE, CYG_SOCKET_PRIVILEGE, CYG_SOCKET_LIMIT, CYG_SOCKET_OPEN
   */
  use(family: 4 | 6, port: number): void;
  /** Undoes one `use`; the last one closes the port, after what was queued there. */
  release(family: 4 | 6, port: number): void;
}

/** UDP for IKE: feature `CUSTOM:socket`. */
export interface Socket {
  /** The bound port for plain IKE or behind NAT; 0 when there is none. */
  port(natT: boolean): number;
  supports(family: 4 | 6): boolean;
  /** Undefined where there are no ports but the two. */
  readonly furtherPorts?: FurtherPorts | undefined;
  /** Begins to deliver. Reading pauses while all slots are held, so the kernel's queue is the back pressure. */
  start(receive: ReceiveBatch): void;
  /**
   * Says for how many messages that begin an IKE_SA there is room until this is called again, at the end of a turn. A socket that can tell
   * drops more of them before they cost anything, and counts them (`shed`); one that cannot leaves this out, and the receiver drops them.
   *
   * @param plain first messages without a COOKIE
   * @param withCookie IKE_SA_INIT requests that bring one, verified or not
   */
  admitFirst?(plain: number, withCookie: number): void;
  /**
   * Queues one datagram; `data` is copied before the call returns. `source` selects the local address, and the socket by its port; an
   * `isAny` source leaves the address to the kernel. `dscp` is the 6 bit value of the IKE packets, 0 by default.
   * Failures are counted and logged once, not thrown: UDP may lose any datagram.
   */
  send(data: Uint8Array, source: Host, destination: Host, dscp: number): void;
  /** Hands the queued datagrams to the kernel, in one system call where it can. Called at the end of each turn. */
  flush(): void;
  status(): readonly SocketStatus[];
  close(): void;
}

/** The sockets of one address family and port, as control opened them for the shards. */
export interface SharedEndpoint {
  readonly family: 4 | 6;
  readonly natT: boolean;
  readonly port: number;
  /** By shard the descriptor that it duplicates and uses. */
  readonly fds: readonly number[];
}

/** What the shards of one daemon share of its sockets. Plain data: descriptors are numbers that all threads of the process know. */
export interface SharedSockets {
  readonly endpoints: readonly SharedEndpoint[];
  /** Shard 0 alone reads the endpoints; the others only send. */
  readonly hasOneReceiver: boolean;
  /** Where there are further ports: how many shards have which further port open. */
  readonly portUsers?: SharedArrayBuffer | undefined;
  /** By shard the descriptors of the ring that others put its datagrams into. */
  readonly inboxes: readonly { readonly memoryFd: number; readonly wakeFd: number }[];
}

/** A shard's place among those that share sockets. */
export interface SocketGroup {
  readonly shard: number;
  readonly key: SteeringKey;
  readonly shared: SharedSockets;
}

/** Shared sockets as control holds them: open until the last shard has ended, so that one that is replaced finds its place and its queue. */
export interface OpenedSockets {
  readonly shared: SharedSockets;
  close(): void;
}

/**
 * Holds the socket in use; the first one added wins, as in strongSwan.
 *
 * In a daemon of one shard, a socket plugin adds its socket, and the other members are undefined. With several shards its feature is registered
 * on control, where it calls `share`, and then on each shard, where it adds a socket made of its `group`.
 */
export interface SocketManager {
  /** Opens at once, so that a port in use fails this feature. @returns the undo @throws {SystemError} CYG_SOCKET_* */
  add(create: () => Socket): () => void;
  /** Undefined until a socket plugin registered one. */
  readonly socket: Socket | undefined;
  /** On a shard of several. */
  readonly group?: SocketGroup | undefined;
  /** On control of a daemon with several shards: opens for all of them, as `add` does. @returns the undo */
  readonly share?: ((open: (key: SteeringKey) => OpenedSockets) => () => void) | undefined;
}

export const SocketManager: ServiceToken<SocketManager> = serviceToken("SocketManager");
