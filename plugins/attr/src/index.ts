export { encodeAttribute } from "./encode-attribute.js";
export type { EncodedAttribute } from "./encode-attribute.js";
export { SettingsAttributes } from "./settings-attributes.js";
export { default } from "./plugin.js";
