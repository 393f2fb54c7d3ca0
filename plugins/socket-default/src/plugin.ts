import { socketPlugin } from "@cygnet/udp";

/** strongSwan's `socket-default`: one pair of UDP sockets, for IKE and behind NAT, per address family, read by one thread. */
export default socketPlugin("socket-default", { hasOneReceiver: true });
