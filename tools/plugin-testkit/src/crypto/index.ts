/**
 * Conformance suites for algorithms: one per contract of @cygnet/plugin-api, and `describeCryptoPlugin`, which runs them over everything that
 * a plugin provides. A third party's test is a few lines:
 *
 *     describeCryptoPlugin(acme, { features: ["HASHER:HASH_SHA1"] });
 */
export { describeAead } from "./aead.js";
export { describeCrypter } from "./crypter.js";
export { describeHasher } from "./hasher.js";
export { describeKeyExchange } from "./key-exchange.js";
export { describeCryptoPlugin, registerAll } from "./plugin.js";
export { describePrf } from "./prf.js";
export { RecordingRegistry } from "./recording-registry.js";
export { describeSigner } from "./signer.js";
