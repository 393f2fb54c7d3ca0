import { AttributeManager, Bus, ControlLink, custom, definePlugin, flag, PLUGIN_API, ShardLinks } from "@cygnet/plugin-api";
import { DnsServers } from "./dns-servers.js";
import { RUN_SCRIPT, ScriptListener } from "./script-listener.js";
import { ScriptRunner } from "./script-runner.js";

/** strongSwan's `updown`: runs the script of a CHILD_SA when it comes up and when it goes down. */
export default definePlugin({
  name: "updown",
  api: PLUGIN_API,
  options: {
    dns_handler: flag(false, "Whether DNS servers that peers assign are for the scripts (`PLUTO_DNS4_1` and so on)."),
  },
  features: () => [
    {
      provides: custom("updown-scripts"),
      on: "control",
      register: ({ log, options, resolve }) => {
        const servers = new DnsServers();
        const removeHandler = options.dns_handler ? resolve(AttributeManager).addHandler(servers) : () => undefined;
        const runner = new ScriptRunner({ log, dnsServers: (ikeSaId) => servers.of(ikeSaId) });
        const stopListening = resolve(ShardLinks).listen(RUN_SCRIPT, (run) => runner.run(run));
        return async () => {
          await stopListening();
          removeHandler();
          await runner.close();
        };
      },
    },
    {
      provides: custom("updown"),
      register: ({ resolve }) => resolve(Bus).addListener(new ScriptListener(resolve(ControlLink))),
    },
  ],
});
