import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, StreamServices } from "@cygnet/plugin-api";
import { MAX_PACKET, PacketType, ViciError, encodeMessage, encodePacket } from "@cygnet/vici";
import type { ViciPacket } from "@cygnet/vici";
import { EVENTS } from "./event-names.js";
import { ViciConnection } from "./vici-connection.js";
import type { ConnectionOwner } from "./vici-connection.js";

/** Carries out requests. */
export interface RequestHandler {
  /** @returns the answer's message, undefined where there is no such command. Never rejects for what a client did wrong */
  handle(packet: ViciPacket, client: ClientView): Promise<Uint8Array> | undefined;
}

/** What a command sees of the client that sent it. */
export interface ClientView {
  /** False once it is gone: what is only for its eyes need not be made any more. */
  readonly isOpen: boolean;
  /** Whether it registered for an event. */
  wants(event: string): boolean;
  /** Sends an event to this client alone, if it registered. Resolves when there is room for more, or when it is gone. */
  stream(event: string, message: Uint8Array): Promise<void> | void;
  /** As `stream`, for what occurs while something else is waited for: left out where the client does not keep up. */
  offer(event: string, message: Uint8Array): void;
}

/** What a server is made of. */
export interface ViciServerParts {
  readonly log: Logger;
  readonly streams: StreamServices;
  readonly uri: string;
  readonly handler: RequestHandler;
  /** Told when the first client wants an event, and when the last one does not any more. What it returns is waited for before that is confirmed. */
  readonly wanted: (event: string, isWanted: boolean) => Promise<void>;
}

/** Serves the vici socket: any number of clients, each with its own order of requests and its own events. */
export class ViciServer implements ConnectionOwner {
  readonly log: Logger;
  readonly #parts: ViciServerParts;
  readonly #clients = new Set<ViciConnection>();
  readonly #registered = new Map<string, Set<ViciConnection>>(EVENTS.map((event) => [event, new Set()]));
  #nextId = 1;
  #isClosed = false;
  /** Changes of what is wanted are told in order. */
  #told: Promise<void> = Promise.resolve();

  constructor(parts: ViciServerParts) {
    this.#parts = parts;
    this.log = parts.log;
  }

  /**
   * Opens the socket.
   * @returns what closes it and its connections. Operations that were begun go on
   * @throws {SystemError} CYG_STREAM_LISTEN, CYG_STREAM_IN_USE, CYG_STREAM_NOT_SOCKET
   * @throws {CygnetError} CYG_STREAM_URI
   */
  async listen(): Promise<() => Promise<void>> {
    const onConnection = (socket: Socket): void => void this.#clients.add(new ViciConnection(this.#nextId++, socket, this));
    const makeRoom = (): boolean => this.#dropSilent();
    const { streams, uri } = this.#parts;
    const close = await streams.listen({ uri, maxConcurrent: 0, isPersistent: true, onConnection, makeRoom });
    return () => {
      this.#isClosed = true;
      return close();
    };
  }

  /** Sends an event to all clients that registered for it. */
  broadcast(event: string, message: Uint8Array): void {
    const clients = this.#registered.get(event);
    if (!clients || clients.size === 0) return;
    const packet = this.#eventPacket(event, message);
    if (packet) for (const client of clients) client.sendEvent(packet);
  }

  /** As `broadcast`, for log lines. */
  broadcastLine(event: string, message: Uint8Array): void {
    const clients = this.#registered.get(event);
    if (!clients || clients.size === 0) return;
    const packet = this.#eventPacket(event, message);
    if (packet) for (const client of clients) client.sendLine(event, packet);
  }

  async request(connection: ViciConnection, packet: ViciPacket): Promise<void> {
    const answer = this.#parts.handler.handle(packet, this.#view(connection));
    if (!answer) {
      this.log.log(LogGroup.CFG, 1, `vici client ${connection.id} invalid request: ${packet.name}`);
      return connection.send(encodePacket(PacketType.CMD_UNKNOWN));
    }
    if (this.log.enabled(LogGroup.CFG, 2)) this.log.log(LogGroup.CFG, 2, `vici client ${connection.id} requests: ${packet.name}`);
    const giveBack = this.#parts.streams.occupy();
    try {
      await connection.send(this.#answerPacket(await answer));
    } finally {
      giveBack();
    }
  }

  async register(connection: ViciConnection, event: string): Promise<boolean> {
    const clients = this.#registered.get(event);
    if (!clients) return false;
    clients.add(connection);
    connection.events.add(event);
    // Also who is not the first waits until the first one's wish has been told.
    if (clients.size === 1) this.#tell(event, true);
    await this.#told;
    return true;
  }

  unregister(connection: ViciConnection, event: string): boolean {
    if (!connection.events.delete(event)) return false;
    const clients = this.#registered.get(event)!;
    clients.delete(connection);
    if (clients.size === 0) this.#tell(event, false);
    return true;
  }

  closed(connection: ViciConnection): void {
    this.#clients.delete(connection);
    for (const event of connection.events) this.unregister(connection, event);
  }

  #tell(event: string, isWanted: boolean): void {
    // Whoever would have to know is about to go as well.
    if (this.#isClosed) return;
    this.#told = this.#told.then(async () => {
      try {
        await this.#parts.wanted(event, isWanted);
      } catch (error) {
        this.log.log(LogGroup.CFG, 1, `${isWanted ? "enabling" : "disabling"} vici event ${event} failed: ${String(error)}`);
      }
    });
  }

  #view(connection: ViciConnection): ClientView {
    return {
      get isOpen() {
        return connection.isOpen;
      },
      wants: (event) => connection.events.has(event),
      stream: (event, message) => {
        if (!connection.events.has(event)) return;
        const packet = this.#eventPacket(event, message);
        return packet && connection.send(packet);
      },
      offer: (event, message) => {
        if (!connection.events.has(event)) return;
        const packet = this.#eventPacket(event, message);
        if (packet) connection.sendLine(event, packet);
      },
    };
  }

  /** @returns undefined for one that is too long, which is told in the log */
  #eventPacket(event: string, message: Uint8Array): Buffer | undefined {
    try {
      return encodePacket(PacketType.EVENT, event, message);
    } catch (error) {
      if (!(error instanceof ViciError)) throw error;
      this.log.log(LogGroup.CFG, 1, `${error.message}, discarded`);
      return undefined;
    }
  }

  /** A client that gets no answer would wait for ever. */
  #answerPacket(message: Uint8Array): Buffer {
    if (1 + message.length <= MAX_PACKET) return encodePacket(PacketType.CMD_RESPONSE, "", message);
    const errmsg = `vici message size ${1 + message.length} exceeds maximum size of ${MAX_PACKET}, discarded`;
    this.log.log(LogGroup.CFG, 1, errmsg);
    return encodePacket(PacketType.CMD_RESPONSE, "", encodeMessage({ success: false, errmsg }));
  }

  #dropSilent(): boolean {
    for (const client of this.#clients) {
      if (!client.isSilent) continue;
      client.close();
      return true;
    }
    return false;
  }
}
