import type { Socket } from "node:net";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { MessageWriter, PacketSplitter, PacketType, ViciEncodingError, encodePacket, parsePacket } from "@cygnet/vici";
import type { ViciPacket } from "@cygnet/vici";

/** Requests of a client that may wait before its socket is read no more: those who follow the protocol send one at a time. */
const MAX_WAITING = 16;
/** And octets of them: two of the longest. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Octets that a client may leave unread before what is made for it alone waits. */
export const FULL_BYTES = 64 * 1024;
/** Octets of log lines that a client may leave unread before further ones are left out. */
export const MAX_UNREAD_LOG_BYTES = 1024 * 1024;
/** Octets of events that a client may leave unread before it is given up: some 30,000 SAs that come up. */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** What a connection asks of the server that it is one of. */
export interface ConnectionOwner {
  readonly log: Logger;
  /** Carries out a request and answers it. */
  request(connection: ViciConnection, packet: ViciPacket): Promise<void>;
  /** @returns whether there is such an event; the client gets it from now on */
  register(connection: ViciConnection, event: string): Promise<boolean>;
  /** @returns whether it was registered */
  unregister(connection: ViciConnection, event: string): boolean;
  closed(connection: ViciConnection): void;
}

/**
 * A client. Its requests are carried out one after the other, in order; events come in between. Whatever it does or leaves undone, what it
 * costs is bounded: what is made for it alone waits until it reads, log lines are left out and counted, and other events end the connection
 * rather than get lost unnoticed.
 */
export class ViciConnection {
  readonly events = new Set<string>();
  readonly #splitter = new PacketSplitter();
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isWorking = false;
  #leftOut = 0;
  #hasAsked = false;

  constructor(
    /** Numbers clients in log lines. */
    readonly id: number,
    private readonly socket: Socket,
    private readonly owner: ConnectionOwner,
  ) {
    this.#tell(2, `vici client ${id} connected`);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.once("end", () => {
      if (this.#splitter.pending > 0) this.#tell(1, "premature vici disconnect");
    });
    socket.once("close", () => {
      this.#waiting.length = 0;
      this.#tell(2, `vici client ${id} disconnected`);
      owner.closed(this);
    });
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Nothing was asked for so far: it can be spared where there are too many. */
  get isSilent(): boolean {
    return !this.#hasAsked;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends what was asked for. Resolves when there is room for more, or when the client is gone. */
  send(packet: Buffer): Promise<void> | void {
    if (!this.isOpen) return;
    this.socket.write(packet);
    if (this.socket.writableLength > FULL_BYTES) return this.#drained();
  }

  /** Sends an event that others get as well. A client that leaves too many unread is closed: it would miss some without knowing. */
  sendEvent(packet: Buffer): void {
    if (!this.isOpen) return;
    if (this.socket.writableLength + packet.length <= MAX_UNREAD_BYTES) {
      this.socket.write(packet);
      return;
    }
    this.close();
    this.#tell(1, `vici client ${this.id} leaves ${MAX_UNREAD_BYTES} bytes of events unread, closing its connection`);
  }

  /** Sends a log line, or leaves it out where the client does not keep up; that some are missing is told before the next one. */
  sendLine(event: string, packet: Buffer): void {
    if (!this.isOpen) return;
    if (this.socket.writableLength > MAX_UNREAD_LOG_BYTES) {
      this.#leftOut++;
      return;
    }
    if (this.#leftOut > 0) {
      const missing = new MessageWriter().data({
        group: "LIB",
        level: 0,
        msg: `(${this.#leftOut} log lines left out, they were not read in time)`,
      });
      this.#leftOut = 0;
      this.socket.write(encodePacket(PacketType.EVENT, event, missing.octets));
    }
    this.socket.write(packet);
  }

  get #isFull(): boolean {
    return this.#waiting.length > MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES;
  }

  #receive(chunk: Buffer): void {
    try {
      for (const packet of this.#splitter.push(chunk)) {
        this.#waiting.push(packet);
        this.#waitingBytes += packet.length;
      }
    } catch (error) {
      if (!(error instanceof ViciEncodingError)) throw error;
      this.#tell(1, `${error.message.replace(/^octet 0: /, "")}, ignored`);
      this.close();
      return;
    }
    if (this.#isFull) this.socket.pause();
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let octets = this.#waiting.shift(); octets; octets = this.#waiting.shift()) {
        this.#hasAsked = true;
        this.#waitingBytes -= octets.length;
        const handled = this.#handle(octets);
        if (handled) await handled;
        // Who does not read its answers gets no further ones.
        if (this.socket.writableLength > FULL_BYTES) await this.#drained();
        if (!this.#isFull) this.socket.resume();
      }
    } catch (error) {
      // What a request can do wrong was answered; this is a fault of ours.
      this.#tell(
        1,
        `serving vici client ${this.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      this.close();
    } finally {
      this.#isWorking = false;
    }
  }

  #handle(octets: Uint8Array): Promise<void> | undefined {
    const packet = this.#parse(octets);
    if (!packet) return undefined;
    switch (packet.type) {
      case PacketType.CMD_REQUEST:
        return this.owner.request(this, packet);
      case PacketType.EVENT_REGISTER:
        return this.#register(packet.name);
      case PacketType.EVENT_UNREGISTER: {
        const wasRegistered = this.owner.unregister(this, packet.name);
        this.#tell(
          wasRegistered ? 2 : 1,
          `vici client ${this.id} ${wasRegistered ? "unregistered for" : "invalid unregistration"}: ${packet.name}`,
        );
        this.socket.write(encodePacket(wasRegistered ? PacketType.EVENT_CONFIRM : PacketType.EVENT_UNKNOWN));
        return undefined;
      }
      default:
        this.#tell(1, `unsupported vici operation: ${packet.type}`);
        return undefined;
    }
  }

  /** What cannot be read gets no answer. */
  #parse(octets: Uint8Array): ViciPacket | undefined {
    try {
      return parsePacket(octets);
    } catch (error) {
      if (!(error instanceof ViciEncodingError)) throw error;
      const isKnown = octets.length === 0 || PacketType[octets[0]] !== undefined;
      this.#tell(1, isKnown ? "invalid vici message" : `unsupported vici operation: ${octets[0]}`);
      return undefined;
    }
  }

  async #register(event: string): Promise<void> {
    const isKnown = await this.owner.register(this, event);
    this.#tell(isKnown ? 2 : 1, `vici client ${this.id} ${isKnown ? "registered for" : "invalid registration"}: ${event}`);
    if (this.isOpen) this.socket.write(encodePacket(isKnown ? PacketType.EVENT_CONFIRM : PacketType.EVENT_UNKNOWN));
  }

  #drained(): Promise<void> | void {
    const { socket } = this;
    // Below its own mark the socket tells nobody when it is empty.
    if (!this.isOpen || !socket.writableNeedDrain) return;
    return new Promise((resolve) => {
      const finish = (): void => {
        socket.off("drain", finish).off("close", finish);
        resolve();
      };
      socket.once("drain", finish).once("close", finish);
    });
  }

  #tell(level: number, message: string): void {
    if (this.owner.log.enabled(LogGroup.CFG, level)) this.owner.log.log(LogGroup.CFG, level, message);
  }
}
