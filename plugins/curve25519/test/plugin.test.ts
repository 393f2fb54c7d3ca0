import { randomBytes } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideRng, RngQuality } from "@cygnet/plugin-api";
import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import curve25519 from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [provideRng(RngQuality.STRONG, () => ({ quality: RngQuality.STRONG, bytes: randomBytes }))],
});

describeCryptoPlugin(curve25519, {
  features: ["KE:CURVE_25519", "HASHER:HASH_IDENTITY"],
  depends: {
    "KE:CURVE_25519": ["RNG:RNG_STRONG"],
  },
  base: [base],
});
