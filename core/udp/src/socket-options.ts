import { flag, text } from "@cygnet/plugin-api";

/** The options of every plugin for UDP sockets. */
export const SOCKET_OPTIONS = {
  use_ipv4: flag(true, "Open IPv4 sockets."),
  use_ipv6: flag(true, "Open IPv6 sockets, where the host has IPv6."),
  set_source: flag(true, "Send from the local address of the IKE_SA; otherwise the routing table chooses the source address."),
  set_sourceif: flag(
    false,
    "Send out of the interface that has the source address, whatever the routing table says. Needed for IKE between IPv6 link-local addresses.",
  ),
  fwmark: text(
    undefined,
    "Firewall mark of outgoing IKE packets, as value or value/mask, decimal or with 0x. Needs CAP_NET_ADMIN. Keeps them out of a route-based VPN.",
  ),
};

export type SocketOptions = typeof SOCKET_OPTIONS;
