import { NativeCrypter } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideCrypter } from "@cygnet/plugin-api";
import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import { EncryptionAlgorithm } from "@cygnet/wire";
import xcbc from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [
    provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, 16, () => new NativeCrypter("AES-128-CBC")),
    provideCrypter(EncryptionAlgorithm.ENCR_CAMELLIA_CBC, 16, () => new NativeCrypter("CAMELLIA-128-CBC")),
  ],
});

describeCryptoPlugin(xcbc, {
  features: ["PRF:PRF_AES128_XCBC", "SIGNER:AES_XCBC_96", "PRF:PRF_CAMELLIA128_XCBC", "SIGNER:CAMELLIA_XCBC_96"],
  depends: {
    "PRF:PRF_AES128_XCBC": ["CRYPTER:AES_CBC-16"],
    "SIGNER:AES_XCBC_96": ["CRYPTER:AES_CBC-16"],
    "PRF:PRF_CAMELLIA128_XCBC": ["CRYPTER:CAMELLIA_CBC-16"],
    "SIGNER:CAMELLIA_XCBC_96": ["CRYPTER:CAMELLIA_CBC-16"],
  },
  base: [base],
});
