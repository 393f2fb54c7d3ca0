import { nameOf } from "./names.js";

/** IPComp transform ids of the IPCOMP_SUPPORTED notify, RFC 7296 section 3.10.1. */
export enum IpcompTransform {
  NONE = 0,
  OUI = 1,
  DEFLATE = 2,
  LZS = 3,
  LZJH = 4,
}

const NAMES: Readonly<Record<number, string>> = {
  0: "IPCOMP_NONE",
  1: "IPCOMP_OUI",
  2: "IPCOMP_DEFLATE",
  3: "IPCOMP_LZS",
  4: "IPCOMP_LZJH",
};

/** Name of an IPComp transform, such as `IPCOMP_DEFLATE`; `(99)` for an unknown one. */
export function ipcompTransformName(value: number): string {
  return nameOf(NAMES, value);
}
