import { IkeAuth, IkeKeymat, parseProposal, proposalsToWire } from "@cygnet/crypto";
import type { IkeSuite } from "@cygnet/crypto";
import { NativeHasher } from "@cygnet/native";
import {
  AuthMethod,
  ConfigAttributeType,
  ConfigType,
  ExchangeType,
  IdType,
  IkeFlags,
  KeyExchangeMethod,
  NotifyType,
  PayloadType,
  ProtectedLayout,
  ProtocolId,
  TrafficSelectorType,
  Writer,
  beginProtected,
  generateMessage,
  openedPayload,
  parsePayloads,
} from "@cygnet/wire";
import type { IkeHeader, Message, MessageHead, NotifyPayload, Payload, WireTrafficSelector } from "@cygnet/wire";
import { ESP_PROPOSAL, loadSuite, rng } from "./load-suite.js";
import type { PacedSession } from "./paced-session.js";

const PSK = new TextEncoder().encode("default-psk");
const RESPONDER_ID = "srv.strongswan.org";
const NONE = new Uint8Array(0);
const LARGEST_MESSAGE = 4096;
const ID_HEADER_BYTES = 4;

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

/** Writes the requests of an initiator, and reads what the responder answers: PSK, a virtual IP, a CHILD_SA in the IKE_AUTH exchange. */
export class PeerMessages {
  readonly #suite: IkeSuite = loadSuite();
  readonly #keymat = new IkeKeymat(rng);
  readonly #auth = new IkeAuth();
  readonly #sha1 = new NativeHasher("SHA1");
  readonly #writer = new Writer(new Uint8Array(LARGEST_MESSAGE));
  readonly #layout = new ProtectedLayout();
  readonly #ikeSa = {
    type: PayloadType.SA as const,
    proposals: proposalsToWire([this.#suite.proposal], NONE),
  };
  readonly #espProposal = parseProposal(ProtocolId.ESP, ESP_PROPOSAL);

  constructor(
    private readonly own: EndPoint,
    private readonly peer: EndPoint,
  ) {}

  /** @param cookie that the responder asked for */
  initRequest(session: PacedSession, cookie?: Uint8Array): Uint8Array {
    const payloads: Payload[] = [
      this.#ikeSa,
      { type: PayloadType.KE, method: KeyExchangeMethod.MODP_768_BIT, data: PUBLIC_VALUE },
      { type: PayloadType.NONCE, data: session.nonce },
      notify(NotifyType.NAT_DETECTION_SOURCE_IP, this.#natHash(session, this.own)),
      notify(NotifyType.NAT_DETECTION_DESTINATION_IP, this.#natHash(session, this.peer)),
      notify(NotifyType.FRAGMENTATION_SUPPORTED, NONE),
    ];
    if (cookie !== undefined) payloads.unshift(notify(NotifyType.COOKIE, cookie));
    const length = generateMessage(this.#writer.reset(), head(session, ExchangeType.IKE_SA_INIT, 0), payloads);
    return this.#writer.bytes.slice(0, length);
  }

  /** Takes the IKE_SA_INIT response in. @returns the IKE_AUTH request, undefined for a response that refuses */
  authRequest(session: PacedSession, response: Message): Uint8Array | undefined {
    const nonce = response.payload(PayloadType.NONCE);
    const ke = response.payload(PayloadType.KE);
    if (nonce === undefined || ke === undefined) return undefined;
    const { header } = response;
    session.peerSpiHi = header.spiResponderHi;
    session.peerSpiLo = header.spiResponderLo;
    session.keys = this.#keymat.derive(this.#suite, {
      nonceInitiator: session.nonce,
      nonceResponder: nonce.data,
      sharedSecret: ke.data,
      spiInitiatorHi: session.spiHi,
      spiInitiatorLo: session.spiLo,
      spiResponderHi: session.peerSpiHi,
      spiResponderLo: session.peerSpiLo,
    });
    return this.#seal(session, this.authPayloads(session, nonce.data));
  }

  /** Whether an IKE_AUTH response leaves us with an IKE_SA and a CHILD_SA. @param message of the whole datagram; opened in place */
  isEstablished(session: PacedSession, message: Uint8Array, response: Message): boolean {
    const { encrypted } = response;
    if (encrypted === undefined || !this.#keymat.open(this.#suite, session.keys, false, message, encrypted.at)) return false;
    const { ivBytes, icvBytes } = this.#suite;
    const { start, end } = openedPayload(message, encrypted.at, ivBytes, icvBytes, encrypted.end);
    response.addProtected(parsePayloads(encrypted.firstPayload, message, start, end));
    return response.payload(PayloadType.AUTH) !== undefined && response.payload(PayloadType.SA) !== undefined;
  }

  /** What is inside of the IKE_AUTH request. The session's `request` is still that of IKE_SA_INIT. */
  authPayloads(session: PacedSession, nonceOther: Uint8Array): Payload[] {
    const name = new TextEncoder().encode(`c${session.number}-r1.strongswan.org`);
    const idBody = new Uint8Array(ID_HEADER_BYTES + name.length);
    idBody[0] = IdType.ID_FQDN;
    idBody.set(name, ID_HEADER_BYTES);
    const value = new Uint8Array(this.#suite.prf.outputBytes);
    const input = { byInitiator: true, initMessage: session.request, nonceOther, idBody };
    this.#auth.psk(this.#suite, session.keys, input, PSK, value);
    const spi = session.nonce.slice(0, 4);
    // An SPI below 256 is reserved.
    spi[0] |= 0x80;
    return [
      { type: PayloadType.IDi, idType: IdType.ID_FQDN, data: name },
      { type: PayloadType.IDr, idType: IdType.ID_FQDN, data: new TextEncoder().encode(RESPONDER_ID) },
      { type: PayloadType.AUTH, method: AuthMethod.PSK, data: value },
      {
        type: PayloadType.CP,
        cfgType: ConfigType.CFG_REQUEST,
        attributes: [{ type: ConfigAttributeType.INTERNAL_IP4_ADDRESS, value: NONE }],
      },
      { type: PayloadType.SA, proposals: proposalsToWire([this.#espProposal], spi) },
      { type: PayloadType.TSi, selectors: [ANYTHING] },
      { type: PayloadType.TSr, selectors: [ANYTHING] },
    ];
  }

  #seal(session: PacedSession, payloads: readonly Payload[]): Uint8Array {
    const layout = this.#layout;
    beginProtected(this.#writer.reset(), head(session, ExchangeType.IKE_AUTH, 1), payloads, this.#suite, layout);
    const message = this.#writer.bytes.slice(layout.start, layout.end);
    this.#keymat.seal(this.#suite, session.keys, true, message, layout.ivAt - layout.start);
    return message;
  }

  /** RFC 7296 section 2.23, in a request for a new IKE_SA: SHA-1 of SPIs, address and port. */
  #natHash({ spiHi, spiLo }: PacedSession, { address, port }: EndPoint): Uint8Array {
    const input = this.#writer.reset().u32(spiHi).u32(spiLo).zeros(8).copy(address).u16(port);
    const hash = new Uint8Array(20);
    this.#sha1.hash(input.bytes.subarray(0, input.offset), hash);
    return hash;
  }
}

/** The cookie that a response asks for, undefined if it does not. */
export function cookieOf(response: Message): Uint8Array | undefined {
  return response.notify(NotifyType.COOKIE)?.data.slice();
}

/** Whether a datagram answers a request of this exchange. */
export function answers(header: IkeHeader, exchangeType: ExchangeType): boolean {
  return header.isResponse && header.exchangeType === exchangeType;
}

const ANYTHING: WireTrafficSelector = {
  tsType: TrafficSelectorType.TS_IPV4_ADDR_RANGE,
  protocol: 0,
  startPort: 0,
  endPort: 0xffff,
  startAddress: Uint8Array.of(0, 0, 0, 0),
  endAddress: Uint8Array.of(255, 255, 255, 255),
};

function notify(notifyType: NotifyType, data: Uint8Array): NotifyPayload {
  return { type: PayloadType.NOTIFY, protocol: 0, spi: NONE, notifyType, data };
}

function head({ spiHi, spiLo, peerSpiHi, peerSpiLo }: PacedSession, exchangeType: ExchangeType, messageId: number): MessageHead {
  return {
    spiInitiatorHi: spiHi,
    spiInitiatorLo: spiLo,
    spiResponderHi: peerSpiHi,
    spiResponderLo: peerSpiLo,
    exchangeType,
    flags: IkeFlags.INITIATOR,
    messageId,
  };
}
