import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { StreamServices } from "@cygnet/plugin-api";
import { StrokeMessageError, strokeMessageTypeName } from "./abi/index.js";
import type { AnyStrokeMessage } from "./abi/index.js";
import { runCommand, waitsForPeers } from "./commands/index.js";
import type { CommandContext } from "./commands/index.js";
import { readRequest } from "./request-reader.js";
import { Slots } from "./slots.js";
import { STALL_LIMIT_MS, SocketReply } from "./socket-reply.js";
import { startTimer as realTimer } from "./timers.js";
import type { StartTimer } from "./timers.js";

/** A connection whose request has not come for so long makes room for another where there is none. One that has just come may have sent it. */
export const SILENT_AFTER_MS = 1_000;

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
    // However many there are, those that are not carried out cost little.
    return options.streams.listen({ uri: options.uri, maxConcurrent: 0, onConnection, makeRoom: () => service.#dropSilent() });
  }

  async #serve(socket: Socket): Promise<void> {
    const message = await this.#read(socket);
    if (!message) {
      socket.destroy();
      return;
    }
    const slots = waitsForPeers(message) ? this.#waiting : this.#quick;
    const reply = new SocketReply(socket, slots, this.#startTimer, () => this.#tellStalled(message));
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

  #tellStalled({ type }: AnyStrokeMessage): void {
    const request = strokeMessageTypeName(type);
    const seconds = STALL_LIMIT_MS / 1000;
    this.#context.log.log(
      LogGroup.CFG,
      1,
      `stroke client left the answer to ${request} unread for ${seconds} s, closing its connection`,
    );
  }

  #dropSilent(): boolean {
    const [oldest] = this.#silent;
    if (!oldest) return false;
    this.#silent.delete(oldest);
    oldest.destroy();
    return true;
  }

  async #read(socket: Socket): Promise<AnyStrokeMessage | undefined> {
    const stopTimer = this.#startTimer(SILENT_AFTER_MS, () => this.#silent.add(socket));
    try {
      return await readRequest(socket, this.#startTimer);
    } catch (error) {
      if (!(error instanceof StrokeMessageError)) throw error;
      this.#context.log.log(LogGroup.CFG, 1, error.message);
      return undefined;
    } finally {
      stopTimer();
      this.#silent.delete(socket);
    }
  }
}
