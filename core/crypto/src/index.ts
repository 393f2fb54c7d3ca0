/**
 * Algorithms without any algorithm: names, proposals, the registry, and IKEv2's key derivation over whatever the plugins provide.
 *
 * @packageDocumentation
 */
export * from "./composed-aead.js";
export * from "./constant-time.js";
export * from "./crypto-error.js";
export * from "./ike-auth.js";
export * from "./ike-keymat.js";
export { IkeSuite, IkeSuites } from "./ike-suite.js";
export type { IkeSuiteParts, SuiteSource } from "./ike-suite.js";
export * from "./iv-source.js";
export * from "./prf-plus.js";
export * from "./proposal/default-proposals.js";
export * from "./proposal/ke-proposals.js";
export * from "./proposal/key-lengths.js";
export * from "./proposal/parse-proposal.js";
export * from "./proposal/proposal-error.js";
export * from "./proposal/proposal-keywords.js";
export * from "./proposal/proposal-text.js";
export * from "./proposal/proposal.js";
export * from "./proposal/select-proposal.js";
export * from "./proposal/transform.js";
export * from "./proposal/wire-proposals.js";
export * from "./registry.js";
export type { TestVectors } from "./self-test.js";
export type * from "./vector-types.js";
export * from "./vectors/index.js";
