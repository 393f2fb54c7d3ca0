/**
 * Conformance suites for algorithms: one per contract of @cygnet/plugin-api, and `describeCryptoPlugin`, which runs them over everything that
 * a plugin provides. A third party's test is a few lines:
 *
 *     describeCryptoPlugin(acme, { features: ["HASHER:HASH_SHA1"] });
 */
export { describeAead } from "./crypto/aead.js";
export { describeCrypter } from "./crypto/crypter.js";
export { describeHasher } from "./crypto/hasher.js";
export { describeKeyExchange } from "./crypto/key-exchange.js";
export { describeCryptoPlugin, registerAll } from "./crypto/plugin.js";
export { describePrf } from "./crypto/prf.js";
export { RecordingRegistry } from "./crypto/recording-registry.js";
export { describeSigner } from "./crypto/signer.js";
