import { nameOf } from "./names.js";

/**
 * Exchange types, RFC 7296 section 3.1 and the IANA registry; 2 to 33 are IKEv1's (RFC 2408, RFC 2409), 240 is strongSwan's
 * mediation extension.
 */
export enum ExchangeType {
  ID_PROT = 2,
  AUTH_ONLY = 3,
  AGGRESSIVE = 4,
  INFORMATIONAL_V1 = 5,
  TRANSACTION = 6,
  QUICK_MODE = 32,
  NEW_GROUP_MODE = 33,
  IKE_SA_INIT = 34,
  IKE_AUTH = 35,
  CREATE_CHILD_SA = 36,
  INFORMATIONAL = 37,
  IKE_SESSION_RESUME = 38,
  IKE_INTERMEDIATE = 43,
  IKE_FOLLOWUP_KE = 44,
  ME_CONNECT = 240,
}

/** Name of an exchange as log lines print it, such as `IKE_SA_INIT`; `(77)` for an unknown one. */
export function exchangeTypeName(type: number): string {
  return nameOf(ExchangeType, type);
}
