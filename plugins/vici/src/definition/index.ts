export { buildConnection } from "./build-connection.js";
export { settingsWithoutEffect } from "./no-effect.js";
export { optionOf } from "./option-names.js";
export { readFile } from "./certificate-options.js";
export type { CertificateSources } from "./certificate-options.js";
