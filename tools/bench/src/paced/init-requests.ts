import { randomFillSync } from "node:crypto";
import { NativeHasher } from "@cygnet/native";
import {
  ExchangeType,
  IKE_HEADER_BYTES,
  IkeFlags,
  KeyExchangeMethod,
  NotifyType,
  PayloadType,
  Writer,
  generateMessage,
} from "@cygnet/wire";
import type { NotifyPayload, SaPayload } from "@cygnet/wire";
import type { PacedSession } from "./paced-session.js";

const NONE = new Uint8Array(0);
const LARGEST_REQUEST = 1024;
const NONCE_BYTES = 32;
const HASH_BYTES = 20;
const NOTIFY_HEADER_BYTES = 8;
/** In the header of a message. */
const NEXT_PAYLOAD_AT = 16;
const LENGTH_AT = 24;

/**
 * Our public value is g^1 = 2, so that the shared secret is the responder's value itself: the responder works as ever, and we need no
 * exponentiation, which is what lets one CPU here offer several times what one can take there.
 */
const PUBLIC_VALUE = new Uint8Array(96);
PUBLIC_VALUE[95] = 2;

/** An address and a port, as NAT detection hashes them. */
export interface EndPoint {
  readonly address: Uint8Array;
  readonly port: number;
}

/**
 * IKE_SA_INIT requests: one that is made once, in which each session's own octets are put. They follow from the session's number, so that none is
 * kept: one that is needed again is made again, and is the same.
 */
export class InitRequests {
  readonly #input = new Uint8Array(64);
  readonly #writer = new Writer(this.#input);
  readonly #sha1 = new NativeHasher("SHA1");
  readonly #hash = new Uint8Array(HASH_BYTES);
  /** Of all sessions, but for the first four octets. */
  readonly #nonce = randomFillSync(new Uint8Array(NONCE_BYTES));
  readonly #template: Uint8Array;
  readonly #nonceAt: number;
  readonly #sourceAt: number;
  readonly #destinationAt: number;

  constructor(
    sa: SaPayload,
    private readonly own: EndPoint,
    private readonly peer: EndPoint,
  ) {
    const [source, destination] = [randomFillSync(new Uint8Array(HASH_BYTES)), randomFillSync(new Uint8Array(HASH_BYTES))];
    const writer = new Writer(new Uint8Array(LARGEST_REQUEST));
    const length = generateMessage(writer, HEAD, [
      sa,
      { type: PayloadType.KE, method: KeyExchangeMethod.MODP_768_BIT, data: PUBLIC_VALUE },
      { type: PayloadType.NONCE, data: this.#nonce },
      notify(NotifyType.NAT_DETECTION_SOURCE_IP, source),
      notify(NotifyType.NAT_DETECTION_DESTINATION_IP, destination),
      notify(NotifyType.FRAGMENTATION_SUPPORTED, NONE),
    ]);
    const template = Buffer.from(writer.bytes.subarray(0, length));
    this.#template = template;
    this.#nonceAt = template.indexOf(this.#nonce);
    this.#sourceAt = template.indexOf(source);
    this.#destinationAt = template.indexOf(destination);
  }

  nonceOf({ number }: PacedSession): Uint8Array {
    const nonce = this.#nonce.slice();
    this.#writer.reset(nonce).u32(number);
    return nonce;
  }

  /** The request of a session, with its cookie if it was asked for one. Valid until the next call. */
  of(session: PacedSession): Uint8Array {
    const { spiHi, spiLo, number, cookie } = session;
    const request = this.#template;
    const writer = this.#writer;
    writer.reset(request).u32(spiHi).u32(spiLo);
    writer.reset(request, this.#nonceAt).u32(number);
    request.set(this.#natHash(session, this.own), this.#sourceAt);
    request.set(this.#natHash(session, this.peer), this.#destinationAt);
    return cookie.length === 0 ? request : withCookie(request, cookie);
  }

  /** RFC 7296 section 2.23, in a request for a new IKE_SA: SHA-1 of SPIs, address and port. */
  #natHash({ spiHi, spiLo }: PacedSession, { address, port }: EndPoint): Uint8Array {
    const writer = this.#writer.reset(this.#input).u32(spiHi).u32(spiLo).zeros(8).copy(address).u16(port);
    this.#sha1.hash(this.#input.subarray(0, writer.offset), this.#hash);
    return this.#hash;
  }
}

const HEAD = {
  spiInitiatorHi: 0,
  spiInitiatorLo: 0,
  spiResponderHi: 0,
  spiResponderLo: 0,
  exchangeType: ExchangeType.IKE_SA_INIT,
  flags: IkeFlags.INITIATOR,
  messageId: 0,
};

/** The same request with the cookie in front of all, RFC 7296 section 2.6. */
function withCookie(request: Uint8Array, cookie: Uint8Array): Uint8Array {
  const bytes = NOTIFY_HEADER_BYTES + cookie.length;
  const longer = new Uint8Array(request.length + bytes);
  longer.set(request.subarray(0, IKE_HEADER_BYTES));
  longer.set(request.subarray(IKE_HEADER_BYTES), IKE_HEADER_BYTES + bytes);
  longer[NEXT_PAYLOAD_AT] = PayloadType.NOTIFY;
  new Writer(longer).reset(longer, LENGTH_AT).u32(longer.length);
  const notifyAt = new Writer(longer).reset(longer, IKE_HEADER_BYTES);
  notifyAt.u8(request[NEXT_PAYLOAD_AT]).u8(0).u16(bytes).u8(0).u8(0).u16(NotifyType.COOKIE).copy(cookie);
  return longer;
}

function notify(notifyType: NotifyType, data: Uint8Array): NotifyPayload {
  return { type: PayloadType.NOTIFY, protocol: 0, spi: NONE, notifyType, data };
}
