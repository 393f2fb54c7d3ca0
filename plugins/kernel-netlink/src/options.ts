import { flag, int, text } from "@cygnet/plugin-api";
import type { OptionValues } from "@cygnet/plugin-api";

const MAX = 0x7fffffff;
const bits = (value: number, what: string) =>
  int(value, `Prefix length of ${what} from which on policies are hashed by it.`, { min: 0, max: value });

/** Options of `charon.plugins.kernel-netlink`. */
export const NETLINK_OPTIONS = {
  buflen: int(0, "Accepted without effect: there is room for the largest message of the kernel.", { min: 0 }),
  force_receive_buffer_size: flag(false, "Accepted without effect: receive_buffer_size is forced wherever we may."),
  fwmark: text(
    undefined,
    "Firewall mark in the rule for the routing table, as [!]mark[/mask]; with ! packets with the mark do not see it.",
  ),
  hw_offload_feature_interface: text("lo", "Accepted without effect: whether a card encrypts, the kernel says for each SA."),
  ignore_retransmit_errors: flag(false, "Whether errors that may come from a repeated request count as success."),
  install_routes_xfrmi: flag(false, "Install routes for policies of XFRM interfaces, too."),
  mss: int(0, "Maximum segment size on routes that are installed, 0 for none.", { min: 0, max: 0xffff }),
  mtu: int(0, "MTU on routes that are installed, 0 for none.", { min: 0, max: 0xffff }),
  parallel_route: flag(false, "Accepted without effect: each shard has a socket of its own."),
  parallel_xfrm: flag(false, "Accepted without effect: each shard has a socket of its own."),
  policy_update: flag(false, "Replace policies of others without looking whether there are any."),
  port_bypass: flag(false, "Keep IKE out of tunnels by policies for its ports, in place of policies on its sockets."),
  process_rules: flag(false, "Changes of routing rules are a reason to look for a better path, too."),
  receive_buffer_size: int(8_388_608, "Receive buffer of sockets for events, in octets; 0 for the system's.", {
    min: 0,
    max: MAX,
  }),
  retries: int(0, "How often a request that is not answered is sent again.", { min: 0 }),
  roam_events: flag(true, "Changes of addresses and routes are a reason to look for a better path."),
  set_proto_port_transport_sa: flag(false, "Selectors of SAs in transport mode have protocol and ports."),
  "spdh_thresh.ipv4.lbits": bits(32, "the local IPv4 subnet"),
  "spdh_thresh.ipv4.rbits": bits(32, "the remote IPv4 subnet"),
  "spdh_thresh.ipv6.lbits": bits(128, "the local IPv6 subnet"),
  "spdh_thresh.ipv6.rbits": bits(128, "the remote IPv6 subnet"),
  timeout: int(0, "Milliseconds to wait for an answer of the kernel, 0 for five seconds.", { min: 0, max: MAX }),
  xfrm_acq_expires: int(165, "Seconds that the kernel keeps an acquire, and an allocated SPI, before an SA comes of it.", {
    min: 1,
  }),
} as const;

/** Options of `charon` that are this plugin's. */
export const CHARON_OPTIONS = {
  ignore_routing_tables: text(
    "",
    "Numbers of routing tables that are not looked at for a path to the peer, separated by blanks. Used by kernel-netlink.",
  ),
  install_routes: flag(true, "Install source routes for tunnels. Used by kernel-netlink."),
  prefer_temporary_addrs: flag(
    false,
    "Prefer temporary IPv6 addresses where the kernel has no preference. Used by kernel-netlink.",
  ),
  process_route: flag(true, "Changes of routes are a reason to look for a better path. Used by kernel-netlink."),
  routing_table: int(220, "Number of the routing table for source routes, 0 for none. Used by kernel-netlink.", {
    min: 0,
    max: MAX,
  }),
  routing_table_prio: int(220, "Priority of the rule for that routing table. Used by kernel-netlink.", { min: 0, max: MAX }),
} as const;

export type NetlinkOptions = OptionValues<typeof NETLINK_OPTIONS>;
