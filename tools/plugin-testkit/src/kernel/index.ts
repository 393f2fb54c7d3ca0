/** The conformance suite for plugins that provide `CUSTOM:kernel-ipsec`, and SAs and policies to ask a kernel for. */
export { LOCAL, NO_LIMITS, REMOTE, aead, cipher, describeKernelIpsec, policyOf, saOf, signer, subnet } from "./kernel-ipsec.js";
export type { KernelAbilities, KernelUnderTest } from "./kernel-ipsec.js";
