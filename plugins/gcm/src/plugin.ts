import { NativeAead } from "@cygnet/native";
import { crypter, definePlugin, PLUGIN_API, provideAead } from "@cygnet/plugin-api";
import { EncryptionAlgorithm } from "@cygnet/wire";

const ICVS = [
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV8, 8],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV12, 12],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV16, 16],
] as const;
const KEY_SIZES = [128, 192, 256] as const;

/** AES-GCM, RFC 5282. */
export default definePlugin({
  name: "gcm",
  api: PLUGIN_API,
  features: () =>
    ICVS.flatMap(([id, icvBytes]) =>
      KEY_SIZES.map((bits) =>
        provideAead(id, bits / 8, () => new NativeAead(`AES-${bits}-GCM-${icvBytes}`), {
          depends: [crypter(EncryptionAlgorithm.ENCR_AES_CBC, bits / 8)],
        }),
      ),
    ),
});
