import { getSystemErrorName } from "node:util";
import { loadBinding } from "./binding.js";
import type { DatagramOutbox } from "./datagram-outbox.js";
import { attempt, NativeError } from "./native-error.js";
import type { NativeUdpSocket, NativeUdpSocketConstructor, UdpSocketOptions, UdpStatus } from "./native-udp-socket.js";
import { pinned, ReceivedSlots } from "./received-slots.js";
import type { ForwardingKey, SteeringKey } from "./steering.js";
import * as at from "./udp-layout.js";

const DEFAULT_SLOTS = 256;
const DEFAULT_MAX_PACKET = 10_000;

/** Where a datagram goes, as `UdpSocket.send` takes it. Addresses have the octets of the socket's family. */
export interface SendTarget {
  readonly address: Uint8Array;
  readonly port: number;
  /** Scope of a link-local destination, 0 or undefined otherwise. */
  readonly scopeId?: number;
}

/**
 * A UDP socket that moves datagrams in batches through memory shared with the addon. While no slot is free nothing is read, so that the
 * kernel's queue fills and its drops are counted.
 *
 * Not for use across threads; each environment opens its own, or adopts a descriptor (`fd`).
 */
export class UdpSocket extends ReceivedSlots {
  readonly family: 4 | 6;
  /** The bound port. */
  readonly port: number;

  readonly #native: NativeUdpSocket;
  readonly #sendBytes: Uint8Array;
  readonly #send16: Uint16Array;
  readonly #send32: Uint32Array;
  #queuedCount = 0;
  #overflows = 0;
  #closed = false;

  /**
   * Opens and binds at once; nothing is read before `start`.
   *
   * @throws {NativeError} with the errno of what failed: EADDRINUSE, EACCES (port below 1024), EADDRNOTAVAIL, EAFNOSUPPORT, EPERM (mark)
   * @throws {TypeError} for an option out of its range
   */
  constructor(options: UdpSocketOptions, Native: NativeUdpSocketConstructor = nativeClass()) {
    const { slots = DEFAULT_SLOTS, maxPacketBytes = DEFAULT_MAX_PACKET } = options;
    const native = attempt(() => new Native({ ...options, slots, maxPacketBytes }));
    super(native, slots, maxPacketBytes);
    this.#native = native;
    this.family = options.family;
    this.port = native.port;
    const sent = pinned(this.#native.sendSlab);
    const whole = sent.byteLength - (sent.byteLength % at.ALIGN);
    this.#sendBytes = new Uint8Array(sent, 0, whole);
    this.#send16 = new Uint16Array(sent, 0, whole / 2);
    this.#send32 = new Uint32Array(sent, 0, whole / 4);
  }

  /** Descriptor number, for another thread to adopt or for socket options; -1 once closed. It stays this object's to close. */
  get fd(): number {
    return this.#native.fd;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Lets others that ask for `reusePort` join the port, which this socket was bound to alone. @throws {NativeError} */
  allowSharing(): void {
    attempt(() => this.#native.allowSharing());
  }

  /**
   * Has the kernel drop first messages without a COOKIE, as `admitFirst` counts them, all but a share that is picked by chance: dropping them
   * there costs this process nothing.
   * @param share 0..1; 1, as in the beginning, delivers all
   * @throws {NativeError} when the kernel takes no filter
   */
  deliverFirst(share: number): void {
    attempt(() => this.#native.deliverFirst(share));
  }

  /**
   * Has the kernel give each datagram of the socket's group to the socket whose index, its order of binding, is the datagram's shard.
   * @throws {NativeError} when the kernel does not take the program
   */
  attachSteering(key: SteeringKey, natT: boolean): void {
    attempt(() => this.#native.attachSteering({ ...key, natT }));
  }

  /**
   * From now on datagrams for other shards than `shard` go to them by `outbox`, and are not received here.
   * @throws {TypeError} when the key names more shards than the outbox, or fewer
   * @throws {NativeError} EBADF when either is closed
   */
  forward(key: ForwardingKey, shard: number, outbox: DatagramOutbox): void {
    attempt(() => this.#native.forward(key, shard, outbox.native));
  }

  /**
   * Queues one datagram; `data` is copied. It leaves with `flush()`, or when 64 are waiting.
   *
   * A full queue (the kernel takes nothing more) drops the datagram and counts a send error: UDP may lose any. Nothing happens once closed.
   *
   * @param source our address, or undefined for the kernel's choice
   * @param trafficClass IPv4 TOS or IPv6 traffic class octet: DSCP times 4
   * @param interfaceIndex outgoing interface, 0 for the kernel's choice
   * @throws {RangeError} when an address is not of the socket's family or `data` exceeds 65507 octets
   */
  send(data: Uint8Array, target: SendTarget, source: Uint8Array | undefined, trafficClass = 0, interfaceIndex = 0): void {
    if (this.#closed) return;
    const addressBytes = this.family === 4 ? 4 : 16;
    if (target.address.length !== addressBytes || (source !== undefined && source.length !== addressBytes))
      throw new RangeError(`an address of another family on an IPv${this.family} socket`);
    if (data.length > at.MAX_DATAGRAM_BYTES) throw new RangeError(`${data.length} octets do not fit into a datagram`);
    const size = at.HEADER_BYTES + at.alignUp(data.length);
    const offset = this.#reserve(size);
    if (offset < 0) {
      this.#overflows++;
      return;
    }
    const bytes = this.#sendBytes;
    bytes.fill(0, offset, offset + at.HEADER_BYTES);
    const word = offset >> 2;
    this.#send32[word] = data.length;
    bytes[offset + at.FAMILY_AT] = this.family;
    bytes[offset + at.TRAFFIC_CLASS_AT] = trafficClass;
    this.#send16[(offset + at.DESTINATION_PORT_AT) >> 1] = target.port;
    this.#send32[word + at.INTERFACE_AT / 4] = interfaceIndex;
    if (source !== undefined) copyAddress(bytes, offset + at.SOURCE_AT, source);
    copyAddress(bytes, offset + at.DESTINATION_AT, target.address);
    if (target.scopeId !== undefined) this.#send32[word + at.SCOPE_AT / 4] = target.scopeId;
    bytes.set(data, offset + at.HEADER_BYTES);
    this.control[at.SEND_TAIL] = offset + size;
    if (++this.#queuedCount >= at.BATCH) this.flush();
  }

  /** Hands the queued datagrams to the kernel. What it cannot take now stays queued and follows as soon as it can. */
  flush(): void {
    if (this.#queuedCount === 0) return;
    this.#queuedCount = 0;
    this.#native.flush();
  }

  /** Failed sends so far; cheap, to be compared with the last value seen. */
  get sendErrors(): number {
    return (this.control[at.SEND_ERRORS] >>> 0) + this.#overflows;
  }

  /** Datagrams discarded so far for being longer than `maxPacketBytes`, modulo 2^32; cheap. */
  get oversized(): number {
    return this.control[at.OVERSIZED] >>> 0;
  }

  /** Name of the latest send error (`ENETUNREACH`), ENOBUFS when only our queue was full, empty when there was none. */
  get sendErrorName(): string {
    const errno = this.control[at.SEND_ERRNO];
    if (errno > 0) return getSystemErrorName(-errno);
    return this.#overflows > 0 ? "ENOBUFS" : "";
  }

  /** Costs three system calls. After `close` the counters stay readable and the queue is empty. */
  status(): UdpStatus {
    const status = this.#native.status();
    return { ...status, sendErrors: status.sendErrors + this.#overflows };
  }

  /**
   * Closes the descriptor, of an adopted socket its own, after one last attempt to send what is queued. More calls do nothing. Slots that are still
   * held stay readable and may be released as before.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
  }

  /** Room for `size` octets at the tail of the send queue, or -1. */
  #reserve(size: number): number {
    let tail = this.control[at.SEND_TAIL];
    if (tail + size > this.#sendBytes.length) {
      this.#queuedCount = 0;
      this.#native.flush();
      tail = this.control[at.SEND_TAIL];
      if (tail + size > this.#sendBytes.length) return -1;
    }
    return tail;
  }
}

/** Octet by octet: for 4 to 16 of them a call to `set` costs more. */
function copyAddress(out: Uint8Array, offset: number, address: Uint8Array): void {
  for (let i = 0; i < address.length; i++) out[offset + i] = address[i];
}

function nativeClass(): NativeUdpSocketConstructor {
  const binding = loadBinding<{ readonly UdpSocket?: NativeUdpSocketConstructor }>();
  if (!binding.UdpSocket) throw new NativeError("dlsym", "ENOSYS", "the addon was built without UDP sockets: build it again");
  return binding.UdpSocket;
}
