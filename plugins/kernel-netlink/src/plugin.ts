import {
  ControlLink,
  custom,
  definePlugin,
  KernelManager,
  PLUGIN_API,
  PluginError,
  RunFiles,
  serviceToken,
  ShardLinks,
} from "@cygnet/plugin-api";
import type { Feature, PluginContext, ServiceToken } from "@cygnet/plugin-api";
import { readCharon } from "./charon-values.js";
import { applyHostSettings } from "./host-settings.js";
import { IkeSockets } from "./ike-sockets.js";
import { removeLeftovers, removeLeftoversOf } from "./leftovers/leftovers.js";
import { OwnTags } from "./leftovers/own-tags.js";
import { RunRecord } from "./leftovers/run-record.js";
import { answerOtherShards, joinShards, OtherShards } from "./other-shards.js";
import { SourceRoutes } from "./policy-routes.js";
import { CHARON_OPTIONS, NETLINK_OPTIONS } from "./options.js";
import { parseFwmark } from "./route/fwmark.js";
import type { Fwmark } from "./route/fwmark.js";
import { NetlinkNet } from "./route/netlink-net.js";
import { XfrmIpsec } from "./xfrm-ipsec.js";
import type { PolicyRoutes } from "./xfrm/xfrm-policies.js";

type Context = PluginContext<typeof NETLINK_OPTIONS>;

/** The network as the policies of the same thread use it. */
interface ThreadNet {
  readonly net: NetlinkNet;
  readonly tags: OwnTags;
  /** Undefined where there is one shard. */
  readonly sharers: OtherShards | undefined;
  /** Set while there are policies with routes; addresses or routes have changed. */
  refresh: (() => void) | undefined;
}

const ThreadNetToken: ServiceToken<ThreadNet> = serviceToken("kernel-netlink.net");

const net: Feature<typeof NETLINK_OPTIONS> = {
  provides: custom("kernel-net"),
  on: "both",
  register: (context) => {
    const { options, log, resolve, provide } = context;
    const charon = readCharon(context.charon);
    const fwmark = readFwmark(options.fwmark);
    const manager = resolve(KernelManager);
    const [links, link] = [ifThere(context, ShardLinks), ifThere(context, ControlLink)];
    const shard = link?.shard ?? 0;
    const record = new RunRecord(resolve(RunFiles).path("kernel-netlink"), log, shard);
    const tags = new OwnTags(record.seed(), shard);
    const leftovers = { requests: requestOptions(context), log, tags, record, table: charon.table };
    // Control is first, before a shard has anything there; a shard that finds something is in the place of one that died.
    const sharers = link && link.shards > 1 ? new OtherShards(link) : undefined;
    if (links) removeLeftovers(leftovers);
    else if (link && sharers) {
      const part = { shard, draws: drawnBy(link, charon.reqidBase) };
      for (const key of removeLeftoversOf(part, leftovers)) sharers.removed(key);
    }
    const thread: ThreadNet = {
      tags,
      sharers,
      refresh: undefined,
      net: new NetlinkNet({
        requests: requestOptions(context),
        log,
        isInterfaceUsable: charon.isInterfaceUsable,
        table: charon.table,
        tablePriority: charon.tablePriority,
        ignoredTables: charon.ignoredTables,
        fwmark,
        mtu: options.mtu,
        mss: options.mss,
        preferTemporary: charon.preferTemporary,
        receiveBufferBytes: options.receive_buffer_size,
        record,
        roamOn: { any: options.roam_events, routes: charon.processRoute, rules: options.process_rules },
        roam: (addressChanged) => {
          thread.refresh?.();
          manager.events.roam(addressChanged);
        },
      }),
    };
    const part = links && links.count > 1 ? joinShards(links) : undefined;
    const withdraw = provide(ThreadNetToken, thread);
    const remove = manager.addNet(thread.net);
    return () => {
      remove();
      withdraw();
      void part?.();
      thread.net.close();
    };
  },
};

const ipsec: Feature<typeof NETLINK_OPTIONS> = {
  provides: custom("kernel-ipsec"),
  depends: [custom("kernel-net")],
  register: (context) => {
    const { options, log, resolve } = context;
    const manager = resolve(KernelManager);
    // The first one registered is used, as in strongSwan: the load-tester's that does nothing, say.
    if (manager.ipsec) return;
    const charon = readCharon(context.charon);
    const thread = resolve(ThreadNetToken);
    const link = resolve(ControlLink);
    const sources =
      charon.installRoutes && charon.table > 0
        ? new SourceRoutes(thread.net, { log, forInterfaces: options.install_routes_xfrmi })
        : undefined;
    thread.refresh = sources && (() => sources.refresh());
    const kernel = new XfrmIpsec({
      requests: requestOptions(context),
      log,
      events: manager.events,
      receiveBufferBytes: options.receive_buffer_size,
      spis: charon.spis,
      protoPortTransport: options.set_proto_port_transport_sa,
      alwaysUpdatePolicies: options.policy_update,
      tags: thread.tags,
      routes: sources ?? NO_ROUTES,
      sharers: thread.sharers,
      interfaceIndex: (name) => thread.net.interfaceIndex(name),
      offloadInterface: (address) => thread.net.indexOf(address),
      sockets: (addPolicy) => new IkeSockets({ log, byPort: options.port_bypass ? addPolicy : undefined }),
    });
    try {
      kernel.requireEsp();
    } catch (error) {
      kernel.close();
      throw error;
    }
    const silence = answerOtherShards(link, (keys) => kernel.restorePolicies(keys));
    const setBack = link.shard === 0 ? applyHostSettings(options, log) : undefined;
    const remove = manager.addIpsec(kernel);
    return () => {
      remove();
      void silence();
      thread.refresh = undefined;
      kernel.close();
      setBack?.();
    };
  },
};

const NO_ROUTES: PolicyRoutes = { installed: () => undefined, removed: () => undefined };

/** strongSwan's `kernel-netlink`: IPsec of the Linux kernel, its addresses and its routes. */
export default definePlugin({
  name: "kernel-netlink",
  api: PLUGIN_API,
  options: NETLINK_OPTIONS,
  charonOptions: CHARON_OPTIONS,
  features: () => [ipsec, net],
});

const requestOptions = ({ options }: Context) => ({
  timeoutMs: options.timeout,
  retries: options.retries,
  ignoreRetransmitErrors: options.ignore_retransmit_errors,
});

/** Whether it is this shard that draws a reqid. */
const drawnBy =
  ({ shard, shards }: ControlLink, base: number) =>
  (reqid: number): boolean =>
    reqid >= base && (reqid - base) % shards === shard;

/** A service that only some threads have. */
function ifThere<T>({ resolve }: Context, token: ServiceToken<T>): T | undefined {
  try {
    return resolve(token);
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}

function readFwmark(value: string | undefined): Fwmark | undefined {
  if (value === undefined || value === "") return undefined;
  const fwmark = parseFwmark(value);
  if (fwmark) return fwmark;
  throw new PluginError(
    "CYG_KERNEL_OPTION",
    "kernel-netlink",
    `charon.plugins.kernel-netlink.fwmark: '${value}' is no [!]mark[/mask]`,
  );
}
