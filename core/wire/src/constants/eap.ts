import { nameOf } from "./names.js";

/** EAP packet codes, RFC 3748 section 4. */
export enum EapCode {
  REQUEST = 1,
  RESPONSE = 2,
  SUCCESS = 3,
  FAILURE = 4,
}

/** EAP method types, RFC 3748 section 5 and the IANA registry. */
export enum EapType {
  IDENTITY = 1,
  NOTIFICATION = 2,
  NAK = 3,
  MD5 = 4,
  OTP = 5,
  GTC = 6,
  TLS = 13,
  SIM = 18,
  TTLS = 21,
  AKA = 23,
  PEAP = 25,
  MSCHAPV2 = 26,
  MSTLV = 33,
  TNC = 38,
  PT_EAP = 54,
  EXPANDED = 254,
  EXPERIMENTAL = 255,
}

const CODE_SHORT_NAMES: Readonly<Record<number, string>> = { 1: "REQ", 2: "RES", 3: "SUCC", 4: "FAIL" };

const TYPE_SHORT_NAMES: Readonly<Record<number, string>> = {
  1: "ID",
  2: "NTF",
  3: "NAK",
  4: "MD5",
  5: "OTP",
  6: "GTC",
  13: "TLS",
  18: "SIM",
  21: "TTLS",
  23: "AKA",
  25: "PEAP",
  26: "MSCHAPV2",
  33: "MSTLV",
  38: "TNC",
  54: "PT",
  254: "EXP",
  255: "XP",
};

const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: "EAP_IDENTITY",
  2: "EAP_NOTIFICATION",
  3: "EAP_NAK",
  4: "EAP_MD5",
  5: "EAP_OTP",
  6: "EAP_GTC",
  13: "EAP_TLS",
  18: "EAP_SIM",
  21: "EAP_TTLS",
  23: "EAP_AKA",
  25: "EAP_PEAP",
  26: "EAP_MSCHAPV2",
  33: "EAP_MSTLV",
  38: "EAP_TNC",
  54: "EAP_PT_EAP",
  254: "EAP_EXPANDED",
  255: "EAP_EXPERIMENTAL",
};

/** Short name of an EAP code as message summaries print it: `REQ`, `RES`, `SUCC`, `FAIL`; `(9)` for an unknown one. */
export function eapCodeShortName(code: number): string {
  return nameOf(CODE_SHORT_NAMES, code);
}

/** Name of an EAP method as log lines print it, such as `EAP_MD5`; `(99)` for an unknown one. */
export function eapTypeName(type: number): string {
  return nameOf(TYPE_NAMES, type);
}

/** Short name of an EAP method as message summaries print it, such as `MD5`; `(99)` for an unknown one. */
export function eapTypeShortName(type: number): string {
  return nameOf(TYPE_SHORT_NAMES, type);
}
