import { nameOf } from "./names.js";

/** Security protocol identifiers, RFC 7296 section 3.3.1. */
export enum ProtocolId {
  NONE = 0,
  IKE = 1,
  AH = 2,
  ESP = 3,
  IPCOMP = 4,
}

const NAMES: Readonly<Record<number, string>> = { 0: "PROTO_NONE", 1: "IKE", 2: "AH", 3: "ESP", 4: "IPCOMP" };

/** Name of a protocol as log lines print it: `IKE`, `AH`, `ESP`, `IPCOMP`; `(99)` for an unknown one. */
export function protocolIdName(value: number): string {
  return nameOf(NAMES, value);
}
