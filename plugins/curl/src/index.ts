export { HttpFetcher } from "./http-fetcher.js";
export { default } from "./plugin.js";
