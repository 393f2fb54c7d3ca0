import type { Logger, ReceiveBatch, SocketStatus } from "@cygnet/plugin-api";
import type { DatagramInbox } from "@cygnet/native";
import { PacketReader } from "./packet-reader.js";

/** What other shards received for this one. */
export class Inbox {
  readonly #ring: DatagramInbox;
  readonly #log: Logger;

  constructor(ring: DatagramInbox, log: Logger) {
    this.#ring = ring;
    this.#log = log;
  }

  start(receive: ReceiveBatch): void {
    new PacketReader(this.#ring, this.#log).start(receive);
  }

  /** As `Socket.admitFirst`. */
  admitFirst(plain: number, withCookie: number): void {
    this.#ring.admitFirst(plain, withCookie);
  }

  status(): SocketStatus {
    const { received, dropped, shed, queuedBytes, bufferBytes } = this.#ring.status();
    return { local: "other shards", received, forwarded: 0, sent: 0, dropped, shed, sendErrors: 0, queuedBytes, bufferBytes };
  }

  close(): void {
    this.#ring.close();
  }
}
