export { openPkcs12 } from "./open-pkcs12.js";
export { default } from "./plugin.js";
