import { definePlugin, int, PLUGIN_API, provideFetcher } from "@cygnet/plugin-api";
import { HttpFetcher } from "./http-fetcher.js";

/** strongSwan's `curl`, with Node.js's HTTP client in place of libcurl. */
export default definePlugin({
  name: "curl",
  api: PLUGIN_API,
  options: {
    redir: int(-1, "Redirects that are followed, -1 for any number."),
  },
  features: ({ redir }) => ["http://", "https://"].map((scheme) => provideFetcher(scheme, () => new HttpFetcher(redir))),
});
