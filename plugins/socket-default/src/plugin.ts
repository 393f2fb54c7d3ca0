import { custom, definePlugin, SocketManager } from "@cygnet/plugin-api";
import { DefaultSocket } from "./default-socket.js";
import { readSocketConfig } from "./socket-config.js";
import { SOCKET_OPTIONS } from "./socket-options.js";

/** strongSwan's `socket-default`: one pair of UDP sockets, for IKE and behind NAT, per address family. */
export default definePlugin({
  name: "socket-default",
  api: 1,
  options: SOCKET_OPTIONS,
  features: () => [
    {
      provides: custom("socket"),
      softDepends: [custom("kernel-ipsec")],
      register: ({ options, charon, log, resolve }) =>
        resolve(SocketManager).add(() => new DefaultSocket(readSocketConfig(options, charon, log), { log })),
    },
  ],
});
