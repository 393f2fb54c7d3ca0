import { Bus, custom, definePlugin, list, text } from "@cygnet/plugin-api";
import { doorkeeper } from "./doorkeeper.js";

/** Greets the peers that come and go, and refuses some. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options: {
    greeting: text("hello", "What log lines about peers begin with."),
    refuse: list([], "Identities that are refused although they are authenticated, separated by blanks or commas."),
  },
  features: () => [
    {
      provides: custom("acme"),
      // Each thread with IKE_SAs has a bus. What `register` returns undoes it: here, the bus gives the undo.
      register: ({ log, options, resolve }) => resolve(Bus).addListener(doorkeeper(log, options)),
    },
  ],
});
