import { LogGroup } from "@cygnet/plugin-api";
import type { Host, SocketManager } from "@cygnet/plugin-api";
import type { LogManager } from "@cygnet/runtime";
import { MARKER_BYTES } from "../sa/ikev2/message-codec.js";

/** The one octet that keeps a NAT's mapping alive, RFC 3948 section 2.3. */
const KEEPALIVE = Uint8Array.of(0xff);

/**
 * Sends IKE messages. Which of them carry the non-ESP marker is decided here: those from our NAT traversal port do (RFC 3948 section 2.2).
 */
export class Sender {
  constructor(
    private readonly sockets: SocketManager,
    private readonly log: LogManager,
  ) {}

  /** @param datagram with `MARKER_BYTES` zero octets in front of the message; copied */
  send(datagram: Uint8Array, source: Host, destination: Host, dscp: number): void {
    const { socket } = this.sockets;
    if (!socket) return;
    if (this.log.enabled(LogGroup.NET, 1)) {
      const bytes = datagram.length - MARKER_BYTES;
      this.log.log(
        LogGroup.NET,
        1,
        `sending packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()} (${bytes} bytes)`,
      );
    }
    socket.send(this.#isNatT(source) ? datagram : datagram.subarray(MARKER_BYTES), source, destination, dscp);
  }

  sendKeepalive(source: Host, destination: Host): void {
    this.sockets.socket?.send(KEEPALIVE, source, destination, 0);
  }

  #isNatT(source: Host): boolean {
    return source.port === this.sockets.socket?.port(true);
  }
}
