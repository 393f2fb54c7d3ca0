import { custom, definePlugin, KernelManager, SocketManager } from "@cygnet/plugin-api";
import type { IkeSocket, Plugin } from "@cygnet/plugin-api";
import type { Endpoint } from "./endpoint.js";
import { adoptEndpoints, openEndpoints, openSharedSockets } from "./open-endpoints.js";
import type { Ports } from "./open-ports.js";
import { readSocketConfig } from "./socket-config.js";
import { SOCKET_OPTIONS } from "./socket-options.js";
import type { SocketOptions } from "./socket-options.js";
import { UdpSockets } from "./udp-sockets.js";

/** What sets plugins for UDP sockets apart. */
export interface SocketKind {
  /** Who receives in a daemon of several shards: shard 0 for all of them, or each for itself. With one shard there is no difference. */
  readonly hasOneReceiver: boolean;
  /** IKE_SAs may use ports of their own, each of which is open as long as one does. Needs a receiver for each shard. */
  readonly opensPorts?: boolean;
}

/** A plugin that provides `CUSTOM:socket` by UDP sockets. */
export function socketPlugin(name: string, { hasOneReceiver, opensPorts }: SocketKind): Plugin<SocketOptions> {
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
          const config = readSocketConfig(context, opensPorts);
          if (manager.share) return manager.share((key) => openSharedSockets(config, key, { hasOneReceiver, log }));
          return manager.add(() => {
            const endpoints = group ? adoptEndpoints(group, config, log) : openEndpoints(config, log);
            const { ipsec } = context.resolve(KernelManager);
            const prepare = (socket: IkeSocket): void => ipsec?.prepareSocket?.(socket);
            for (const socket of ikeSockets(endpoints.ports)) prepare(socket);
            endpoints.dynamic?.prepareWith(prepare);
            return new UdpSockets(endpoints, config, { log });
          });
        },
      },
    ],
  });
}

function ikeSockets({ ipv4, ipv6 }: Ports<Endpoint>): IkeSocket[] {
  return [ipv4, ipv6].flatMap((pair) =>
    pair ? [pair.ike, pair.nat].map(({ udp: { fd, family, port } }, i) => ({ fd, family, port, natT: i === 1 })) : [],
  );
}
