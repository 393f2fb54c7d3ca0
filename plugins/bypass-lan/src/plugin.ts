import { ControlLink, custom, definePlugin, KernelManager, PLUGIN_API } from "@cygnet/plugin-api";
import { BypassPolicies } from "./bypass-policies.js";
import { BYPASS_LAN_OPTIONS } from "./options.js";

/** strongSwan's `bypass-lan`: what goes to networks that this host is on stays out of tunnels. The first shard does it for all. */
export default definePlugin({
  name: "bypass-lan",
  api: PLUGIN_API,
  options: BYPASS_LAN_OPTIONS,
  features: () => [
    {
      provides: custom("bypass-lan"),
      depends: [custom("kernel-ipsec"), custom("kernel-net")],
      register: ({ options, log, resolve }) => {
        if (resolve(ControlLink).shard !== 0) return;
        const kernels = resolve(KernelManager);
        const [use, ignore] = [words(options.interfaces_use), words(options.interfaces_ignore)];
        const isWanted = (name: string): boolean => (use.length > 0 ? use.includes(name) : !ignore.includes(name));
        const policies = new BypassPolicies({ kernels, log, isWanted });
        const stop = kernels.onRoam(() => void policies.update());
        void policies.update();
        return async () => {
          stop();
          await policies.close();
        };
      },
    },
  ],
});

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");
