import type { Socket } from "node:net";

/**
 * Writes progress characters to a client: those of one turn of the event loop at once, and none to a client that does not read, for which
 * they are kept. A client that is gone is written nothing.
 */
export class ProgressWriter {
  readonly #client: Socket;
  #pending = "";
  #isScheduled = false;
  #isEnding = false;

  constructor(client: Socket) {
    this.#client = client;
    client.on("drain", () => this.#flush());
  }

  put(character: string): void {
    if (this.#client.destroyed) return;
    this.#pending += character;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** Closes the connection behind everything that was put. */
  end(): void {
    this.#isEnding = true;
    this.#flush();
  }

  #flush(): void {
    const client = this.#client;
    if (client.destroyed || client.writableEnded || client.writableNeedDrain) return;
    const text = this.#pending;
    this.#pending = "";
    if (this.#isEnding) client.end(text);
    else if (text !== "") client.write(text);
  }
}
