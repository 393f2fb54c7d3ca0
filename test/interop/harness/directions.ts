import type { DaemonKind } from "./daemon.js";

/**
 * Who runs on moon, which initiates, and who on sun, which responds. With `INTEROP_REFERENCE=1` strongSwan meets itself, too, which tells
 * whether a test expects what strongSwan does.
 */
export const DIRECTIONS: readonly (readonly [moon: DaemonKind, sun: DaemonKind])[] = [
  ...(process.env["INTEROP_REFERENCE"] === "1" ? [["strongswan", "strongswan"] as const] : []),
  ["cygnet", "strongswan"],
  ["strongswan", "cygnet"],
];

/** For `describe.each`. */
export const DIRECTION = "%s as initiator, %s as responder";
