import { Bus, CounterQuery, custom, definePlugin, PLUGIN_API } from "@cygnet/plugin-api";
import { EventCounters } from "./event-counters.js";

/** strongSwan's `counters`: how often what happened, for `ipsec listcounters`. */
export default definePlugin({
  name: "counters",
  api: PLUGIN_API,
  features: () => [
    {
      provides: custom("counters"),
      register: ({ resolve, provide }) => {
        const counters = new EventCounters();
        const removeListener = resolve(Bus).addListener(counters);
        const withdraw = provide(CounterQuery, counters);
        return () => {
          withdraw();
          removeListener();
        };
      },
    },
  ],
});
