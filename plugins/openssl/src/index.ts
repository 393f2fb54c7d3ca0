export { default } from "./plugin.js";
export { keyProvider } from "./keys.js";
