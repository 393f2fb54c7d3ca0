export { FileFetcher } from "./file-fetcher.js";
export { default } from "./plugin.js";
