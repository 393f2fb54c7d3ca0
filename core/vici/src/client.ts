import { connect } from "node:net";
import type { Socket } from "node:net";
import { DEFAULT_URI, parseUri } from "./address.js";
import { EventQueue } from "./event-queue.js";
import { encodeMessage } from "./message-writer.js";
import type { MessageData } from "./message-writer.js";
import { PacketSplitter, PacketType, encodePacket, parsePacket } from "./packet.js";
import type { ViciPacket } from "./packet.js";
import { parseMessage } from "./parse-message.js";
import type { Section } from "./section.js";
import { ViciCommandError, ViciError } from "./vici-error.js";

/** An event that the daemon sent. */
export interface ViciEvent {
  readonly name: string;
  readonly message: Section;
}

/** Events that may wait to be taken before the socket is read no more, as long as nobody waits for an answer. */
const MAX_WAITING = 1024;

type Queue = EventQueue<ViciEvent>;

interface PendingAnswer {
  /** Events come before it, which are for somebody who takes them at his own pace. */
  readonly isStream: boolean;
  readonly resolve: (packet: ViciPacket) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to charon's vici socket. Requests are answered one after the other, in the order in which they were made.
 *
 * All methods throw `ViciError` CYG_VICI_CONNECTION when the connection is lost.
 */
export class ViciClient {
  readonly #socket: Socket;
  readonly #splitter = new PacketSplitter();
  readonly #queues = new Map<string, Set<Queue>>();
  /** Of the request on the way, at most one. */
  #answer: PendingAnswer | undefined;
  /** Settles with the last request that was made. */
  #last: Promise<unknown> = Promise.resolve();
  #lost: ViciError | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (cause) => this.#lose("the connection failed", cause));
    socket.on("close", () => this.#lose("the daemon closed the connection"));
  }

  /**
   * @param uri `unix://PATH` or `tcp://HOST:PORT`
   * @throws {ViciError} CYG_VICI_URI, CYG_VICI_CONNECTION
   */
  static connect(uri: string = DEFAULT_URI): Promise<ViciClient> {
    const socket = connect(parseUri(uri));
    return new Promise((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(new ViciError("CYG_VICI_CONNECTION", `connecting to '${uri}' failed: ${cause.message}`, { cause }));
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.off("error", failed);
        resolve(new ViciClient(socket));
      });
    });
  }

  /** Ends the connection; what waits fails. */
  close(): void {
    this.#lose("the client closed the connection");
    this.#socket.destroy();
  }

  /**
   * Sends a command and waits for its answer.
   * @throws {ViciCommandError} CYG_VICI_COMMAND where the answer says `success=no`
   * @throws {ViciError} CYG_VICI_UNKNOWN_COMMAND
   */
  request(command: string, data: MessageData = {}): Promise<Section> {
    return this.#request(command, data, false);
  }

  /**
   * Sends a command that streams its results as events, as the list commands do. They are read as they are taken; other requests on this
   * connection are answered when the iteration has ended, so within it they need a connection of their own. Whoever stops early waits until
   * the daemon has sent the rest.
   * @throws as `request`, and CYG_VICI_UNKNOWN_EVENT
   */
  async *stream(command: string, event: string, data: MessageData = {}): AsyncGenerator<Section, Section> {
    const queue = await this.#subscribe([event]);
    const answer = this.#request(command, data, true);
    answer.then(
      () => queue.end(),
      (error: Error) => queue.end(error),
    );
    try {
      for (let next = await queue.next(); next; next = await queue.next()) yield next.message;
      return await answer;
    } finally {
      // What is still to come needs no room, and the answer comes behind it.
      const unsubscribed = this.#unsubscribe([event], queue);
      await answer.catch(() => undefined);
      await unsubscribed;
    }
  }

  /**
   * Registers for events; resolves when the daemon sends them. They end when the iteration is stopped, with `break` or `return()`. When many
   * are not taken, and nobody waits for an answer, the socket is not read, so that they wait in the daemon.
   * @throws {ViciError} CYG_VICI_UNKNOWN_EVENT
   */
  async events(...names: readonly string[]): Promise<AsyncIterableIterator<ViciEvent, undefined>> {
    const queue = await this.#subscribe(names);
    const iterator: AsyncIterableIterator<ViciEvent, undefined> = {
      next: async () => {
        const value = await queue.next();
        return value ? { value } : { value: undefined, done: true };
      },
      return: async () => {
        await this.#unsubscribe(names, queue);
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async #request(command: string, data: MessageData, isStream: boolean): Promise<Section> {
    const packet = await this.#exchange(encodePacket(PacketType.CMD_REQUEST, command, encodeMessage(data)), isStream);
    if (packet.type === PacketType.CMD_UNKNOWN)
      throw new ViciError("CYG_VICI_UNKNOWN_COMMAND", `the daemon knows no command '${command}'`);
    const answer = parseMessage(packet.message);
    if (answer.flag("success") === false) throw new ViciCommandError(command, answer);
    return answer;
  }

  async #subscribe(names: readonly string[]): Promise<Queue> {
    const queue: Queue = new EventQueue(() => this.#resume());
    const registered: string[] = [];
    for (const name of names) {
      // Known before the daemon answers, as events may come right behind its answer.
      const isFirst = this.#add(name, queue);
      try {
        if (isFirst) await this.#register(PacketType.EVENT_REGISTER, name);
        registered.push(name);
      } catch (error) {
        this.#remove(name, queue);
        await this.#unsubscribe(registered, queue);
        throw error;
      }
    }
    return queue;
  }

  async #unsubscribe(names: readonly string[], queue: Queue): Promise<void> {
    queue.end();
    const unused = names.filter((name) => this.#remove(name, queue));
    this.#resume();
    for (const name of unused) if (!this.#lost) await this.#register(PacketType.EVENT_UNREGISTER, name);
  }

  /** @returns whether it is the first for this name */
  #add(name: string, queue: Queue): boolean {
    const queues = this.#queues.get(name);
    if (queues) queues.add(queue);
    else this.#queues.set(name, new Set([queue]));
    return queues === undefined;
  }

  /** @returns whether it was the last for this name */
  #remove(name: string, queue: Queue): boolean {
    const queues = this.#queues.get(name);
    if (!queues?.delete(queue) || queues.size > 0) return false;
    this.#queues.delete(name);
    return true;
  }

  async #register(type: PacketType.EVENT_REGISTER | PacketType.EVENT_UNREGISTER, name: string): Promise<void> {
    const { type: answer } = await this.#exchange(encodePacket(type, name));
    if (answer !== PacketType.EVENT_CONFIRM) throw new ViciError("CYG_VICI_UNKNOWN_EVENT", `the daemon knows no event '${name}'`);
  }

  /** One request on the way at a time: answers have no number. */
  #exchange(packet: Buffer, isStream = false): Promise<ViciPacket> {
    const answered = this.#last.then(
      () =>
        new Promise<ViciPacket>((resolve, reject) => {
          if (this.#lost) return reject(this.#lost);
          this.#answer = { isStream, resolve, reject };
          this.#socket.resume();
          this.#socket.write(packet);
        }),
    );
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const octets of this.#splitter.push(chunk)) this.#take(parsePacket(octets));
    } catch (cause) {
      this.#lose("the daemon sent what is no vici packet", cause as Error);
      this.#socket.destroy();
    }
    this.#resume();
  }

  #take(packet: ViciPacket): void {
    if (packet.type !== PacketType.EVENT) {
      const answer = this.#answer;
      this.#answer = undefined;
      answer?.resolve(packet);
      return;
    }
    const queues = this.#queues.get(packet.name);
    if (!queues) return;
    const event = { name: packet.name, message: parseMessage(packet.message) };
    for (const queue of queues) queue.push(event);
  }

  /** Reads on, or not, as events were taken or not. An answer that is waited for is never held up by events that nobody takes. */
  #resume(): void {
    if (this.#answer?.isStream !== false && this.#isFull()) this.#socket.pause();
    else this.#socket.resume();
  }

  #isFull(): boolean {
    for (const queues of this.#queues.values()) for (const queue of queues) if (queue.length > MAX_WAITING) return true;
    return false;
  }

  #lose(problem: string, cause?: Error): void {
    if (this.#lost) return;
    const message = cause ? `${problem}: ${cause.message}` : problem;
    this.#lost = new ViciError("CYG_VICI_CONNECTION", message, { cause });
    this.#answer?.reject(this.#lost);
    this.#answer = undefined;
    for (const queues of this.#queues.values()) for (const queue of queues) queue.end(this.#lost);
  }
}
