import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Logger, Packet, ReceiveBatch, SocketStatus } from "@cygnet/plugin-api";
import type { UdpSocket } from "@cygnet/native";
import { errnoText } from "./errno-text.js";
import { HostCache } from "./host-cache.js";
import { SlotPacket } from "./slot-packet.js";

/** Peers that are heard again soon; beyond this a datagram costs two small objects. */
const SOURCE_ENTRIES = 4096;
/** Our own addresses. Apart from the peers', so that no flood of sources displaces them. */
const DESTINATION_ENTRIES = 64;
/** As many as one call of the addon delivers. */
const BATCH = 64;

/** One kernel socket: turns slots into packets and watches the counters. */
export class Endpoint {
  readonly udp: UdpSocket;
  readonly #log: Logger;
  readonly #local: string;
  readonly #sources = new HostCache(SOURCE_ENTRIES);
  readonly #destinations = new HostCache(DESTINATION_ENTRIES);
  readonly #packets: readonly SlotPacket[];
  readonly #batch: Packet[];
  readonly #reported = new Set<string>();
  #sendErrors = 0;
  #hasReportedSize = false;

  constructor(udp: UdpSocket, log: Logger) {
    this.udp = udp;
    this.#log = log;
    this.#local = `${udp.family === 4 ? "0.0.0.0" : "::"}[${udp.port}]`;
    const nowhere = Host.any(udp.family);
    this.#packets = Array.from({ length: udp.slots }, (_, slot) => new SlotPacket(udp, slot, nowhere));
    this.#batch = Array.from({ length: BATCH }, () => this.#packets[0]);
  }

  start(receive: ReceiveBatch): void {
    const { udp } = this;
    const [batch, packets, sources, destinations] = [this.#batch, this.#packets, this.#sources, this.#destinations];
    udp.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        const slot = slots[i];
        const packet = packets[slot];
        packet.fill(sources.source(udp, slot), destinations.destination(udp, slot));
        batch[i] = packet;
      }
      if (this.#log.enabled(LogGroup.NET, 2)) this.#logReceived(count);
      receive(batch, count);
    });
  }

  flush(): void {
    this.udp.flush();
    if (this.udp.sendErrors !== this.#sendErrors) this.#reportSendErrors();
    if (this.udp.oversized !== 0 && !this.#hasReportedSize) this.#reportSize();
  }

  status(): SocketStatus {
    const { received, sent, dropped, sendErrors, queuedBytes, bufferBytes } = this.udp.status();
    return { local: this.#local, received, sent, dropped, sendErrors, queuedBytes, bufferBytes };
  }

  #logReceived(count: number): void {
    for (let i = 0; i < count; i++) {
      const { source, destination } = this.#batch[i];
      this.#log.log(LogGroup.NET, 2, `received packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()}`);
    }
  }

  /** Once per kind of error: a peer that cannot be reached would fill the log. */
  #reportSendErrors(): void {
    this.#sendErrors = this.udp.sendErrors;
    const name = this.udp.sendErrorName;
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    this.#log.log(LogGroup.NET, 1, `error writing to socket: ${errnoText(name)}`);
  }

  #reportSize(): void {
    this.#hasReportedSize = true;
    this.#log.log(LogGroup.NET, 1, "receive buffer too small, packet discarded");
  }
}
