import { AttributeManager, Bus, ControlLink, custom, definePlugin, flag, PLUGIN_API, ShardLinks } from "@cygnet/plugin-api";
import type { PluginContext, Undo } from "@cygnet/plugin-api";
import { DnsServers } from "./dns-servers.js";
import { RUN_SCRIPT, ScriptListener } from "./script-listener.js";
import { ScriptRunner } from "./script-runner.js";

const UPDOWN_OPTIONS = {
  dns_handler: flag(false, "Whether DNS servers that peers assign are for the scripts (`PLUTO_DNS4_1` and so on)."),
};

/** strongSwan's `updown`: runs the script of a CHILD_SA when it comes up and when it goes down. Shards see that, and control runs the scripts. */
export default definePlugin({
  name: "updown",
  api: PLUGIN_API,
  options: UPDOWN_OPTIONS,
  features: () => [
    {
      provides: custom("updown"),
      on: "both",
      register: (context) => {
        const undo = context.locations.map((location) => (location === "shard" ? listen(context) : runScripts(context)));
        return async () => {
          for (const each of undo) await each();
        };
      },
    },
  ],
});

function listen({ resolve }: PluginContext<typeof UPDOWN_OPTIONS>): Undo {
  return resolve(Bus).addListener(new ScriptListener(resolve(ControlLink)));
}

function runScripts({ log, options, resolve }: PluginContext<typeof UPDOWN_OPTIONS>): Undo {
  const servers = new DnsServers();
  const removeHandler = options.dns_handler ? resolve(AttributeManager).addHandler(servers) : () => undefined;
  const runner = new ScriptRunner({ log, dnsServers: (ikeSaId) => servers.of(ikeSaId) });
  const stopListening = resolve(ShardLinks).listen(RUN_SCRIPT, (run) => runner.run(run));
  return async () => {
    await stopListening();
    removeHandler();
    await runner.close();
  };
}
