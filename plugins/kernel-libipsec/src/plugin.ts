import { EspEngine } from "@cygnet/native";
import { ControlLink, custom, definePlugin, KernelManager, PLUGIN_API, SocketManager } from "@cygnet/plugin-api";
import type { PluginContext, SocketGroup } from "@cygnet/plugin-api";
import { Libipsec } from "./libipsec.js";
import { LIBIPSEC_OPTIONS } from "./options.js";
import { Spis } from "./spis.js";
import { TunnelRoutes } from "./tunnel-routes.js";

type Context = PluginContext<typeof LIBIPSEC_OPTIONS>;

/** All threads of the process with an engine of this name share a data path. */
const DATA_PATH = "kernel-libipsec";
/** The kernel puts the number. */
const DEVICE = "ipsec%d";
/** As strongSwan: room for ESP, UDP and IP around it on links of 1500 octets and on somewhat smaller ones. */
const MTU = 1400;
const FIRST_SPI = 0xc000_0000n;
const LAST_SPI = 0xcfff_ffffn;

/** strongSwan's `kernel-libipsec`: ESP in user space over a TUN device. */
export default definePlugin({
  name: "kernel-libipsec",
  api: PLUGIN_API,
  options: LIBIPSEC_OPTIONS,
  features: () => [
    {
      provides: custom("kernel-ipsec"),
      register: (context) => {
        const manager = context.resolve(KernelManager);
        // The first one registered is used, as in strongSwan.
        if (manager.ipsec) return;
        const kernel = kernelOf(context);
        const remove = manager.addIpsec(kernel);
        return () => {
          remove();
          kernel.close();
        };
      },
    },
  ],
});

function kernelOf({ charon, log, options, resolve }: Context): Libipsec {
  const manager = resolve(KernelManager);
  const { shard, shards } = resolve(ControlLink);
  const range = { min: Number(charon.getU64("spi_min", FIRST_SPI)), max: Number(charon.getU64("spi_max", LAST_SPI)) };
  return new Libipsec({
    log,
    events: manager.events,
    spis: new Spis(range, shard, shards),
    rawEsp: options.raw_esp,
    group: groupKey(resolve(SocketManager).group),
    open: (listener) => new EspEngine({ name: DATA_PATH, device: DEVICE, mtu: MTU }, listener),
    routes: (device) => {
      if (!charon.getBool("install_routes", true)) return undefined;
      return new TunnelRoutes({ net: () => manager.net, log, device, allowPeer: options.allow_peer_ts });
    },
  });
}

/** A receiver for all shards is alone in its group. */
function groupKey(group: SocketGroup | undefined): ConstructorParameters<typeof Libipsec>[0]["group"] {
  return group && !group.shared.hasOneReceiver ? group.key : { shards: 1 };
}
