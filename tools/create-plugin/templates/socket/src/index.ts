import { SocketManager, definePlugin, list } from "@cygnet/plugin-api";
import type { Feature, ServiceToken } from "@cygnet/plugin-api";
import { SOCKET_OPTIONS, socketPlugin } from "@cygnet/udp";
import type { SocketOptions } from "@cygnet/udp";
import { FilteredSocket } from "./filtered-socket.js";

/** UDP sockets of which each thread reads its own. */
const udp = socketPlugin("acme", { hasOneReceiver: false });
const options = { ...SOCKET_OPTIONS, block: list([], "Addresses whose datagrams are dropped, separated by blanks or commas.") };

/** UDP sockets that hear nothing from some addresses. It takes the place of `socket-default` in `load`. */
export default definePlugin({
  name: "acme",
  api: "API_VERSION",
  options,
  features: (values) => udp.features(values).map((feature) => filtered(feature, new Set(values.block))),
});

/** The feature, with sockets that are wrapped before they are added. Where control opens them for several threads there is nothing to wrap. */
function filtered(feature: Feature<SocketOptions>, blocked: ReadonlySet<string>): Feature<typeof options> {
  return {
    ...feature,
    register: (context) => {
      const manager = context.resolve(SocketManager);
      const wrapping: SocketManager = {
        socket: manager.socket,
        group: manager.group,
        share: manager.share,
        add: (create) => manager.add(() => new FilteredSocket(create(), blocked)),
      };
      const resolve = <S>(token: ServiceToken<S>): S =>
        token === (SocketManager as ServiceToken<unknown>) ? (wrapping as S) : context.resolve(token);
      return feature.register({ ...context, resolve });
    },
  };
}
