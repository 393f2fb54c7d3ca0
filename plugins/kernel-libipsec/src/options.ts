import { flag } from "@cygnet/plugin-api";

/** Options of `charon.plugins.kernel-libipsec`. */
export const LIBIPSEC_OPTIONS = {
  allow_peer_ts: flag(
    false,
    "Route traffic into a tunnel although the peer itself is in its remote traffic selector. IKE and ESP must be kept out of it then, by firewall marks.",
  ),
  raw_esp: flag(
    false,
    "Send ESP without UDP, as IP protocol 50, where no NAT is on the way; otherwise all of it is in UDP, and a NAT is pretended to the peer. Needs CAP_NET_RAW.",
  ),
};
