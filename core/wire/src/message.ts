import { PayloadType } from "./constants/payload-type.js";
import { IkeHeader } from "./header.js";
import { IKE_HEADER_BYTES } from "./limits.js";
import { readChain } from "./payload-chain.js";
import type { EncryptedPayload } from "./payloads/encrypted-payload.js";
import type { NotifyPayload } from "./payloads/notify-payload.js";
import type { Payload, PayloadOf } from "./payloads/payload.js";
import { WireError } from "./wire-error.js";

/** No type of a notify. */
const NO_NOTIFY = -1;

/**
 * A parsed IKEv2 message. Byte fields of its payloads are views into the datagram, and into the buffer that its inside was
 * decrypted or reassembled in: valid only while those are.
 */
export class Message {
  /** The message's own copy of the header. */
  readonly header: IkeHeader;
  /** All payloads known so far: those in the clear, then, once `addProtected` was called, those from the inside. */
  readonly payloads: Payload[];
  /** How many of `payloads` came in the clear. */
  readonly clearCount: number;
  /** The still sealed SK or SKF payload, if the message has one. */
  readonly encrypted: EncryptedPayload | undefined;
  /** Type of the first unknown payload with its critical bit set; zero if there is none. What to do about it is up to the SA. */
  criticalUnknown = 0;
  /** Whether `addProtected` was called. */
  isOpened = false;
  // Tasks ask for some twenty payloads of each message. Payloads have a shape per type, so that looking at each again would be slow.
  readonly #types: number[] = [];
  readonly #notifyTypes: number[] = [];

  constructor(header: IkeHeader, payloads: Payload[], encrypted: EncryptedPayload | undefined) {
    this.header = header;
    this.payloads = payloads;
    this.clearCount = payloads.length;
    this.encrypted = encrypted;
    this.#index();
  }

  /** Takes in what `parsePayloads` made of the opened SK payload, or of the reassembled fragments. */
  addProtected(inner: readonly Payload[]): void {
    for (let i = 0; i < inner.length; i++) this.payloads.push(inner[i]);
    this.isOpened = true;
    this.#index();
  }

  #index(): void {
    for (let i = this.#types.length; i < this.payloads.length; i++) {
      const payload = this.payloads[i];
      this.#types.push(payload.type);
      this.#notifyTypes.push(payload.type === PayloadType.NOTIFY ? payload.notifyType : NO_NOTIFY);
      if (payload.type === PayloadType.UNKNOWN && payload.critical && this.criticalUnknown === 0)
        this.criticalUnknown = payload.payloadType;
    }
  }

  /** The type of the payload at an index of `payloads`. */
  typeAt(index: number): PayloadType {
    return this.#types[index];
  }

  /**
   * The first payload of a type at or behind an index, or undefined. To visit all of a type, go over `payloads` and switch on
   * their `type`.
   */
  payload<T extends Payload["type"]>(type: T, from = 0): PayloadOf<T> | undefined {
    const at = this.#types.indexOf(type, from);
    return at < 0 ? undefined : (this.payloads[at] as PayloadOf<T>);
  }

  /** The first notify of a type, or undefined. */
  notify(notifyType: number): NotifyPayload | undefined {
    const at = this.#notifyTypes.indexOf(notifyType);
    return at < 0 ? undefined : (this.payloads[at] as NotifyPayload);
  }
}

/**
 * Parses the clear part of an IKEv2 message: all payloads up to an SK or SKF payload, which is described in `encrypted`. Which
 * payloads an exchange permits is asked of `checkMessage`, after the inside was opened.
 *
 * @param bytes holds the message from its first octet on; may be longer than the datagram
 * @param length octets of the datagram
 * @param header what `parseHeader` made of the same datagram; it is copied
 * @throws {WireError} for anything malformed; CYG_WIRE_VERSION for another major version than 2
 */
export function parseMessage(bytes: Uint8Array, length: number, header: IkeHeader): Message {
  if (header.majorVersion !== 2) throw new WireError("CYG_WIRE_VERSION", "major version", 17);
  if (length < IKE_HEADER_BYTES) throw new WireError("CYG_WIRE_TRUNCATED", "IKE header", Math.max(0, length));
  const payloads: Payload[] = [];
  const encrypted = readChain(header.nextPayload, bytes, IKE_HEADER_BYTES, length, true, payloads);
  return new Message(new IkeHeader().copyFrom(header), payloads, encrypted);
}
