import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, ReceiveBatch, SocketStatus } from "@cygnet/plugin-api";
import type { UdpSocket } from "@cygnet/native";
import { errnoText } from "./errno-text.js";
import type { HostCaches } from "./host-cache.js";
import { PacketReader } from "./packet-reader.js";
import { Thinning } from "./thinning.js";

/** One kernel socket: its packets, and an eye on its counters. */
export class Endpoint {
  readonly udp: UdpSocket;
  readonly #log: Logger;
  readonly #local: string;
  readonly #thinning: Thinning;
  readonly #reported = new Set<string>();
  #sendErrors = 0;
  #hasReportedSize = false;

  constructor(udp: UdpSocket, log: Logger) {
    this.udp = udp;
    this.#log = log;
    this.#local = `${udp.family === 4 ? "0.0.0.0" : "::"}[${udp.port}]`;
    this.#thinning = new Thinning(udp, {
      later: (callback, ms) => void setTimeout(callback, ms).unref(),
      refused: (error) => log.log(LogGroup.NET, 1, `dropping first messages in the kernel failed: ${String(error)}`),
    });
  }

  /** @param hosts what the reader knows of addresses, its own by default */
  start(receive: ReceiveBatch, hosts?: HostCaches): void {
    if (this.#isReader) new PacketReader(this.udp, this.#log, hosts).start(receive);
  }

  /** See `Socket.admitFirst`. */
  admitFirst(plain: number, withCookie: number): void {
    this.udp.admitFirst(plain, withCookie);
    this.#thinning.look();
  }

  flush(): void {
    this.udp.flush();
    if (this.udp.sendErrors !== this.#sendErrors) this.#reportSendErrors();
    if (this.udp.oversized !== 0 && !this.#hasReportedSize) this.#reportSize();
  }

  /** What waits and is lost belongs to the thread that reads, so that a sum over the shards is right. */
  status(): SocketStatus {
    const { received, forwarded, sent, dropped, shed, sendErrors, queuedBytes, bufferBytes } = this.udp.status();
    const queue = this.#isReader ? { dropped, queuedBytes, bufferBytes } : { dropped: 0, queuedBytes: 0, bufferBytes: 0 };
    return { local: this.#local, received, forwarded, sent, shed, sendErrors, ...queue };
  }

  /** A socket without slots only sends. */
  get #isReader(): boolean {
    return this.udp.slots > 0;
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
