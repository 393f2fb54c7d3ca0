import { IkeAuth, IkeKeymat, childKeyLengths, parseProposal } from "@cygnet/crypto";
import type { IkeKeyInput, IkeSuite } from "@cygnet/crypto";
import {
  IkeHeader,
  PayloadType,
  ProtocolId,
  Writer,
  generateMessage,
  generatePayloads,
  parseHeader,
  parseMessage,
  parsePayloads,
} from "@cygnet/wire";
import type { Message, Payload } from "@cygnet/wire";
import { ESP_PROPOSAL, gcmSuite, loadSuite, rng } from "../paced/load-suite.js";
import { PacedSession } from "../paced/paced-session.js";
import { PeerMessages } from "../paced/peer-messages.js";
import type { Subject } from "./subject.js";

const END = { address: Uint8Array.of(127, 0, 0, 1), port: 500 };
const NONCE = new Uint8Array(32).fill(7);
const PSK = new TextEncoder().encode("default-psk");
/** Header of an SK message up to its IV, and the plaintext of a usual IKE_AUTH message. */
const IV_AT = 32;
const TEXT_BYTES = 208;

const INPUT: IkeKeyInput = {
  nonceInitiator: NONCE,
  nonceResponder: NONCE,
  sharedSecret: new Uint8Array(96).fill(5),
  spiInitiatorHi: 1,
  spiInitiatorLo: 2,
  spiResponderHi: 3,
  spiResponderLo: 4,
};

/** The IKE_SA_INIT request of a load test. */
function initRequest(): Uint8Array {
  return new PeerMessages(END, END).initRequest(new PacedSession(1, 1));
}

function parsed(message: Uint8Array): Message {
  const header = new IkeHeader();
  parseHeader(message, message.length, header);
  return parseMessage(message, message.length, header);
}

/** What is inside of the IKE_AUTH request of a load test. */
function authPayloads(): Payload[] {
  const messages = new PeerMessages(END, END);
  const session = new PacedSession(1, 1);
  session.keys = new IkeKeymat(rng).derive(loadSuite(), INPUT);
  return messages.authPayloads(session, NONCE);
}

/** Parsing and generating. */
const codecSubjects: readonly Subject[] = [
  {
    name: "codec.ike_sa_init.parse",
    prepare: () => {
      const message = initRequest();
      const header = new IkeHeader();
      return () => {
        parseHeader(message, message.length, header);
        parseMessage(message, message.length, header);
      };
    },
  },
  {
    name: "codec.ike_sa_init.generate",
    prepare: () => {
      const { header, payloads } = parsed(initRequest());
      const writer = new Writer(new Uint8Array(4096));
      return () => void generateMessage(writer.reset(), header, payloads);
    },
  },
  {
    name: "codec.ike_auth.parse",
    prepare: () => {
      const writer = new Writer(new Uint8Array(4096));
      const length = generatePayloads(writer, authPayloads());
      return () => void parsePayloads(PayloadType.IDi, writer.bytes, 0, length);
    },
  },
  {
    name: "codec.ike_auth.generate",
    prepare: () => {
      const payloads = authPayloads();
      const writer = new Writer(new Uint8Array(4096));
      return () => void generatePayloads(writer.reset(), payloads);
    },
  },
];

/** Key derivation and authentication, of aes128-sha1. */
const keySubjects: readonly Subject[] = [
  {
    name: "keys.ike_sa",
    prepare: () => {
      const suite = loadSuite();
      const keymat = new IkeKeymat(rng);
      const into = new Uint8Array(suite.keyBlockBytes);
      return () => void keymat.derive(suite, INPUT, { into });
    },
  },
  {
    name: "keys.child_sa",
    prepare: () => {
      const suite = loadSuite();
      const keymat = new IkeKeymat(rng);
      const keys = keymat.derive(suite, INPUT);
      const lengths = childKeyLengths(parseProposal(ProtocolId.ESP, ESP_PROPOSAL));
      if (lengths === undefined) throw new Error("keys of unknown length");
      return () => void keymat.childKeys(suite, keys, { nonceInitiator: NONCE, nonceResponder: NONCE }, lengths);
    },
  },
  {
    name: "keys.psk_auth",
    prepare: () => {
      const suite = loadSuite();
      const keys = new IkeKeymat(rng).derive(suite, INPUT);
      const auth = new IkeAuth();
      const input = { byInitiator: true, initMessage: initRequest(), nonceOther: NONCE, idBody: NONCE };
      const value = new Uint8Array(suite.prf.outputBytes);
      return () => auth.psk(suite, keys, input, PSK, value);
    },
  },
];

/** Protection of messages. */
const protectionSubjects: readonly Subject[] = (
  [
    ["aes128-sha1", loadSuite],
    ["aes128gcm16", gcmSuite],
  ] as const
).flatMap(([name, create]) => [
  {
    name: `sk.${name}.seal`,
    prepare: () => {
      const { suite, keymat, keys, message } = sealable(create());
      return () => keymat.seal(suite, keys, true, message, IV_AT);
    },
  },
  {
    // The copy that is opened is made each time, as it is decrypted in place.
    name: `sk.${name}.open`,
    prepare: () => {
      const { suite, keymat, keys, message } = sealable(create());
      keymat.seal(suite, keys, true, message, IV_AT);
      const copy = new Uint8Array(message.length);
      return () => {
        copy.set(message);
        if (!keymat.open(suite, keys, true, copy, IV_AT)) throw new Error("a message was not opened");
      };
    },
  },
]);

function sealable(suite: IkeSuite) {
  const keymat = new IkeKeymat(rng);
  const keys = keymat.derive(suite, INPUT);
  return { suite, keymat, keys, message: new Uint8Array(IV_AT + suite.ivBytes + TEXT_BYTES + suite.icvBytes) };
}

/** The way of a message from its octets to its keys and back. */
export const messageSubjects: readonly Subject[] = [...codecSubjects, ...keySubjects, ...protectionSubjects];
