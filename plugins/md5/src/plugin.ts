import { NativeHasher } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideHasher } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";

/** MD5. */
export default definePlugin({
  name: "md5",
  api: PLUGIN_API,
  features: () => [provideHasher(HashAlgorithm.MD5, () => new NativeHasher("MD5"))],
});
