/**
 * What the tests of a plugin are made of: a conformance suite for each contract, a host that loads one plugin with settings, and two daemons in
 * memory, joined by a lossy network with a virtual clock.
 *
 * @packageDocumentation
 */
export * from "./attribute/index.js";
export * from "./crypto/index.js";
export * from "./host/index.js";
export { LOCAL, NO_LIMITS, REMOTE, describeKernelIpsec, policyOf, saOf, subnet } from "./kernel/index.js";
export type { KernelAbilities, KernelUnderTest } from "./kernel/index.js";
export * from "./pair/index.js";
export * from "./socket/index.js";
