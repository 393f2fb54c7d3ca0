import { existsSync } from "node:fs";
import { AttributeManager, custom, definePlugin, PLUGIN_API, text } from "@cygnet/plugin-api";
import { DnsHandler } from "./dns-handler.js";
import { Resolvconf } from "./resolvconf.js";
import { ResolverFile } from "./resolver-file.js";

/** strongSwan's `resolve`: DNS servers that a gateway assigns, into resolv.conf or to resolvconf. */
export default definePlugin({
  name: "resolve",
  api: PLUGIN_API,
  options: {
    file: text("/etc/resolv.conf", "File that DNS servers are written to where there is no resolvconf."),
    "resolvconf.iface": text("lo.ipsec", "Interface name that is given to resolvconf."),
    "resolvconf.iface_prefix": text(
      undefined,
      "As in strongSwan 5.9.8: each DNS server gets an interface of its own, named by this and the server. Unset for one interface for all.",
    ),
    "resolvconf.path": text("/sbin/resolvconf", "The resolvconf program; used where it exists when the daemon starts."),
  },
  features: () => [
    {
      provides: custom("resolve"),
      on: "control",
      register: ({ options, log, resolve }) => {
        const path = options["resolvconf.path"];
        const installer = existsSync(path)
          ? new Resolvconf({ path, iface: options["resolvconf.iface"], ifacePrefix: options["resolvconf.iface_prefix"], log })
          : new ResolverFile(options.file);
        const handler = new DnsHandler(installer, log);
        const removeHandler = resolve(AttributeManager).addHandler(handler);
        return () => {
          removeHandler();
          return handler.close();
        };
      },
    },
  ],
});
