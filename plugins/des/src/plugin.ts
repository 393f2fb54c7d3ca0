import { NativeCrypter } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideCrypter } from "@cygnet/plugin-api";
import { EncryptionAlgorithm } from "@cygnet/wire";

/** Triple DES and DES in CBC mode, DES in ECB mode. */
export default definePlugin({
  name: "des",
  api: PLUGIN_API,
  features: () => [
    provideCrypter(EncryptionAlgorithm.ENCR_3DES, 24, () => new NativeCrypter("3DES-CBC")),
    provideCrypter(EncryptionAlgorithm.ENCR_DES, 8, () => new NativeCrypter("DES-CBC")),
    provideCrypter(EncryptionAlgorithm.ENCR_DES_ECB, 8, () => new NativeCrypter("DES-ECB")),
  ],
});
