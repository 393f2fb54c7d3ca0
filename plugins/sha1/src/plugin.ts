import { KeyedSha1Prf, NativeHasher } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideHasher, providePrf } from "@cygnet/plugin-api";
import { HashAlgorithm, PseudoRandomFunction } from "@cygnet/wire";

/** SHA-1, and its compression function with a key (which the FIPS PRF builds upon). */
export default definePlugin({
  name: "sha1",
  api: PLUGIN_API,
  features: () => [
    provideHasher(HashAlgorithm.SHA1, () => new NativeHasher("SHA1")),
    providePrf(PseudoRandomFunction.PRF_KEYED_SHA1, () => new KeyedSha1Prf()),
  ],
});
