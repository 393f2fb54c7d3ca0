import { IdentityHasher, XdhKeyExchange } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideHasher, provideKeyExchange, rng, RngQuality } from "@cygnet/plugin-api";
import { HashAlgorithm, KeyExchangeMethod } from "@cygnet/wire";

/** X25519, RFC 8031, and the identity hash that Ed25519 signatures state in IKEv2 (RFC 8420). */
export default definePlugin({
  name: "curve25519",
  api: PLUGIN_API,
  features: () => [
    provideKeyExchange(KeyExchangeMethod.CURVE_25519, () => new XdhKeyExchange("X25519"), { depends: [rng(RngQuality.STRONG)] }),
    provideHasher(HashAlgorithm.IDENTITY, () => new IdentityHasher()),
  ],
});
