import { AttributeManager, custom, definePlugin, PLUGIN_API, text } from "@cygnet/plugin-api";
import { SettingsAttributes, SettingsAttributesToken } from "./settings-attributes.js";

const servers = (what: string) => text(undefined, `${what}, IPv4 or IPv6, separated by commas.`, { reloadable: true });
const subnets = (what: string) => text(undefined, `${what}, as ADDRESS/PREFIX, separated by commas.`, { reloadable: true });

/** strongSwan's `attr`: attributes for peers with virtual IPs, from strongswan.conf. */
export default definePlugin({
  name: "attr",
  api: PLUGIN_API,
  // For documentation and checks; values are read with their places by SettingsAttributes, which also takes numbers of attribute types.
  options: {
    address: servers("Virtual IPs to announce beside the assigned one"),
    dhcp: servers("DHCP servers"),
    dns: servers("DNS servers"),
    nbns: servers("NBNS (WINS) servers"),
    netmask: servers("Netmasks of the internal network"),
    "p-cscf": servers("P-CSCF servers (RFC 7651)"),
    server: servers("Servers in the sense of Microsoft's INTERNAL_IP4_SERVER"),
    subnet: subnets("Subnets that this gateway protects"),
    "split-include": subnets("Subnets to tunnel (Cisco Unity)"),
    "split-exclude": subnets("Subnets not to tunnel (Cisco Unity)"),
    NUMBER: text(undefined, "Values of the attribute type of that number, addresses or text, separated by commas.", {
      reloadable: true,
    }),
  },
  charonOptions: {
    dns1: servers("As dns of plugins.attr, the older form"),
    dns2: servers("As dns1"),
    nbns1: servers("As nbns of plugins.attr, the older form"),
    nbns2: servers("As nbns1"),
  },
  features: () => [
    {
      provides: custom("attr"),
      on: "control",
      register: ({ charon, log, resolve, provide }) => {
        const attributes = new SettingsAttributes(resolve(AttributeManager), log);
        attributes.load(charon);
        const withdraw = provide(SettingsAttributesToken, attributes);
        return () => {
          withdraw();
          attributes.clear();
        };
      },
    },
  ],
  reload: ({ charon, resolve }) => resolve(SettingsAttributesToken).load(charon),
});
