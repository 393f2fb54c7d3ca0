import type { Socket } from "@cygnet/plugin-api";

/** The port that plain IKE has by its number, RFC 7296 section 2. */
const IKE_PORT = 500;

/**
 * Whether messages between two ports carry the non-ESP marker, RFC 3948 section 2.2: at our port for NAT traversal they do, at that for IKE they
 * do not. At further ports it is the peer's that tells, as in strongSwan.
 */
export function hasMarker(socket: Socket | undefined, ownPort: number, peerPort: number): boolean {
  if (socket === undefined) return false;
  if (ownPort === socket.port(true)) return true;
  return ownPort !== socket.port(false) && ownPort !== 0 && peerPort !== IKE_PORT;
}
