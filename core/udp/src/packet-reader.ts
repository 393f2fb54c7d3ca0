import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Logger, Packet, ReceiveBatch } from "@cygnet/plugin-api";
import type { ReceivedSlots } from "@cygnet/native";
import { HostCache } from "./host-cache.js";
import { SlotPacket } from "./slot-packet.js";

/** Peers that are heard again soon; beyond this a datagram costs two small objects. */
const SOURCE_ENTRIES = 4096;
/** Our own addresses. Apart from the peers', so that no flood of sources displaces them. */
const DESTINATION_ENTRIES = 64;
/** As many as one call of the addon delivers. */
const BATCH = 64;

/** Turns slots, of a socket or of a ring, into packets. */
export class PacketReader {
  readonly #from: ReceivedSlots;
  readonly #log: Logger;
  readonly #sources = new HostCache(SOURCE_ENTRIES);
  readonly #destinations = new HostCache(DESTINATION_ENTRIES);
  readonly #packets: readonly SlotPacket[];
  readonly #batch: Packet[];

  constructor(from: ReceivedSlots, log: Logger) {
    this.#from = from;
    this.#log = log;
    const nowhere = Host.any(4);
    this.#packets = Array.from({ length: from.slots }, (_, slot) => new SlotPacket(from, slot, nowhere));
    this.#batch = Array.from({ length: BATCH }, () => this.#packets[0]);
  }

  start(receive: ReceiveBatch): void {
    const from = this.#from;
    const [batch, packets, sources, destinations] = [this.#batch, this.#packets, this.#sources, this.#destinations];
    from.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        const slot = slots[i];
        const packet = packets[slot];
        packet.fill(sources.source(from, slot), destinations.destination(from, slot));
        batch[i] = packet;
      }
      if (this.#log.enabled(LogGroup.NET, 2)) this.#logReceived(count);
      receive(batch, count);
    });
  }

  #logReceived(count: number): void {
    for (let i = 0; i < count; i++) {
      const { source, destination } = this.#batch[i];
      this.#log.log(LogGroup.NET, 2, `received packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()}`);
    }
  }
}
