import { custom, definePlugin, SocketManager } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { adoptEndpoints, openEndpoints, openSharedSockets } from "./open-endpoints.js";
import { readSocketConfig } from "./socket-config.js";
import { SOCKET_OPTIONS } from "./socket-options.js";
import type { SocketOptions } from "./socket-options.js";
import { UdpSockets } from "./udp-sockets.js";

/**
 * A plugin that provides `CUSTOM:socket` by UDP sockets. What sets them apart is who receives in a daemon of several shards: shard 0 for all of
 * them, or each for itself. With one shard there is no difference.
 */
export function socketPlugin(name: string, { hasOneReceiver }: { readonly hasOneReceiver: boolean }): Plugin<SocketOptions> {
  return definePlugin({
    name,
    api: 1,
    options: SOCKET_OPTIONS,
    features: () => [
      {
        provides: custom("socket"),
        softDepends: [custom("kernel-ipsec")],
        on: "both",
        register: (context) => {
          const { log } = context;
          const manager = context.resolve(SocketManager);
          const { group } = manager;
          const config = readSocketConfig(context);
          if (manager.share) return manager.share((key) => openSharedSockets(config, key, { hasOneReceiver, log }));
          return manager.add(() => {
            const endpoints = group ? adoptEndpoints(group, config, log) : openEndpoints(config, log);
            return new UdpSockets(endpoints, config, { log });
          });
        },
      },
    ],
  });
}
