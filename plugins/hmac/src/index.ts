export { default } from "./plugin.js";
export * from "./generic-hmac.js";
