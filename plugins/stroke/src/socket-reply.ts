import type { Socket } from "node:net";
import type { Reply } from "./commands/index.js";
import type { Slots } from "./slots.js";
import type { StartTimer } from "./timers.js";

/** How long a client may leave a full buffer unread before its connection is closed. */
export const STALL_LIMIT_MS = 30_000;
/** How long the operator may take for an answer. */
const ANSWER_LIMIT_MS = 60_000;
/** Lines are gathered up to this many characters before they are written. */
const BATCH_CHARS = 65_536;
/** Log lines that a client leaves unread up to this many octets; further ones are left out, so that it costs no more memory than that. */
const MAX_UNREAD_LOG_BYTES = 65_536;
/** No password is longer. */
const MAX_ANSWER_BYTES = 1_024;

/**
 * Writes the reply of one request with back pressure. While a client does not read, its request gives up its slot, so that it holds up
 * nobody; when it goes away, what is written is dropped.
 */
export class SocketReply implements Reply {
  readonly #socket: Socket;
  readonly #slots: Slots;
  readonly #startTimer: StartTimer;
  #batch = "";
  #leftOut = 0;
  #isOpen = true;

  /** @param stalled called when the client is given up because it does not read */
  constructor(
    socket: Socket,
    slots: Slots,
    startTimer: StartTimer,
    private readonly stalled: () => void,
  ) {
    this.#socket = socket;
    this.#slots = slots;
    this.#startTimer = startTimer;
    socket.once("close", () => (this.#isOpen = false));
    // Reading on is what tells that the client has gone away.
    socket.on("data", () => undefined).resume();
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#socket.destroyed;
  }

  write(lines: readonly string[]): Promise<void> | void {
    if (!this.isOpen) return;
    for (const line of lines) this.#batch += `${line}\n`;
    if (this.#batch.length >= BATCH_CHARS) return this.#flush();
  }

  writeText(text: string): Promise<void> | void {
    if (!this.isOpen) return;
    this.#batch += text;
    if (this.#batch.length >= BATCH_CHARS) return this.#flush();
  }

  offer(line: string): void {
    if (!this.isOpen) return;
    if (this.#socket.writableLength > MAX_UNREAD_LOG_BYTES) {
      this.#leftOut++;
      return;
    }
    this.#batch += `${line}\n`;
    this.#send();
  }

  async ask(prompt: "Password:"): Promise<string | undefined> {
    // The client takes what ends one read for a prompt, so it must not be cut apart.
    await this.#flush();
    if (!this.isOpen) return undefined;
    const answer = this.#answer();
    this.#socket.write(`${prompt}\n`);
    return answer;
  }

  /** Writes what is left and closes the connection once the client has read it, or has not for too long. */
  end(): void {
    if (!this.isOpen) return;
    this.#send();
    this.#socket.once("close", this.#startPatience());
    this.#socket.destroySoon();
  }

  #send(): void {
    let text = this.#batch;
    if (text === "") return;
    if (this.#leftOut > 0) text = `(${this.#leftOut} log lines left out, they were not read in time)\n${text}`;
    this.#batch = "";
    this.#leftOut = 0;
    this.#socket.write(text);
  }

  #flush(): Promise<void> | void {
    if (!this.isOpen) return;
    this.#send();
    // What the kernel took at once leaves nothing here, however much it was.
    if (this.#socket.writableLength > this.#socket.writableHighWaterMark) return this.#untilDrained();
  }

  async #untilDrained(): Promise<void> {
    this.#slots.release();
    await this.#drained();
    await this.#slots.acquire();
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const stopTimer = this.#startPatience();
      const finish = (): void => {
        stopTimer();
        socket.off("drain", finish).off("close", finish);
        resolve();
      };
      socket.once("drain", finish).once("close", finish);
    });
  }

  /** Gives the client up when it has not read for too long. @returns what ends that */
  #startPatience(): () => void {
    return this.#startTimer(STALL_LIMIT_MS, () => {
      if (this.#socket.writableLength > 0) this.stalled();
      this.#socket.destroy();
    });
  }

  #answer(): Promise<string | undefined> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      let bytes = Buffer.alloc(0);
      const finish = (answer: string | undefined): void => {
        stopTimer();
        socket.off("data", onData).off("close", onClose);
        bytes.fill(0);
        resolve(answer);
      };
      const onData = (chunk: Buffer): void => {
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf("\n");
        if (end >= 0) finish(bytes.toString("utf8", 0, end));
        else if (bytes.length > MAX_ANSWER_BYTES) finish(undefined);
      };
      const onClose = (): void => finish(undefined);
      const stopTimer = this.#startTimer(ANSWER_LIMIT_MS, () => finish(undefined));
      socket.on("data", onData).once("close", onClose);
    });
  }
}
