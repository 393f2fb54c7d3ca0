import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import des from "../src/index.js";

describeCryptoPlugin(des, {
  features: ["CRYPTER:3DES_CBC-24", "CRYPTER:DES_CBC-8", "CRYPTER:DES_ECB-8"],
});
