import { CbcMacPrf, CbcMacSigner } from "@cygnet/native";
import { crypter, definePlugin, PLUGIN_API, providePrf, provideSigner } from "@cygnet/plugin-api";
import { EncryptionAlgorithm, IntegrityAlgorithm, PseudoRandomFunction } from "@cygnet/wire";

/** CMAC (RFC 4493, RFC 4494, RFC 4615) over AES. */
export default definePlugin({
  name: "cmac",
  api: PLUGIN_API,
  features: () => [
    providePrf(PseudoRandomFunction.PRF_AES128_CMAC, () => new CbcMacPrf("CMAC", "AES-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_AES_CBC, 16)],
    }),
    provideSigner(IntegrityAlgorithm.AUTH_AES_CMAC_96, () => new CbcMacSigner("CMAC", "AES-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_AES_CBC, 16)],
    }),
  ],
});
