import { NativeCrypter } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideCrypter } from "@cygnet/plugin-api";
import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import { EncryptionAlgorithm } from "@cygnet/wire";
import gcm from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [
    provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, 16, () => new NativeCrypter("AES-128-CBC")),
    provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, 24, () => new NativeCrypter("AES-192-CBC")),
    provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, 32, () => new NativeCrypter("AES-256-CBC")),
  ],
});

describeCryptoPlugin(gcm, {
  features: [
    "AEAD:AES_GCM_8-16",
    "AEAD:AES_GCM_8-24",
    "AEAD:AES_GCM_8-32",
    "AEAD:AES_GCM_12-16",
    "AEAD:AES_GCM_12-24",
    "AEAD:AES_GCM_12-32",
    "AEAD:AES_GCM_16-16",
    "AEAD:AES_GCM_16-24",
    "AEAD:AES_GCM_16-32",
  ],
  depends: {
    "AEAD:AES_GCM_8-16": ["CRYPTER:AES_CBC-16"],
    "AEAD:AES_GCM_8-24": ["CRYPTER:AES_CBC-24"],
    "AEAD:AES_GCM_8-32": ["CRYPTER:AES_CBC-32"],
    "AEAD:AES_GCM_12-16": ["CRYPTER:AES_CBC-16"],
    "AEAD:AES_GCM_12-24": ["CRYPTER:AES_CBC-24"],
    "AEAD:AES_GCM_12-32": ["CRYPTER:AES_CBC-32"],
    "AEAD:AES_GCM_16-16": ["CRYPTER:AES_CBC-16"],
    "AEAD:AES_GCM_16-24": ["CRYPTER:AES_CBC-24"],
    "AEAD:AES_GCM_16-32": ["CRYPTER:AES_CBC-32"],
  },
  base: [base],
});
