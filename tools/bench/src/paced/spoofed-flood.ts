import { UdpSocket } from "@cygnet/native";
import { PayloadType } from "@cygnet/wire";
import { ikeProposals } from "./load-suite.js";
import { InitRequests } from "./init-requests.js";
import type { EndPoint } from "./init-requests.js";
import { PacedSession } from "./paced-session.js";

const TICK_MS = 1;
/** All of 127.0.0.0/8 is this host, so any of it can be a source, without privileges; this is where they begin. */
const FIRST_SOURCE = 0x7f40_0000;
const SOURCES = 1 << 20;

/** IKE_SA_INITs from ever other addresses, of which none listens to the answer. */
export class SpoofedFlood {
  readonly #socket = new UdpSocket({ family: 4, slots: 64, maxPacketBytes: 2048, sendQueueBytes: 1 << 20 });
  readonly #requests: InitRequests;
  readonly #source = new Uint8Array(4);
  #sent = 0;

  constructor(private readonly peer: EndPoint) {
    const sa = { type: PayloadType.SA as const, proposals: ikeProposals() };
    this.#requests = new InitRequests(sa, { address: this.#source, port: this.#socket.port }, peer);
    this.#socket.start((slots, count) => {
      for (let i = 0; i < count; i++) this.#socket.release(slots[i]);
    });
  }

  /** Sends so many at a rate, and goes on until `until` settles. @returns how many it were */
  async run(datagrams: number, perSecond: number, until: Promise<unknown>): Promise<number> {
    const startedMs = performance.now();
    const before = this.#sent;
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    until.then(over, over);
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = before + ((performance.now() - startedMs) / 1000) * perSecond;
        while (this.#sent < due) this.#send();
        this.#socket.flush();
        if (!isOver || this.#sent - before < datagrams) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
    return this.#sent - before;
  }

  close(): void {
    this.#socket.close();
  }

  #send(): void {
    const number = ++this.#sent;
    const address = FIRST_SOURCE + (number % SOURCES);
    for (let i = 0; i < 4; i++) this.#source[i] = address >>> (24 - 8 * i);
    // The upper half is no honest client's, whose are below 2^31.
    this.#socket.send(this.#requests.of(new PacedSession(number, 0xf100_d000)), this.peer, this.#source);
  }
}
