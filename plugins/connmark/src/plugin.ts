import { Bus, custom, definePlugin, PLUGIN_API } from "@cygnet/plugin-api";
import { Iptables } from "./iptables.js";
import { MarkedChildren } from "./marked-children.js";

/** strongSwan's `connmark`: replies of connections in transport mode find the CHILD_SA that these came by, by conntrack's marks. */
export default definePlugin({
  name: "connmark",
  api: PLUGIN_API,
  features: () => [
    {
      provides: custom("connmark"),
      register: ({ log, resolve }) => {
        const iptables = new Iptables(log);
        const children = new MarkedChildren(iptables);
        const removeListener = resolve(Bus).addListener(children);
        return () => {
          removeListener();
          children.clear();
          return iptables.idle();
        };
      },
    },
  ],
});
