import { markAsUntransferable } from "node:worker_threads";
import { attempt } from "./native-error.js";
import * as at from "./udp-layout.js";

/**
 * Gets the slots of one batch: the first `count` entries of `slots`. The array is reused for the next batch; each slot is the receiver's
 * until `release(slot)`.
 */
export type ReceiveSlots = (slots: Int32Array, count: number) => void;

/** Datagrams of one batch at most. */
export const MAX_DELIVERED = at.DELIVERED;

/** The addon's side of something that delivers datagrams in slots. */
export interface NativeSlots {
  /** Each read makes a new ArrayBuffer over the same memory. Valid for as long as it is referenced, also after `close()`. */
  readonly control: ArrayBuffer;
  readonly receiveSlab: ArrayBuffer;
  start(callback: (count: number) => void): void;
  resume(): void;
}

/**
 * Datagrams as they are received, in numbered **slots** of memory that is shared with the addon.
 *
 * `data(slot)` and the accessors are valid from the callback that named the slot until `release(slot)`, which must be called exactly once; a
 * view kept longer shows a later datagram, never freed memory. While no slot is free nothing is read.
 */
export class ReceivedSlots {
  readonly slots: number;
  readonly maxPacketBytes: number;
  /** The words of `udp-layout.ts`. */
  protected readonly control: Int32Array;

  readonly #native: NativeSlots;
  readonly #batch: Int32Array;
  readonly #headers32: Int32Array;
  readonly #headers16: Uint16Array;
  readonly #slotWords: number;
  readonly #data: readonly Uint8Array[];
  readonly #bytes: Uint8Array;

  protected constructor(native: NativeSlots, slots: number, maxPacketBytes: number) {
    this.#native = native;
    this.slots = slots;
    this.maxPacketBytes = maxPacketBytes;
    this.control = new Int32Array(pinned(native.control));
    this.#batch = this.control.subarray(at.FREE_STACK + slots, at.FREE_STACK + slots + at.DELIVERED);
    const received = pinned(native.receiveSlab);
    // Signed: an int32 never needs a heap number.
    this.#headers32 = new Int32Array(received);
    this.#headers16 = new Uint16Array(received);
    this.#bytes = new Uint8Array(received);
    const slotBytes = at.HEADER_BYTES + at.alignUp(maxPacketBytes);
    this.#slotWords = slotBytes / 4;
    this.#data = Array.from(
      { length: slots },
      (_, slot) => new Uint8Array(received, slot * slotBytes + at.HEADER_BYTES, maxPacketBytes),
    );
  }

  /**
   * Begins to read; `receive` runs once per batch of at most {@link MAX_DELIVERED}, and may close what it reads from. Keeps the event loop alive until `close`.
   * @throws {NativeError} EBADF when closed, EALREADY when started before, EINVAL without slots
   */
  start(receive: ReceiveSlots): void {
    const batch = this.#batch;
    attempt(() => this.#native.start((count) => receive(batch, count)));
  }

  /**
   * Says how many messages that begin an IKE_SA there is room for, until this is called again; more of them are dropped and counted
   * (`shed`) before they cost anything here. Without a call, all are delivered.
   *
   * @param plain IKE_SA_INIT requests without a COOKIE in front, and the first messages of IKEv1; at least 0
   * @param withCookie IKE_SA_INIT requests with something like a COOKIE, which has yet to be verified
   */
  admitFirst(plain: number, withCookie: number): void {
    this.control[at.FIRST_ROOM] = plain;
    this.control[at.COOKIE_ROOM] = withCookie;
  }

  /** IKE_SA_INIT requests without a COOKIE, and first messages of IKEv1, that were handed over so far, modulo 2^32; cheap. */
  get firstAdmitted(): number {
    return this.control[at.FIRST_ADMITTED];
  }

  /** Those that were shed, modulo 2^32; cheap. */
  get firstShed(): number {
    return this.control[at.FIRST_SHED];
  }

  /** The payload memory of a slot, always the same view: `maxPacketBytes` octets of which `length(slot)` are the datagram. Writable. */
  data(slot: number): Uint8Array {
    return this.#data[slot];
  }

  /** Octets of the datagram, 0..maxPacketBytes. */
  length(slot: number): number {
    return this.#headers32[slot * this.#slotWords];
  }

  familyOf(slot: number): 4 | 6 {
    return this.#bytes[slot * this.#slotWords * 4 + at.FAMILY_AT] === 6 ? 6 : 4;
  }

  sourcePort(slot: number): number {
    return this.#headers16[slot * this.#slotWords * 2 + at.SOURCE_PORT_AT / 2];
  }

  /** The port of the socket that received the datagram. */
  destinationPort(slot: number): number {
    return this.#headers16[slot * this.#slotWords * 2 + at.DESTINATION_PORT_AT / 2];
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
    const { control } = this;
    const count = control[at.FREE_COUNT];
    if (count >= this.slots || slot >= this.slots || slot < 0) throw new RangeError(`slot ${slot} is not held`);
    control[at.FREE_STACK + count] = slot;
    control[at.FREE_COUNT] = count + 1;
    if (control[at.PAUSED] !== 0) this.#native.resume();
  }

  #address(slot: number, offset: number): Uint8Array {
    const start = slot * this.#slotWords * 4 + offset;
    return this.#bytes.slice(start, start + (this.familyOf(slot) === 4 ? 4 : 16));
  }
}

/** Transferring a slab to another thread would let it outlive the memory behind it. */
export function pinned(buffer: ArrayBuffer): ArrayBuffer {
  markAsUntransferable(buffer);
  return buffer;
}
