import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, StreamServiceOptions } from "@cygnet/plugin-api";

/** What a gate works with. */
export interface ConnectionGateParts {
  readonly options: StreamServiceOptions;
  readonly log: Logger;
  /** Takes a job slot for a connection that is served. @returns what gives it back */
  readonly occupy: () => () => void;
  /** Connections that are kept, served and waiting; further ones are closed, since each has a descriptor, of which the daemon needs some. */
  readonly room: number;
}

/**
 * Lets in as many connections of a service as it serves at a time, once it is open. Node.js cannot stop accepting, so others are accepted and left alone:
 * what they sent waits in a buffer of bounded size, which to a client is the same as waiting in the backlog.
 */
export class ConnectionGate {
  readonly #parts: ConnectionGateParts;
  readonly #mostServed: number;
  readonly #serving = new Set<Socket>();
  readonly #waiting = new Set<Socket>();
  #isOpen = false;
  /** Closed since there was no room, told once there is again: a flood is no reason to fill the log. */
  #refused = 0;

  constructor(parts: ConnectionGateParts) {
    this.#parts = parts;
    const { maxConcurrent } = parts.options;
    this.#mostServed = maxConcurrent === 0 ? parts.room : Math.min(maxConcurrent, parts.room);
  }

  /** From now on connections are served. */
  open(): void {
    this.#isOpen = true;
    while (this.#waiting.size > 0 && this.#serving.size < this.#mostServed) this.#serveNext();
  }

  /** Takes a new connection. */
  admit(connection: Socket): void {
    const { options, log, room } = this.#parts;
    // Without a listener, a client that goes away in the middle of an answer would end the daemon.
    connection.on("error", (error) => log.log(LogGroup.NET, 2, `connection on ${options.uri}: ${error.message}`));
    if (this.#isOpen && this.#serving.size < this.#mostServed) {
      this.#serve(connection);
    } else if (this.#size < room || options.makeRoom?.() === true) {
      this.#waiting.add(connection);
      connection.once("close", () => {
        this.#waiting.delete(connection);
        this.#left();
      });
    } else {
      if (this.#refused++ === 0) log.log(LogGroup.NET, 1, `closing new connections on ${options.uri}, ${room} others are open`);
      connection.destroy();
    }
  }

  /** Closes all connections. */
  close(): void {
    for (const connection of [...this.#waiting, ...this.#serving]) connection.destroy();
    this.#waiting.clear();
  }

  get #size(): number {
    return this.#serving.size + this.#waiting.size;
  }

  #serve(connection: Socket): void {
    this.#serving.add(connection);
    const giveBack = this.#parts.options.isPersistent === true ? () => undefined : this.#parts.occupy();
    connection.once("close", () => {
      giveBack();
      this.#serving.delete(connection);
      this.#serveNext();
      this.#left();
    });
    try {
      Promise.resolve(this.#parts.options.onConnection(connection)).catch((error: unknown) => this.#failed(connection, error));
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

  #left(): void {
    const { options, log, room } = this.#parts;
    if (this.#refused === 0 || this.#size > room / 2) return;
    log.log(LogGroup.NET, 1, `${this.#refused} new connections on ${options.uri} were closed`);
    this.#refused = 0;
  }

  #failed(connection: Socket, error: unknown): void {
    const { options, log } = this.#parts;
    const reason = error instanceof Error ? error.message : String(error);
    log.log(LogGroup.NET, 1, `serving a connection on ${options.uri} failed: ${reason}`);
    connection.destroy();
  }
}
