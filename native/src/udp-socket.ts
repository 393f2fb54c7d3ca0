import { getSystemErrorName } from "node:util";
import { markAsUntransferable } from "node:worker_threads";
import { loadBinding } from "./binding.js";
import { asNativeError, NativeError } from "./native-error.js";
import type { NativeUdpSocket, NativeUdpSocketConstructor, UdpSocketOptions, UdpStatus } from "./native-udp-socket.js";
import * as at from "./udp-layout.js";

const DEFAULT_SLOTS = 256;
const DEFAULT_MAX_PACKET = 10_000;

/**
 * Gets the slots of one batch: the first `count` entries of `slots`. The array is reused for the next batch; each slot is the receiver's
 * until `release(slot)`.
 */
export type ReceiveSlots = (slots: Int32Array, count: number) => void;

/** Where a datagram goes, as `UdpSocket.send` takes it. Addresses have the octets of the socket's family. */
export interface SendTarget {
  readonly address: Uint8Array;
  readonly port: number;
  /** Scope of a link-local destination, 0 or undefined otherwise. */
  readonly scopeId?: number;
}

/**
 * A UDP socket that moves datagrams in batches through memory shared with the addon.
 *
 * Received datagrams stand in numbered **slots**. `data(slot)` and the accessors are valid from the callback that named the slot until
 * `release(slot)`, which must be called exactly once; a view kept longer shows a later datagram, never freed memory. While no slot is free
 * nothing is read, so that the kernel's queue fills and its drops are counted.
 *
 * Not for use across threads; each environment opens its own, or adopts a descriptor (`fd`).
 */
export class UdpSocket {
  readonly family: 4 | 6;
  /** The bound port. */
  readonly port: number;
  readonly slots: number;
  readonly maxPacketBytes: number;

  readonly #native: NativeUdpSocket;
  readonly #control: Int32Array;
  readonly #batch: Int32Array;
  readonly #headers32: Int32Array;
  readonly #headers16: Uint16Array;
  readonly #slotWords: number;
  readonly #data: readonly Uint8Array[];
  readonly #receiveBytes: Uint8Array;
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
    this.family = options.family;
    this.slots = options.slots ?? DEFAULT_SLOTS;
    this.maxPacketBytes = options.maxPacketBytes ?? DEFAULT_MAX_PACKET;
    this.#native = attempt(() => new Native({ ...options, slots: this.slots, maxPacketBytes: this.maxPacketBytes }));
    this.port = this.#native.port;

    this.#control = new Int32Array(pinned(this.#native.control));
    this.#batch = this.#control.subarray(at.FREE_STACK + this.slots, at.FREE_STACK + this.slots + at.BATCH);
    const received = pinned(this.#native.receiveSlab);
    // Signed: an int32 never needs a heap number.
    this.#headers32 = new Int32Array(received);
    this.#headers16 = new Uint16Array(received);
    this.#receiveBytes = new Uint8Array(received);
    const slotBytes = at.HEADER_BYTES + at.alignUp(this.maxPacketBytes);
    this.#slotWords = slotBytes / 4;
    this.#data = Array.from(
      { length: this.slots },
      (_, slot) => new Uint8Array(received, slot * slotBytes + at.HEADER_BYTES, this.maxPacketBytes),
    );
    const sent = pinned(this.#native.sendSlab);
    const whole = sent.byteLength - (sent.byteLength % at.ALIGN);
    this.#sendBytes = new Uint8Array(sent, 0, whole);
    this.#send16 = new Uint16Array(sent, 0, whole / 2);
    this.#send32 = new Uint32Array(sent, 0, whole / 4);
  }

  /** Descriptor number, for a shard to adopt or for socket options; -1 once closed. It stays this object's to close. */
  get fd(): number {
    return this.#native.fd;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Begins to read; `receive` runs once per batch of at most 64, and may close the socket. Keeps the event loop alive until `close`.
   * @throws {NativeError} EBADF when closed, EALREADY when started before, EINVAL for a socket without slots
   */
  start(receive: ReceiveSlots): void {
    const batch = this.#batch;
    attempt(() => this.#native.start((count) => receive(batch, count)));
  }

  /** The payload memory of a slot, always the same view: `maxPacketBytes` octets of which `length(slot)` are the datagram. Writable. */
  data(slot: number): Uint8Array {
    return this.#data[slot];
  }

  /** Octets of the datagram, 0..maxPacketBytes. */
  length(slot: number): number {
    return this.#headers32[slot * this.#slotWords];
  }

  sourcePort(slot: number): number {
    return this.#headers16[slot * this.#slotWords * 2 + at.SOURCE_PORT_AT / 2];
  }

  /** Index of the interface the datagram came in on. */
  interfaceIndex(slot: number): number {
    return this.#headers32[slot * this.#slotWords + at.INTERFACE_AT / 4];
  }

  /** Scope of a link-local source, 0 for others. */
  sourceScope(slot: number): number {
    return this.#headers32[slot * this.#slotWords + at.SCOPE_AT / 4] >>> 0;
  }

  /** Word 0..3 of the source address as it lies in memory, for use as a key only: its octet order is the machine's. */
  sourceWord(slot: number, word: number): number {
    return this.#headers32[slot * this.#slotWords + at.SOURCE_AT / 4 + word];
  }

  /** Like `sourceWord`, of the local address the datagram was sent to. */
  destinationWord(slot: number, word: number): number {
    return this.#headers32[slot * this.#slotWords + at.DESTINATION_AT / 4 + word];
  }

  /** A copy of the source address, 4 or 16 octets in network order. */
  sourceAddress(slot: number): Uint8Array {
    return this.#address(slot, at.SOURCE_AT);
  }

  /** A copy of the local address the datagram was sent to. */
  destinationAddress(slot: number): Uint8Array {
    return this.#address(slot, at.DESTINATION_AT);
  }

  /** Gives a slot back. Exactly once per slot received: the number of a free slot would be handed out twice. */
  release(slot: number): void {
    const control = this.#control;
    const count = control[at.FREE_COUNT];
    if (count >= this.slots || slot >= this.slots || slot < 0) throw new RangeError(`slot ${slot} is not held`);
    control[at.FREE_STACK + count] = slot;
    control[at.FREE_COUNT] = count + 1;
    if (control[at.PAUSED] !== 0) this.#native.resume();
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
    this.#control[at.SEND_TAIL] = offset + size;
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
    return (this.#control[at.SEND_ERRORS] >>> 0) + this.#overflows;
  }

  /** Datagrams discarded so far for being longer than `maxPacketBytes`, modulo 2^32; cheap. */
  get oversized(): number {
    return this.#control[at.OVERSIZED] >>> 0;
  }

  /** Name of the latest send error (`ENETUNREACH`), ENOBUFS when only our queue was full, empty when there was none. */
  get sendErrorName(): string {
    const errno = this.#control[at.SEND_ERRNO];
    if (errno > 0) return getSystemErrorName(-errno);
    return this.#overflows > 0 ? "ENOBUFS" : "";
  }

  /** Costs three system calls. After `close` the counters stay readable and the queue is empty. */
  status(): UdpStatus {
    const status = this.#native.status();
    return { ...status, sendErrors: status.sendErrors + this.#overflows };
  }

  /**
   * Closes the descriptor unless it was adopted, after one last attempt to send what is queued. More calls do nothing. Slots that are still
   * held stay readable and may be released as before.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.close();
  }

  /** Room for `size` octets at the tail of the send queue, or -1. */
  #reserve(size: number): number {
    let tail = this.#control[at.SEND_TAIL];
    if (tail + size > this.#sendBytes.length) {
      this.#queuedCount = 0;
      this.#native.flush();
      tail = this.#control[at.SEND_TAIL];
      if (tail + size > this.#sendBytes.length) return -1;
    }
    return tail;
  }

  #address(slot: number, offset: number): Uint8Array {
    const start = slot * this.#slotWords * 4 + offset;
    return this.#receiveBytes.slice(start, start + (this.family === 4 ? 4 : 16));
  }
}

/** Transferring a slab to another thread would let it outlive the memory behind it. */
function pinned(buffer: ArrayBuffer): ArrayBuffer {
  markAsUntransferable(buffer);
  return buffer;
}

/** Octet by octet: for 4 to 16 of them a call to `set` costs more. */
function copyAddress(out: Uint8Array, offset: number, address: Uint8Array): void {
  for (let i = 0; i < address.length; i++) out[offset + i] = address[i];
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asNativeError(error);
  }
}

function nativeClass(): NativeUdpSocketConstructor {
  const binding = loadBinding<{ readonly UdpSocket?: NativeUdpSocketConstructor }>();
  if (!binding.UdpSocket) throw new NativeError("dlsym", "ENOSYS", "the addon was built without UDP sockets: build it again");
  return binding.UdpSocket;
}
