import { IkeAuth, IkeKeymat, parseProposal, proposalsToWire } from "@cygnet/crypto";
import type { IkeSuite } from "@cygnet/crypto";
import {
  AuthMethod,
  ConfigAttributeType,
  ConfigType,
  ExchangeType,
  IdType,
  IkeFlags,
  NotifyType,
  PayloadType,
  ProtectedLayout,
  ProtocolId,
  TrafficSelectorType,
  Writer,
  beginProtected,
  openedPayload,
  parsePayloads,
} from "@cygnet/wire";
import type { IkeHeader, Message, MessageHead, Payload, WireTrafficSelector } from "@cygnet/wire";
import { ESP_PROPOSAL, ikeProposals, loadSuite, rng } from "./load-suite.js";
import { InitRequests } from "./init-requests.js";
import type { EndPoint } from "./init-requests.js";
import type { PacedSession } from "./paced-session.js";

const PSK = new TextEncoder().encode("default-psk");
const RESPONDER_ID = "srv.strongswan.org";
const NONE = new Uint8Array(0);
const LARGEST_MESSAGE = 4096;
const ID_HEADER_BYTES = 4;

/** Writes the requests of an initiator, and reads what the responder answers: PSK, a virtual IP, a CHILD_SA in the IKE_AUTH exchange. */
export class PeerMessages {
  readonly #suite: IkeSuite = loadSuite();
  readonly #keymat = new IkeKeymat(rng);
  readonly #auth = new IkeAuth();
  readonly #writer = new Writer(new Uint8Array(LARGEST_MESSAGE));
  readonly #layout = new ProtectedLayout();
  readonly #inits: InitRequests;
  readonly #espProposal = parseProposal(ProtocolId.ESP, ESP_PROPOSAL);

  constructor(own: EndPoint, peer: EndPoint) {
    const sa = { type: PayloadType.SA as const, proposals: ikeProposals() };
    this.#inits = new InitRequests(sa, own, peer);
  }

  /** The IKE_SA_INIT request, the same each time. Valid until the next call. */
  initRequest(session: PacedSession): Uint8Array {
    return this.#inits.of(session);
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
      nonceInitiator: this.#inits.nonceOf(session),
      nonceResponder: nonce.data,
      sharedSecret: ke.data,
      spiInitiatorHi: session.spiHi,
      spiInitiatorLo: session.spiLo,
      spiResponderHi: session.peerSpiHi,
      spiResponderLo: session.peerSpiLo,
    });
    session.messageId = 1;
    return this.#seal(session, ExchangeType.IKE_AUTH, this.authPayloads(session, nonce.data));
  }

  /** The next INFORMATIONAL request of an IKE_SA that is up: one that asks whether the responder is there, or one that ends it. */
  informational(session: PacedSession, isDelete: boolean): Uint8Array {
    session.messageId++;
    return this.#seal(session, ExchangeType.INFORMATIONAL, isDelete ? [DELETE_IKE_SA] : []);
  }

  /** Whether it is the responder's answer to the session's request. @param message of the whole datagram; opened in place */
  isAnswer(session: PacedSession, message: Uint8Array, response: Message): boolean {
    return response.header.messageId === session.messageId && this.#open(session, message, response);
  }

  /** Whether an IKE_AUTH response leaves us with an IKE_SA and a CHILD_SA. @param message of the whole datagram; opened in place */
  isEstablished(session: PacedSession, message: Uint8Array, response: Message): boolean {
    return (
      this.#open(session, message, response) &&
      response.payload(PayloadType.AUTH) !== undefined &&
      response.payload(PayloadType.SA) !== undefined
    );
  }

  /** What is inside of the IKE_AUTH request. */
  authPayloads(session: PacedSession, nonceOther: Uint8Array): Payload[] {
    const name = new TextEncoder().encode(`c${session.number}-r1.strongswan.org`);
    const idBody = new Uint8Array(ID_HEADER_BYTES + name.length);
    idBody[0] = IdType.ID_FQDN;
    idBody.set(name, ID_HEADER_BYTES);
    const value = new Uint8Array(this.#suite.prf.outputBytes);
    const input = { byInitiator: true, initMessage: this.#inits.of(session), nonceOther, idBody };
    this.#auth.psk(this.#suite, session.keys, input, PSK, value);
    // An SPI below 256 is reserved.
    const spi = new Uint8Array(4);
    new Writer(spi).u32((0x8000_0000 | session.number) >>> 0);
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

  #open(session: PacedSession, message: Uint8Array, response: Message): boolean {
    const { encrypted } = response;
    if (encrypted === undefined || !this.#keymat.open(this.#suite, session.keys, false, message, encrypted.at)) return false;
    const { ivBytes, icvBytes } = this.#suite;
    const { start, end } = openedPayload(message, encrypted.at, ivBytes, icvBytes, encrypted.end);
    response.addProtected(parsePayloads(encrypted.firstPayload, message, start, end));
    return true;
  }

  #seal(session: PacedSession, exchangeType: ExchangeType, payloads: readonly Payload[]): Uint8Array {
    const layout = this.#layout;
    beginProtected(this.#writer.reset(), head(session, exchangeType), payloads, this.#suite, layout);
    const message = this.#writer.bytes.slice(layout.start, layout.end);
    this.#keymat.seal(this.#suite, session.keys, true, message, layout.ivAt - layout.start);
    return message;
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

const DELETE_IKE_SA: Payload = { type: PayloadType.DELETE, protocol: ProtocolId.IKE, spis: [] };

function head({ spiHi, spiLo, peerSpiHi, peerSpiLo, messageId }: PacedSession, exchangeType: ExchangeType): MessageHead {
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
