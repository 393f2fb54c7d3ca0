import { definePlugin, KdfAlgorithm, PLUGIN_API, prf, provideKdf } from "@cygnet/plugin-api";
import { PseudoRandomFunction } from "@cygnet/wire";

const PRFS = [
  PseudoRandomFunction.PRF_HMAC_SHA1,
  PseudoRandomFunction.PRF_HMAC_SHA2_256,
  PseudoRandomFunction.PRF_HMAC_SHA2_384,
  PseudoRandomFunction.PRF_HMAC_SHA2_512,
  PseudoRandomFunction.PRF_AES128_XCBC,
  PseudoRandomFunction.PRF_AES128_CMAC,
];

const needs = { softDepends: PRFS.map((id) => prf(id)) };

/** Key derivation by PRF and prf+ (RFC 7296 section 2.13), which the core does itself. */
export default definePlugin({
  name: "kdf",
  api: PLUGIN_API,
  features: () => [provideKdf(KdfAlgorithm.KDF_PRF, needs), provideKdf(KdfAlgorithm.KDF_PRF_PLUS, needs)],
});
