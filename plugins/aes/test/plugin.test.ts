import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import aes from "../src/index.js";

describeCryptoPlugin(aes, {
  features: [
    "CRYPTER:AES_CBC-16",
    "CRYPTER:AES_CBC-24",
    "CRYPTER:AES_CBC-32",
    "CRYPTER:AES_ECB-16",
    "CRYPTER:AES_ECB-24",
    "CRYPTER:AES_ECB-32",
  ],
});
