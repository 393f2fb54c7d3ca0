import { AttributeManager, Host, PluginError, custom, definePlugin, int, text } from "@cygnet/plugin-api";
import { AddressPool } from "./address-pool.js";

/** Serves virtual IPs, and a DNS server with them, to the peers of connections that name its pool. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options: {
    pool: text("acme", "Name of the pool, as `rightsourceip=%NAME` and `pools` of swanctl.conf have it."),
    first: text("10.9.0.1", "First address."),
    size: int(250, "How many addresses there are.", { min: 1, max: 65536 }),
    dns: text(undefined, "IPv4 address of a DNS server."),
  },
  features: () => [
    {
      provides: custom("acme"),
      // Once, on the control thread, which all threads with IKE_SAs ask.
      on: "control",
      register: ({ plugin, options: { pool, first, size, dns }, resolve }) => {
        const provider = new AddressPool({ name: pool, first: ipv4(plugin, first), size, dns: dns && ipv4(plugin, dns) });
        return resolve(AttributeManager).addProvider(provider);
      },
    },
  ],
});

/** @throws {PluginError} for what is no IPv4 address */
function ipv4(plugin: string, address: string): Host {
  try {
    const host = Host.of(address);
    if (host.family === 4) return host;
  } catch {
    // Said below.
  }
  throw new PluginError("ACME_ADDRESS", plugin, `'${address}' is no IPv4 address`);
}
