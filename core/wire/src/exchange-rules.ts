import { ExchangeType } from "./constants/exchange-type.js";
import { isErrorNotify, NotifyType } from "./constants/notify-type.js";
import { PayloadType, payloadTypeName } from "./constants/payload-type.js";
import { MAX_PAYLOADS } from "./limits.js";
import type { Message } from "./message.js";
import type { Payload } from "./payloads/payload.js";

/** How often a payload may occur in a message: type, least, most. */
export type OccurrenceRule = readonly [payload: PayloadType, min: number, max: number];

/** Which payloads the messages of an exchange have in one direction. Types that are not listed may not occur. */
export interface ExchangeRule {
  readonly exchange: ExchangeType;
  readonly isResponse: boolean;
  /** Whether all payloads are inside an SK payload; otherwise none is. */
  readonly isProtected: boolean;
  readonly payloads: readonly OccurrenceRule[];
}

/** Why a message is not one of its exchange. */
export type ViolationReason =
  /** No table for such an exchange. */
  | "unknown-exchange"
  /** A payload came in the clear that must be protected, or the message is not protected at all. */
  | "clear"
  /** The message is protected, and its exchange has no keys yet. */
  | "protected"
  /** A payload that does not belong into the exchange. */
  | "forbidden"
  | "missing"
  | "too-many";

/** The first thing found wrong with a message that is well-formed. */
export interface RuleViolation {
  readonly reason: ViolationReason;
  /** A `PayloadType`; NONE where the reason is not about one. */
  readonly payload: number;
}

const MANY = MAX_PAYLOADS;

/** Certificates and CRLs in one message. Each is parsed and perhaps verified, for a peer that may not be authenticated yet. */
export const MAX_CERT_PAYLOADS = 16;

/**
 * Key exchanges in one IKE_INTERMEDIATE or IKE_FOLLOWUP_KE message: further ones have messages of their own (RFC 9370 section
 * 2.2).
 */
const MAX_ADDITIONAL_KE = 1;

const NOTIFY: OccurrenceRule = [PayloadType.NOTIFY, 0, MANY];
const VENDOR_ID: OccurrenceRule = [PayloadType.VENDOR_ID, 0, MANY];
const CERTREQ: OccurrenceRule = [PayloadType.CERTREQ, 0, MANY];
const CERT: OccurrenceRule = [PayloadType.CERT, 0, MAX_CERT_PAYLOADS];

/**
 * RFC 7296 sections 1.2 to 1.4 and appendix C. IKE_AUTH may take many rounds with EAP or several authentications (RFC 4739),
 * and may come without a CHILD_SA (RFC 6023): what must be present in which round is for the authentication tasks to say.
 */
const EXCHANGE_RULES: readonly ExchangeRule[] = [
  {
    exchange: ExchangeType.IKE_SA_INIT,
    isResponse: false,
    isProtected: false,
    payloads: [[PayloadType.SA, 1, 1], [PayloadType.KE, 1, 1], [PayloadType.NONCE, 1, 1], NOTIFY, VENDOR_ID],
  },
  {
    exchange: ExchangeType.IKE_SA_INIT,
    isResponse: true,
    isProtected: false,
    payloads: [[PayloadType.SA, 1, 1], [PayloadType.KE, 1, 1], [PayloadType.NONCE, 1, 1], CERTREQ, NOTIFY, VENDOR_ID],
  },
  {
    exchange: ExchangeType.IKE_AUTH,
    isResponse: false,
    isProtected: true,
    payloads: [
      [PayloadType.IDi, 0, 1],
      CERT,
      CERTREQ,
      [PayloadType.IDr, 0, 1],
      [PayloadType.AUTH, 0, 1],
      [PayloadType.EAP, 0, 1],
      [PayloadType.CP, 0, 1],
      [PayloadType.SA, 0, 1],
      [PayloadType.TSi, 0, 1],
      [PayloadType.TSr, 0, 1],
      NOTIFY,
      VENDOR_ID,
    ],
  },
  {
    exchange: ExchangeType.IKE_AUTH,
    isResponse: true,
    isProtected: true,
    payloads: [
      [PayloadType.IDr, 0, 1],
      CERT,
      [PayloadType.AUTH, 0, 1],
      [PayloadType.EAP, 0, 1],
      [PayloadType.CP, 0, 1],
      [PayloadType.SA, 0, 1],
      [PayloadType.TSi, 0, 1],
      [PayloadType.TSr, 0, 1],
      NOTIFY,
      VENDOR_ID,
    ],
  },
  ...[false, true].map((isResponse): ExchangeRule => ({
    exchange: ExchangeType.CREATE_CHILD_SA,
    isResponse,
    isProtected: true,
    payloads: [
      [PayloadType.SA, 1, 1],
      [PayloadType.NONCE, 1, 1],
      [PayloadType.KE, 0, 1],
      [PayloadType.TSi, 0, 1],
      [PayloadType.TSr, 0, 1],
      [PayloadType.CP, 0, 1],
      NOTIFY,
      VENDOR_ID,
    ],
  })),
  ...[false, true].map((isResponse): ExchangeRule => ({
    exchange: ExchangeType.INFORMATIONAL,
    isResponse,
    isProtected: true,
    payloads: [NOTIFY, [PayloadType.DELETE, 0, MANY], [PayloadType.CP, 0, 1], VENDOR_ID],
  })),
  // RFC 9242 and RFC 9370
  ...[false, true].map((isResponse): ExchangeRule => ({
    exchange: ExchangeType.IKE_INTERMEDIATE,
    isResponse,
    isProtected: true,
    payloads: [[PayloadType.KE, 0, MAX_ADDITIONAL_KE], NOTIFY, VENDOR_ID],
  })),
  ...[false, true].map((isResponse): ExchangeRule => ({
    exchange: ExchangeType.IKE_FOLLOWUP_KE,
    isResponse,
    isProtected: true,
    payloads: [[PayloadType.KE, 1, MAX_ADDITIONAL_KE], NOTIFY, VENDOR_ID],
  })),
];

/** Payload types that rules speak of lie below this number. */
const TYPES = 64;

/** A rule as a lookup by payload type; `max` is zero where a type may not occur. */
interface CompiledRule {
  readonly isProtected: boolean;
  readonly required: readonly OccurrenceRule[];
  readonly max: Uint16Array;
}

const COMPILED: (CompiledRule | undefined)[] = Array.from({ length: 512 });
for (const { exchange, isResponse, isProtected, payloads } of EXCHANGE_RULES) {
  const max = new Uint16Array(TYPES);
  for (const [payload, , most] of payloads) max[payload] = most;
  const required = payloads.filter(([, min]) => min > 0);
  COMPILED[exchange * 2 + (isResponse ? 1 : 0)] = { isProtected, required, max };
}

const counts = new Uint16Array(TYPES);

/**
 * Whether a response may consist of notifies alone: it reports an error, or asks for another attempt (COOKIE, RFC 7296
 * section 2.6; REDIRECT, RFC 5685).
 */
function isExcused(payloads: readonly Payload[]): boolean {
  for (let i = 0; i < payloads.length; i++) {
    const payload = payloads[i];
    if (payload.type !== PayloadType.NOTIFY) continue;
    const { notifyType } = payload;
    if (isErrorNotify(notifyType) || notifyType === NotifyType.COOKIE || notifyType === NotifyType.REDIRECT) return true;
  }
  return false;
}

/**
 * Checks a well-formed message against the table of its exchange. If it is protected, call this after
 * `addProtected`: of a message that is still sealed it sees nothing of the inside. Payloads of unknown types are passed over:
 * `criticalUnknown` tells about those.
 *
 * @returns the first violation, or undefined if the message may be handed to tasks
 */
export function checkMessage(message: Message): RuleViolation | undefined {
  const { header, payloads } = message;
  const rule = COMPILED[header.exchangeType * 2 + (header.isResponse ? 1 : 0)];
  if (rule === undefined) return { reason: "unknown-exchange", payload: PayloadType.NONE };
  if (!rule.isProtected && message.encrypted !== undefined) return { reason: "protected", payload: message.encrypted.type };
  if (rule.isProtected && message.encrypted === undefined) return { reason: "clear", payload: PayloadType.NONE };
  counts.fill(0);
  for (let i = 0; i < payloads.length; i++) {
    const type = message.typeAt(i);
    if (type === PayloadType.UNKNOWN) continue;
    if (rule.isProtected && i < message.clearCount) return { reason: "clear", payload: type };
    if (rule.max[type] === 0) return { reason: "forbidden", payload: type };
    if (++counts[type] > rule.max[type]) return { reason: "too-many", payload: type };
  }
  for (let i = 0; i < rule.required.length; i++) {
    const [type, min] = rule.required[i];
    if (counts[type] < min && !(header.isResponse && isExcused(payloads))) return { reason: "missing", payload: type };
  }
  return undefined;
}

/** A violation in words, for a log line. */
export function violationText({ reason, payload }: RuleViolation): string {
  const name = payloadTypeName(payload);
  switch (reason) {
    case "unknown-exchange":
      return "unknown exchange type";
    case "clear":
      return payload === PayloadType.NONE ? "message is not encrypted" : `payload of type ${name} is not encrypted`;
    case "protected":
      return "message is encrypted";
    case "forbidden":
      return `payload of type ${name} is not allowed`;
    case "missing":
      return `payload of type ${name} is missing`;
    case "too-many":
      return `payload of type ${name} occurs too often`;
  }
}
