import { NativeHasher } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideHasher } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";

/** SHA-224 to SHA-512. */
export default definePlugin({
  name: "sha2",
  api: PLUGIN_API,
  features: () => [
    provideHasher(HashAlgorithm.SHA224, () => new NativeHasher("SHA224")),
    provideHasher(HashAlgorithm.SHA256, () => new NativeHasher("SHA256")),
    provideHasher(HashAlgorithm.SHA384, () => new NativeHasher("SHA384")),
    provideHasher(HashAlgorithm.SHA512, () => new NativeHasher("SHA512")),
  ],
});
