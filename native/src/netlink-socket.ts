import { loadBinding } from "./binding.js";
import { attempt, NativeError } from "./native-error.js";
import { pinned } from "./received-slots.js";

/** Netlink protocols, linux/netlink.h. */
export const NETLINK_ROUTE = 0;
export const NETLINK_XFRM = 6;

/** How a netlink socket is opened. */
export interface NetlinkSocketOptions {
  /** `NETLINK_ROUTE`, `NETLINK_XFRM`. */
  readonly protocol: number;
  /** Numbers of the multicast groups to join (not bits), for a socket that reads events. */
  readonly groups?: Uint32Array;
  /** Wished receive buffer in octets, beyond net.core.rmem_max where CAP_NET_ADMIN allows it; 0, the default, leaves the system's. */
  readonly receiveBufferBytes?: number;
  /** Room for the requests of one `exchange`, 0..16 MiB; 0, the default, for a socket that only reads events. */
  readonly requestBytes?: number;
  /** Room for answers or events, 32 KiB..16 MiB, default 128 KiB. What does not fit comes with the next `receive` or callback. */
  readonly answerBytes?: number;
}

/** The addon's class. Only `NetlinkSocket` uses it; a test may pass a fake in its place. */
export interface NativeNetlinkSocket {
  readonly requests: ArrayBuffer;
  readonly answers: ArrayBuffer;
  readonly portId: number;
  readonly outstanding: number;
  send(bytes: number, firstSequence: number, count: number): void;
  receive(timeoutMs: number): number;
  start(callback: (octets: number) => void): void;
  close(): void;
}

/** Opens the socket. @throws {Error} with `code` (errno name) and `syscall`; {TypeError} for options out of range */
export type NativeNetlinkSocketConstructor = new (options: NetlinkSocketOptions) => NativeNetlinkSocket;

/**
 * A netlink socket through memory shared with the addon, for one of two uses: requests, which the kernel answers while they are sent, or
 * events of multicast groups, which the event loop delivers. Messages of other processes than the kernel are discarded.
 *
 * Not for use across threads; each opens its own.
 */
export class NetlinkSocket {
  /** Requests are written here, one after the other, each aligned to 4 octets. */
  readonly requests: Uint8Array;
  /** Answers and events are read here, valid until the next `receive` or callback. */
  readonly answers: Uint8Array;
  /** The address the kernel gave the socket. */
  readonly portId: number;
  readonly #native: NativeNetlinkSocket;

  /** @throws {NativeError} EPROTONOSUPPORT for a protocol that the kernel lacks, EPERM for a group; {TypeError} for an option out of range */
  constructor(options: NetlinkSocketOptions, Native: NativeNetlinkSocketConstructor = nativeClass()) {
    this.#native = attempt(() => new Native(options));
    this.requests = new Uint8Array(pinned(this.#native.requests));
    this.answers = new Uint8Array(pinned(this.#native.answers));
    this.portId = this.#native.portId;
  }

  /** Requests sent whose answer has not come yet. */
  get outstanding(): number {
    return this.#native.outstanding;
  }

  /**
   * Sends `count` requests, the first `bytes` of `requests`, with consecutive sequence numbers from `firstSequence` on. Each must have
   * NLM_F_ACK or NLM_F_DUMP set, so that it has a last answer. What is outstanding of earlier ones is forgotten.
   * @throws {NativeError}
   */
  send(bytes: number, firstSequence: number, count: number): void {
    attempt(() => this.#native.send(bytes, firstSequence, count));
  }

  /**
   * Waits for answers, which are in `answers` then: of all outstanding requests, or as many as there is room for. Late answers to forgotten
   * requests may be among them.
   * @returns their octets
   * @throws {NativeError} ETIMEDOUT when none came for `timeoutMs`; what came is lost then
   */
  receive(timeoutMs: number): number {
    return attempt(() => this.#native.receive(timeoutMs));
  }

  /**
   * Begins to deliver events: so many octets of `answers`, valid during the call. A message of type NLMSG_OVERRUN stands for events that were
   * lost, because nobody read in time.
   */
  start(callback: (octets: number) => void): void {
    attempt(() => this.#native.start(callback));
  }

  /** More calls do nothing. */
  close(): void {
    this.#native.close();
  }
}

function nativeClass(): NativeNetlinkSocketConstructor {
  const binding = loadBinding<{ readonly NetlinkSocket?: NativeNetlinkSocketConstructor }>();
  if (!binding.NetlinkSocket)
    throw new NativeError("dlsym", "ENOSYS", "the addon was built without netlink sockets: build it again");
  return binding.NetlinkSocket;
}
