import type { Payload } from "@cygnet/wire";
import {
  checkMessage,
  ExchangeType,
  IkeFlags,
  IkeHeader,
  makeNotifyPayload,
  MAX_CERT_PAYLOADS,
  Message,
  NotifyType,
  PayloadType,
  violationText,
} from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { SAMPLE_PAYLOADS } from "../fuzz/seeds.js";

/** The sample payload of a type. */
function p(type: Payload["type"]): Payload {
  const sample = SAMPLE_PAYLOADS.find((payload) => payload.type === type);
  if (sample === undefined) throw new Error(`no sample of type ${type}`);
  return sample;
}

const SEALED = { type: PayloadType.SK, firstPayload: 0, at: 32, end: 64, fragmentNumber: 1, totalFragments: 1 } as const;
const { SA, KE, NONCE, IDi, IDr, AUTH, TSi, TSr, CERT, CERTREQ, DELETE, NOTIFY, EAP, CP } = PayloadType;

function message(
  exchangeType: number,
  flags: number,
  payloads: readonly Payload[],
  isProtected: boolean,
  clear: readonly Payload[] = [],
) {
  const header = Object.assign(new IkeHeader(), { exchangeType, flags });
  const made = new Message(header, isProtected ? [...clear] : [...payloads], isProtected ? SEALED : undefined);
  if (isProtected) made.addProtected(payloads);
  return made;
}

const REQUEST = IkeFlags.INITIATOR;
const RESPONSE = IkeFlags.RESPONSE;
const INIT = [SA, KE, NONCE] as const;

describe("the rules of an exchange", () => {
  it.each([
    ["IKE_SA_INIT request", ExchangeType.IKE_SA_INIT, REQUEST, INIT],
    ["IKE_SA_INIT request in any order", ExchangeType.IKE_SA_INIT, REQUEST, [NOTIFY, NONCE, KE, SA]],
    ["IKE_SA_INIT response with CERTREQ", ExchangeType.IKE_SA_INIT, RESPONSE, [...INIT, CERTREQ]],
    ["IKE_AUTH request", ExchangeType.IKE_AUTH, REQUEST, [IDi, CERT, CERT, CERTREQ, IDr, AUTH, CP, SA, TSi, TSr]],
    ["IKE_AUTH request of an EAP round", ExchangeType.IKE_AUTH, REQUEST, [EAP]],
    ["IKE_AUTH response without a CHILD_SA", ExchangeType.IKE_AUTH, RESPONSE, [IDr, AUTH]],
    ["CREATE_CHILD_SA request for a CHILD_SA", ExchangeType.CREATE_CHILD_SA, REQUEST, [SA, NONCE, TSi, TSr]],
    ["CREATE_CHILD_SA request for an IKE_SA", ExchangeType.CREATE_CHILD_SA, REQUEST, [SA, NONCE, KE]],
    ["INFORMATIONAL request", ExchangeType.INFORMATIONAL, REQUEST, [DELETE, DELETE, NOTIFY]],
    ["empty INFORMATIONAL response", ExchangeType.INFORMATIONAL, RESPONSE, []],
  ] as const)("permit this %s", (_name, exchange, flags, types) => {
    const isProtected = exchange !== ExchangeType.IKE_SA_INIT;
    expect(checkMessage(message(exchange, flags, types.map(p), isProtected))).toBeUndefined();
  });

  it.each([
    ["a second SA", ExchangeType.IKE_SA_INIT, REQUEST, [SA, ...INIT], "too-many", SA],
    ["no KE", ExchangeType.IKE_SA_INIT, REQUEST, [SA, NONCE], "missing", KE],
    ["an identity in IKE_SA_INIT", ExchangeType.IKE_SA_INIT, REQUEST, [...INIT, IDi], "forbidden", IDi],
    ["a CERTREQ in the IKE_SA_INIT request", ExchangeType.IKE_SA_INIT, REQUEST, [...INIT, CERTREQ], "forbidden", CERTREQ],
    ["the initiator's identity in a response", ExchangeType.IKE_AUTH, RESPONSE, [IDi], "forbidden", IDi],
    ["two AUTH payloads", ExchangeType.IKE_AUTH, REQUEST, [AUTH, AUTH], "too-many", AUTH],
    ["no nonce", ExchangeType.CREATE_CHILD_SA, REQUEST, [SA, TSi, TSr], "missing", NONCE],
    ["AUTH in INFORMATIONAL", ExchangeType.INFORMATIONAL, REQUEST, [AUTH], "forbidden", AUTH],
    [
      "more certificates than allowed",
      ExchangeType.IKE_AUTH,
      REQUEST,
      Array.from({ length: MAX_CERT_PAYLOADS + 1 }, (): typeof CERT => CERT),
      "too-many",
      CERT,
    ],
  ] as const)("refuse %s", (_name, exchange, flags, types, reason, payload) => {
    const isProtected = exchange !== ExchangeType.IKE_SA_INIT;
    expect(checkMessage(message(exchange, flags, types.map(p), isProtected))).toEqual({ reason, payload });
  });

  it.each([NotifyType.COOKIE, NotifyType.INVALID_KE_PAYLOAD, NotifyType.NO_PROPOSAL_CHOSEN, NotifyType.REDIRECT, 9999])(
    "let a response consist of notify %i alone",
    (notify) => {
      const answer = [makeNotifyPayload(notify)];
      expect(checkMessage(message(ExchangeType.IKE_SA_INIT, RESPONSE, answer, false))).toBeUndefined();
      expect(checkMessage(message(ExchangeType.IKE_SA_INIT, REQUEST, answer, false))?.reason).toBe("missing");
    },
  );

  it("do not let a response consist of a status notify alone", () => {
    const answer = [makeNotifyPayload(NotifyType.FRAGMENTATION_SUPPORTED)];
    expect(checkMessage(message(ExchangeType.IKE_SA_INIT, RESPONSE, answer, false))).toEqual({ reason: "missing", payload: SA });
  });

  it("want all payloads of later exchanges protected", () => {
    expect(checkMessage(message(ExchangeType.IKE_AUTH, REQUEST, [p(IDi)], false))).toEqual({
      reason: "clear",
      payload: PayloadType.NONE,
    });
    expect(checkMessage(message(ExchangeType.IKE_AUTH, REQUEST, [], true, [p(IDi)]))).toEqual({ reason: "clear", payload: IDi });
  });

  it("want IKE_SA_INIT in the clear", () => {
    expect(checkMessage(message(ExchangeType.IKE_SA_INIT, REQUEST, INIT.map(p), true))?.reason).toBe("protected");
  });

  it("pass over unknown payloads", () => {
    const unknown = p(PayloadType.UNKNOWN);
    expect(checkMessage(message(ExchangeType.INFORMATIONAL, REQUEST, [unknown], true, [unknown]))).toBeUndefined();
  });

  it.each([0, 31, ExchangeType.QUICK_MODE, 255])("do not exist for exchange %i", (exchange) => {
    expect(checkMessage(message(exchange, REQUEST, [], true))?.reason).toBe("unknown-exchange");
  });

  it("put violations in words", () => {
    expect(violationText({ reason: "missing", payload: SA })).toBe("payload of type SECURITY_ASSOCIATION is missing");
    expect(violationText({ reason: "too-many", payload: AUTH })).toBe("payload of type AUTH occurs too often");
    expect(violationText({ reason: "forbidden", payload: EAP })).toBe("payload of type EAP is not allowed");
    expect(violationText({ reason: "clear", payload: CP })).toBe("payload of type CONFIGURATION is not encrypted");
    expect(violationText({ reason: "clear", payload: 0 })).toBe("message is not encrypted");
    expect(violationText({ reason: "protected", payload: PayloadType.SK })).toBe("message is encrypted");
    expect(violationText({ reason: "unknown-exchange", payload: 0 })).toBe("unknown exchange type");
  });
});
