import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import md5 from "../src/index.js";

describeCryptoPlugin(md5, {
  features: ["HASHER:HASH_MD5"],
});
