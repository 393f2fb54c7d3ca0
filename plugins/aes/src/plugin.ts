import { NativeCrypter } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideCrypter } from "@cygnet/plugin-api";
import { EncryptionAlgorithm } from "@cygnet/wire";

const KEY_SIZES = [128, 192, 256] as const;

/** AES-CBC for IKE and ESP; AES-ECB for other features to build upon. */
export default definePlugin({
  name: "aes",
  api: PLUGIN_API,
  features: () => [
    ...KEY_SIZES.map((bits) =>
      provideCrypter(EncryptionAlgorithm.ENCR_AES_CBC, bits / 8, () => new NativeCrypter(`AES-${bits}-CBC`)),
    ),
    ...KEY_SIZES.map((bits) =>
      provideCrypter(EncryptionAlgorithm.ENCR_AES_ECB, bits / 8, () => new NativeCrypter(`AES-${bits}-ECB`)),
    ),
  ],
});
