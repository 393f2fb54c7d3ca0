import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Logger, Packet, ReceiveBatch } from "@cygnet/plugin-api";
import { MAX_DELIVERED } from "@cygnet/native";
import type { ReceivedSlots } from "@cygnet/native";
import { HostCaches } from "./host-cache.js";
import { SlotPacket } from "./slot-packet.js";

const SOURCE_ENTRIES = 4096;

/** Turns slots, of a socket or of a ring, into packets. */
export class PacketReader {
  readonly #from: ReceivedSlots;
  readonly #log: Logger;
  readonly #hosts: HostCaches;
  readonly #packets: readonly SlotPacket[];
  readonly #batch: Packet[];

  /** @param hosts its own by default */
  constructor(from: ReceivedSlots, log: Logger, hosts = new HostCaches(SOURCE_ENTRIES)) {
    this.#hosts = hosts;
    this.#from = from;
    this.#log = log;
    const nowhere = Host.any(4);
    this.#packets = Array.from({ length: from.slots }, (_, slot) => new SlotPacket(from, slot, nowhere));
    this.#batch = Array.from({ length: Math.min(MAX_DELIVERED, from.slots) }, () => this.#packets[0]);
  }

  start(receive: ReceiveBatch): void {
    const from = this.#from;
    const [batch, packets, sources, destinations] = [this.#batch, this.#packets, this.#hosts.sources, this.#hosts.destinations];
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
