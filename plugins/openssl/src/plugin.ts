import { definePlugin, kdf, PLUGIN_API, provideRng, RngQuality } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { aeads, crypters } from "./ciphers.js";
import { hashers, identityHasher, macs } from "./hashes.js";
import { keyExchanges } from "./key-exchanges.js";
import { OpensslRng } from "./openssl-rng.js";

// The daemon derives keys with any PRF that is loaded, so there is nothing to register (see plugin kdf).
const provideKdf = (name: "KDF_PRF" | "KDF_PRF_PLUS"): Feature => ({ provides: kdf(name), register: () => undefined });

/** All of OpenSSL that IKE negotiates. */
export default definePlugin({
  name: "openssl",
  api: PLUGIN_API,
  features: () => [
    ...crypters(),
    ...hashers(),
    ...macs(),
    provideKdf("KDF_PRF"),
    provideKdf("KDF_PRF_PLUS"),
    ...aeads(),
    ...keyExchanges(),
    identityHasher(),
    provideRng(RngQuality.STRONG, () => new OpensslRng(RngQuality.STRONG)),
    provideRng(RngQuality.WEAK, () => new OpensslRng(RngQuality.WEAK)),
  ],
});
