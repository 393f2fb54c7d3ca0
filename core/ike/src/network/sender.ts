import { JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { hexDump } from "@cygnet/runtime";
import type { IkeContext } from "../ike-context.js";
import { MARKER_BYTES } from "../sa/ikev2/message-codec.js";
import { sendDelay } from "./delays.js";
import { hasMarker } from "./marker.js";

/** The one octet that keeps a NAT's mapping alive, RFC 3948 section 2.3. */
const KEEPALIVE = Uint8Array.of(0xff);

/** Sends IKE messages, with the non-ESP marker where it belongs. */
export class Sender {
  constructor(private readonly context: IkeContext) {}

  /** @param datagram with `MARKER_BYTES` zero octets in front of the message; copied */
  send(datagram: Uint8Array, source: Host, destination: Host, dscp: number): void {
    const { sockets, options, log } = this.context;
    if (!sockets.socket) return;
    if (log.enabled(LogGroup.NET, 1)) {
      const bytes = datagram.length - MARKER_BYTES;
      log.log(
        LogGroup.NET,
        1,
        `sending packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()} (${bytes} bytes)`,
      );
    }
    const delayMs = options.send_delay === 0 ? 0 : sendDelay(options, headerOf(datagram));
    if (delayMs === 0) return this.#sendNow(datagram, source, destination, dscp);
    log.log(LogGroup.NET, 1, `using send delay: ${delayMs}ms`);
    const held = datagram.slice();
    const send = (): void => this.#sendNow(held, source, destination, dscp);
    this.context.scheduler.schedule({ name: "send-message", priority: JobPriority.CRITICAL, execute: send }, delayMs);
  }

  #sendNow(datagram: Uint8Array, source: Host, destination: Host, dscp: number): void {
    const { log, sockets } = this.context;
    const octets = hasMarker(sockets.socket, source.port, destination.port) ? datagram : datagram.subarray(MARKER_BYTES);
    if (log.enabled(LogGroup.NET, 3)) log.log(LogGroup.NET, 3, hexDump("sending packet", octets));
    sockets.socket?.send(octets, source, destination, dscp);
  }

  sendKeepalive(source: Host, destination: Host): void {
    this.context.sockets.socket?.send(KEEPALIVE, source, destination, 0);
  }
}

/** Where the header of a message that we generated says what it is, RFC 7296 section 3.1. */
function headerOf(datagram: Uint8Array): { readonly exchangeType: number; readonly flags: number } {
  return { exchangeType: datagram[MARKER_BYTES + 18]!, flags: datagram[MARKER_BYTES + 19]! };
}
