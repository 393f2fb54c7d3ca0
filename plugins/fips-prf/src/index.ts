export { default } from "./plugin.js";
export * from "./fips-prf.js";
