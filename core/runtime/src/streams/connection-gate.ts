import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, StreamServiceOptions } from "@cygnet/plugin-api";

/**
 * Connections beyond `maxConcurrent` that are kept; later ones are closed. Each costs a descriptor, of which the sockets for IKE need
 * some, and clients that never hang up are easy to write.
 */
export const MAX_WAITING = 64;

/**
 * Lets in as many connections of a service as it serves at a time. Node.js cannot stop accepting, so others are accepted and left alone:
 * what they sent waits in a buffer of bounded size, which to a client is the same as waiting in the backlog.
 */
export class ConnectionGate {
  readonly #options: StreamServiceOptions;
  readonly #log: Logger;
  readonly #serving = new Set<Socket>();
  readonly #waiting = new Set<Socket>();

  /** @param occupy takes a job slot for a connection that is served, and returns what gives it back */
  constructor(
    options: StreamServiceOptions,
    log: Logger,
    private readonly occupy: () => () => void,
  ) {
    this.#options = options;
    this.#log = log;
  }

  /** Takes a new connection. */
  admit(connection: Socket): void {
    // Without a listener, a client that goes away in the middle of an answer would end the daemon.
    connection.on("error", (error) => this.#log.log(LogGroup.NET, 2, `connection on ${this.#options.uri}: ${error.message}`));
    const { maxConcurrent } = this.#options;
    if (maxConcurrent === 0 || this.#serving.size < maxConcurrent) {
      this.#serve(connection);
    } else if (this.#waiting.size < MAX_WAITING) {
      this.#waiting.add(connection);
      connection.once("close", () => this.#waiting.delete(connection));
    } else {
      this.#log.log(LogGroup.NET, 1, `closing a connection on ${this.#options.uri}, ${MAX_WAITING} others wait already`);
      connection.destroy();
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const connection of [...this.#waiting, ...this.#serving]) connection.destroy();
    this.#waiting.clear();
  }

  #serve(connection: Socket): void {
    this.#serving.add(connection);
    const giveBack = this.occupy();
    connection.once("close", () => {
      giveBack();
      this.#serving.delete(connection);
      this.#serveNext();
    });
    try {
      Promise.resolve(this.#options.onConnection(connection)).catch((error: unknown) => this.#failed(connection, error));
    } catch (error) {
      this.#failed(connection, error);
    }
  }

  #serveNext(): void {
    for (const connection of this.#waiting) {
      this.#waiting.delete(connection);
      if (connection.destroyed) continue;
      this.#serve(connection);
      return;
    }
  }

  #failed(connection: Socket, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.log(LogGroup.NET, 1, `serving a connection on ${this.#options.uri} failed: ${reason}`);
    connection.destroy();
  }
}
