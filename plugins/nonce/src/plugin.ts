import { definePlugin, PLUGIN_API, PluginError, provideNonceGen, rng, RngQuality } from "@cygnet/plugin-api";

/** Nonces of IKE (RFC 7296 section 2.10): whatever RNG is loaded will do, since they are public. */
export default definePlugin({
  name: "nonce",
  api: PLUGIN_API,
  features: () => [
    provideNonceGen(
      (registry) => {
        const source = registry.rng(RngQuality.WEAK);
        if (source === undefined) throw new PluginError("CYG_CRYPTO_MISSING", "nonce", "no RNG:RNG_WEAK to build upon");
        return { nonce: (out) => source.bytes(out) };
      },
      { depends: [rng(RngQuality.WEAK)] },
    ),
  ],
});
