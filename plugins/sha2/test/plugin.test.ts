import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import sha2 from "../src/index.js";

describeCryptoPlugin(sha2, {
  features: ["HASHER:HASH_SHA2_224", "HASHER:HASH_SHA2_256", "HASHER:HASH_SHA2_384", "HASHER:HASH_SHA2_512"],
});
