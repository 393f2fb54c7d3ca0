import { connect } from "node:net";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A client of the control socket. */
export class Client {
  text = "";
  readonly closed: Promise<string>;
  readonly #socket: Socket;
  #wake: () => void = () => undefined;

  constructor(path: string, request: string) {
    this.#socket = connect(path, () => void this.#socket.write(request));
    this.#socket.setEncoding("latin1").on("data", (text: string) => {
      this.text += text;
      this.#wake();
    });
    this.closed = new Promise((resolve, reject) => {
      this.#socket.once("error", reject).once("close", () => {
        this.#wake();
        resolve(this.text);
      });
    });
    onTestFinished(() => void this.#socket.destroy());
  }

  /** Resolves when exactly this was received. */
  async receives(text: string): Promise<void> {
    while (this.text.length < text.length && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.text !== text) throw new Error(`received '${this.text}' instead of '${text}'`);
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}
