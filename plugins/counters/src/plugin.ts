import { Bus, ControlLink, CounterQuery, custom, definePlugin, PLUGIN_API, ShardLinks } from "@cygnet/plugin-api";
import type { PluginContext } from "@cygnet/plugin-api";
import { DaemonCounters, answerFor } from "./daemon-counters.js";
import { EventCounters } from "./event-counters.js";

/** strongSwan's `counters`: how often what happened, for `ipsec listcounters`. Each shard counts for itself, and control adds up. */
export default definePlugin({
  name: "counters",
  api: PLUGIN_API,
  features: () => [
    {
      provides: custom("counters"),
      on: "both",
      register: (context) => {
        const undo = context.locations.map((location) => (location === "shard" ? count(context) : answerQueries(context)));
        return () => undo.forEach((each) => each());
      },
    },
  ],
});

/** On a shard. */
function count({ resolve }: PluginContext): () => void {
  const counters = new EventCounters();
  const removeListener = resolve(Bus).addListener(counters);
  const stopAnswering = answerFor(counters, resolve(ControlLink));
  return () => {
    stopAnswering();
    removeListener();
  };
}

/** On control. */
function answerQueries({ resolve, provide }: PluginContext): () => void {
  return provide(CounterQuery, new DaemonCounters(resolve(ShardLinks)));
}
