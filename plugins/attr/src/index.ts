export { SettingsAttributes } from "./settings-attributes.js";
export { default } from "./plugin.js";
