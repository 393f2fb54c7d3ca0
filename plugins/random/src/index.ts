export { default } from "./plugin.js";
export * from "./device-rng.js";
export * from "./pooled-rng.js";
