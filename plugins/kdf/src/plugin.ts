import { definePlugin, kdf, PLUGIN_API, prf } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { PseudoRandomFunction } from "@cygnet/wire";

const PRFS = [
  PseudoRandomFunction.PRF_HMAC_SHA1,
  PseudoRandomFunction.PRF_HMAC_SHA2_256,
  PseudoRandomFunction.PRF_HMAC_SHA2_384,
  PseudoRandomFunction.PRF_HMAC_SHA2_512,
  PseudoRandomFunction.PRF_AES128_XCBC,
  PseudoRandomFunction.PRF_AES128_CMAC,
];

// Nothing to register: the daemon derives keys with any PRF that is loaded. The features answer configurations that list the plugin.
const provideKdf = (name: "KDF_PRF" | "KDF_PRF_PLUS"): Feature => ({
  provides: kdf(name),
  softDepends: PRFS.map((id) => prf(id)),
  register: () => undefined,
});

/** Key derivation by PRF and prf+ (RFC 7296 section 2.13), which the core does itself. */
export default definePlugin({
  name: "kdf",
  api: PLUGIN_API,
  features: () => [provideKdf("KDF_PRF"), provideKdf("KDF_PRF_PLUS")],
});
