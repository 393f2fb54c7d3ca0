import { definePlugin, providePrf } from "@cygnet/plugin-api";
import { PseudoRandomFunction } from "@cygnet/wire";
import { hmacSha256 } from "./hmac-sha256.js";

/** HMAC-SHA-256 by node:crypto. The first provider in `load` is used, so it stands before `hmac` there. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  features: () => [providePrf(PseudoRandomFunction.PRF_HMAC_SHA2_256, () => hmacSha256)],
});
