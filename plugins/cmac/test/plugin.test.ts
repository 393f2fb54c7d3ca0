import { NativeCrypter } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideCrypter } from "@cygnet/plugin-api";
import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import { EncryptionAlgorithm } from "@cygnet/wire";
import cmac from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, 16, () => new NativeCrypter("AES-128-CBC"))],
});

describeCryptoPlugin(cmac, {
  features: ["PRF:PRF_AES128_CMAC", "SIGNER:AES_CMAC_96"],
  depends: {
    "PRF:PRF_AES128_CMAC": ["CRYPTER:AES_CBC-16"],
    "SIGNER:AES_CMAC_96": ["CRYPTER:AES_CBC-16"],
  },
  base: [base],
});
