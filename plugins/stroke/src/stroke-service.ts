import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { StreamServices } from "@cygnet/plugin-api";
import { StrokeMessageError, strokeMessageTypeName } from "./abi/index.js";
import type { AnyStrokeMessage } from "./abi/index.js";
import { runCommand, waitsForPeers } from "./commands/index.js";
import type { CommandContext } from "./commands/index.js";
import { readRequest } from "./request-reader.js";
import { Slots } from "./slots.js";
import { SocketReply } from "./socket-reply.js";
import { startTimer as realTimer } from "./timers.js";
import type { StartTimer } from "./timers.js";

/** Connections served at a time; further ones wait. Each costs a descriptor. */
const MAX_CONNECTIONS = 1024;
/** Connections that have not sent their request yet. A further one displaces the oldest, as a client needs no request to have one. */
export const MAX_SILENT = 64;

/** What a `StrokeService` is made of. */
export interface StrokeServiceOptions {
  readonly context: CommandContext;
  readonly streams: StreamServices;
  readonly uri: string;
  /** Requests at a time, 0 for no limit. */
  readonly maxConcurrent: number;
  readonly startTimer?: StartTimer;
}

/**
 * Serves the stroke socket: one request per connection.
 *
 * A request counts against `maxConcurrent` once it is complete, and not while its client leaves the reply unread. Requests that wait for
 * peers (up, down) are counted by themselves, so that those that never answer cannot keep `status` from doing so; clients that never send
 * one cannot, either.
 */
export class StrokeService {
  readonly #context: CommandContext;
  readonly #startTimer: StartTimer;
  readonly #quick: Slots;
  readonly #waiting: Slots;
  readonly #silent = new Set<Socket>();

  private constructor({ context, maxConcurrent, startTimer = realTimer }: StrokeServiceOptions) {
    this.#context = context;
    this.#startTimer = startTimer;
    this.#quick = new Slots(maxConcurrent);
    this.#waiting = new Slots(maxConcurrent);
  }

  /**
   * Opens the socket.
   * @returns what closes it and its connections. Operations that were begun go on
   * @throws {SystemError} CYG_STREAM_LISTEN, CYG_STREAM_IN_USE, CYG_STREAM_NOT_SOCKET
   * @throws {CygnetError} CYG_STREAM_URI
   */
  static listen(options: StrokeServiceOptions): Promise<() => Promise<void>> {
    const service = new StrokeService(options);
    const onConnection = (socket: Socket): Promise<void> => service.#serve(socket);
    return options.streams.listen({ uri: options.uri, maxConcurrent: MAX_CONNECTIONS, onConnection });
  }

  async #serve(socket: Socket): Promise<void> {
    const message = await this.#read(socket);
    if (!message) {
      socket.destroy();
      return;
    }
    const slots = waitsForPeers(message) ? this.#waiting : this.#quick;
    const reply = new SocketReply(socket, slots, this.#startTimer);
    await slots.acquire();
    try {
      await runCommand(message, this.#context, reply);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#context.log.log(LogGroup.CFG, 1, `stroke request ${strokeMessageTypeName(message.type)} failed: ${reason}`);
    } finally {
      slots.release();
      reply.end();
    }
  }

  #dropOldestSilent(): void {
    const [oldest] = this.#silent;
    this.#silent.delete(oldest!);
    oldest!.destroy();
  }

  async #read(socket: Socket): Promise<AnyStrokeMessage | undefined> {
    if (this.#silent.size >= MAX_SILENT) this.#dropOldestSilent();
    this.#silent.add(socket);
    socket.once("close", () => this.#silent.delete(socket));
    try {
      return await readRequest(socket, this.#startTimer);
    } catch (error) {
      if (!(error instanceof StrokeMessageError)) throw error;
      this.#context.log.log(LogGroup.CFG, 1, error.message);
      return undefined;
    } finally {
      this.#silent.delete(socket);
    }
  }
}
