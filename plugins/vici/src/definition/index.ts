export { buildConnection } from "./build-connection.js";
export { settingsWithoutEffect } from "./no-effect.js";
export { optionOf } from "./option-names.js";
