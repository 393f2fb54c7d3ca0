import { ControlLink, custom, definePlugin, KernelManager, PLUGIN_API, serviceToken } from "@cygnet/plugin-api";
import type { OptionValues, ServiceToken } from "@cygnet/plugin-api";
import { BypassPolicies } from "./bypass-policies.js";
import { BYPASS_LAN_OPTIONS } from "./options.js";

type Options = OptionValues<typeof BYPASS_LAN_OPTIONS>;

/** How the plugin's reload finds what its feature registered. */
const ApplyOptions: ServiceToken<(options: Options) => Promise<void>> = serviceToken("plugin.bypass-lan.ApplyOptions");

/** strongSwan's `bypass-lan`: what goes to networks that this host is on stays out of tunnels. The first shard does it for all. */
export default definePlugin({
  name: "bypass-lan",
  api: PLUGIN_API,
  options: BYPASS_LAN_OPTIONS,
  features: () => [
    {
      provides: custom("bypass-lan"),
      depends: [custom("kernel-ipsec"), custom("kernel-net")],
      register: ({ options, log, resolve, provide }) => {
        if (resolve(ControlLink).shard !== 0) return provide(ApplyOptions, () => Promise.resolve());
        const kernels = resolve(KernelManager);
        let isWanted = choice(options);
        const policies = new BypassPolicies({ kernels, log, isWanted: (name) => isWanted(name) });
        const stop = kernels.onRoam(() => void policies.update());
        void policies.update();
        const withdraw = provide(ApplyOptions, (fresh) => {
          isWanted = choice(fresh);
          return policies.update();
        });
        return async () => {
          withdraw();
          stop();
          await policies.close();
        };
      },
    },
  ],
  reload: ({ options, resolve }) => resolve(ApplyOptions)(options),
});

/** Whether the networks of an interface stay out of tunnels. */
function choice(options: Options): (name: string) => boolean {
  const [use, ignore] = [words(options.interfaces_use), words(options.interfaces_ignore)];
  return (name) => (use.length > 0 ? use.includes(name) : !ignore.includes(name));
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");
