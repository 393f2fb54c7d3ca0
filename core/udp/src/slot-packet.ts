import { InternalError } from "@cygnet/plugin-api";
import type { Host, Packet } from "@cygnet/plugin-api";
import type { ReceivedSlots } from "@cygnet/native";

/** The packet object of one slot, made once and filled for each datagram that comes to lie there. */
export class SlotPacket implements Packet {
  readonly data: Uint8Array;
  length = 0;
  source: Host;
  destination: Host;
  readonly #slots: ReceivedSlots;
  readonly #slot: number;
  #isHeld = false;

  /** @param nowhere stands for both addresses until the first datagram */
  constructor(slots: ReceivedSlots, slot: number, nowhere: Host) {
    this.#slots = slots;
    this.#slot = slot;
    this.data = slots.data(slot);
    this.source = nowhere;
    this.destination = nowhere;
  }

  /** Takes the datagram that was just read into the slot. */
  fill(source: Host, destination: Host): void {
    this.length = this.#slots.length(this.#slot);
    this.source = source;
    this.destination = destination;
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) throw new InternalError("a packet was released twice: its slot may hold another datagram already");
    this.#isHeld = false;
    this.#slots.release(this.#slot);
  }
}
