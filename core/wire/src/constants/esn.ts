import { nameOf } from "./names.js";

/** Extended sequence numbers (transform type 5), RFC 7296 section 3.3.2. */
export enum Esn {
  NO_EXT_SEQ = 0,
  EXT_SEQ = 1,
}

/** Name of an ESN transform: `NO_EXT_SEQ` or `EXT_SEQ`; `(9)` for an unknown one. */
export function esnName(value: number): string {
  return nameOf(Esn, value);
}
