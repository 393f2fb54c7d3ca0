import { CbcMacPrf, CbcMacSigner } from "@cygnet/native";
import { crypter, definePlugin, PLUGIN_API, providePrf, provideSigner } from "@cygnet/plugin-api";
import { EncryptionAlgorithm, IntegrityAlgorithm, PseudoRandomFunction } from "@cygnet/wire";

/** XCBC-MAC (RFC 3566, RFC 4434) over AES and Camellia. */
export default definePlugin({
  name: "xcbc",
  api: PLUGIN_API,
  features: () => [
    providePrf(PseudoRandomFunction.PRF_AES128_XCBC, () => new CbcMacPrf("XCBC", "AES-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_AES_CBC, 16)],
    }),
    provideSigner(IntegrityAlgorithm.AUTH_AES_XCBC_96, () => new CbcMacSigner("XCBC", "AES-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_AES_CBC, 16)],
    }),
    providePrf(PseudoRandomFunction.PRF_CAMELLIA128_XCBC, () => new CbcMacPrf("XCBC", "CAMELLIA-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_CAMELLIA_CBC, 16)],
    }),
    provideSigner(IntegrityAlgorithm.AUTH_CAMELLIA_XCBC_96, () => new CbcMacSigner("XCBC", "CAMELLIA-128-CBC"), {
      depends: [crypter(EncryptionAlgorithm.ENCR_CAMELLIA_CBC, 16)],
    }),
  ],
});
