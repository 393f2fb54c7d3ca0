import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import sha1 from "../src/index.js";

describeCryptoPlugin(sha1, {
  features: ["HASHER:HASH_SHA1", "PRF:PRF_KEYED_SHA1"],
});
