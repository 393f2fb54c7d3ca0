import { connect } from "node:net";
import type { LoadTestStatus } from "@cygnet/plugin-load-tester";

/** The control socket of a daemon's load-tester does not answer as it should. Code CYG_LOAD_TEST_CONTROL. */
export class LoadTesterError extends Error {
  readonly code = "CYG_LOAD_TEST_CONTROL";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LoadTesterError";
  }
}

/** Asks the load-tester plugin of a daemon over its control socket. */
export class LoadTesterClient {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {LoadTesterError} */
  status(): Promise<LoadTestStatus> {
    return this.#ask("STATUS\n");
  }

  /**
   * Lets the configured initiators begin, for `count` initiations altogether.
   * @returns the status when all of them have ended
   * @throws {LoadTesterError}
   */
  start(count: number): Promise<LoadTestStatus> {
    return this.#ask(`START ${count}\n`);
  }

  /** Starts so many initiations beside those of the configured initiators. @returns when all have ended @throws {LoadTesterError} */
  async initiate(count: number): Promise<void> {
    await exchange(this.#path, `${count}\n`);
  }

  async #ask(request: string): Promise<LoadTestStatus> {
    const answer = await exchange(this.#path, request);
    // Here and not above: the plugin brings much along that the start need not wait for.
    const { parseLoadTestStatus } = await import("@cygnet/plugin-load-tester/status");
    try {
      return parseLoadTestStatus(answer);
    } catch (error) {
      throw new LoadTesterError(`'${request.trim()}' at ${this.#path} was answered with '${answer.slice(0, 80)}'`, {
        cause: error,
      });
    }
  }
}

function exchange(path: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => socket.end());
    socket.on("error", (cause) =>
      reject(new LoadTesterError(`the load-tester at ${path} cannot be asked: ${cause.message}`, { cause })),
    );
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
