import {
  definePlugin,
  KdfAlgorithm,
  PLUGIN_API,
  provideKdf,
  provideRng,
  provideXof,
  RngQuality,
  XofAlgorithm,
} from "@cygnet/plugin-api";
import { aeads, crypters } from "./ciphers.js";
import { hashers, identityHasher, macs } from "./hashes.js";
import { keyExchanges } from "./key-exchanges.js";
import { keys } from "./keys.js";
import { OpensslRng } from "./openssl-rng.js";
import { ShakeXof } from "./xof.js";

/** All of OpenSSL that IKE negotiates. */
export default definePlugin({
  name: "openssl",
  api: PLUGIN_API,
  features: () => [
    ...crypters(),
    ...hashers(),
    provideXof(XofAlgorithm.XOF_SHAKE128, () => new ShakeXof("shake128")),
    provideXof(XofAlgorithm.XOF_SHAKE256, () => new ShakeXof("shake256")),
    ...macs(),
    provideKdf(KdfAlgorithm.KDF_PRF),
    provideKdf(KdfAlgorithm.KDF_PRF_PLUS),
    ...aeads(),
    ...keyExchanges(),
    ...keys(),
    identityHasher(),
    provideRng(RngQuality.STRONG, () => new OpensslRng(RngQuality.STRONG)),
    provideRng(RngQuality.WEAK, () => new OpensslRng(RngQuality.WEAK)),
  ],
});
