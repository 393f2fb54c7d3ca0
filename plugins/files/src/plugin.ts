import { definePlugin, PLUGIN_API, provideFetcher } from "@cygnet/plugin-api";
import { FileFetcher } from "./file-fetcher.js";

/** strongSwan's `files`: fetches from `file://` URIs. */
export default definePlugin({
  name: "files",
  api: PLUGIN_API,
  features: () => [provideFetcher("file://", () => new FileFetcher())],
});
