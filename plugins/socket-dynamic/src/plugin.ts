import { socketPlugin } from "@cygnet/udp";

/** strongSwan's `socket-dynamic`: IKE_SAs may use any local port, which is open as long as one does. */
export default socketPlugin("socket-dynamic", { hasOneReceiver: false, opensPorts: true });
