import { Bus, ControlLink, CounterQuery, custom, definePlugin, PLUGIN_API, ShardLinks } from "@cygnet/plugin-api";
import { DaemonCounters, answerFor } from "./daemon-counters.js";
import { EventCounters } from "./event-counters.js";

/** strongSwan's `counters`: how often what happened, for `ipsec listcounters`. Each shard counts for itself, and control adds up. */
export default definePlugin({
  name: "counters",
  api: PLUGIN_API,
  features: () => [
    {
      provides: custom("counters"),
      register: ({ resolve }) => {
        const counters = new EventCounters();
        const removeListener = resolve(Bus).addListener(counters);
        const stopAnswering = answerFor(counters, resolve(ControlLink));
        return () => {
          stopAnswering();
          removeListener();
        };
      },
    },
    {
      provides: custom("counters-query"),
      on: "control",
      depends: [custom("counters")],
      register: ({ resolve, provide }) => provide(CounterQuery, new DaemonCounters(resolve(ShardLinks))),
    },
  ],
});
