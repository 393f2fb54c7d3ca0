import { randomFillSync, randomInt } from "node:crypto";
import { UdpSocket } from "@cygnet/native";
import { ExchangeType, IkeHeader, WireError, parseHeader, parseMessage } from "@cygnet/wire";
import { PacedSession } from "./paced-session.js";
import { PeerMessages, answers, cookieOf } from "./peer-messages.js";
import type { EndPoint } from "./peer-messages.js";

/** A load that does not wait for answers. */
export interface Pace {
  readonly perSecond: number;
  /** Load whose established sessions are not counted, and load whose are. */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** What came of the sessions of one load. */
export interface PacedCounts {
  readonly started: number;
  /** Established before the load ended. */
  readonly established: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly seconds: number;
  /** CPU time of this process, in seconds. */
  readonly cpuSeconds: number;
}

/** A request that may have to be sent again: unless the session is over or has sent another one since. */
interface SentRequest {
  readonly session: PacedSession;
  readonly request: Uint8Array;
  /** By `performance.now()`. */
  readonly dueMs: number;
}

/** Milliseconds until a request is sent again, and again; then it is given up. */
const RETRANSMIT_MS = [1000, 2000, 4000];
const TICK_MS = 1;
const BUFFER_BYTES = 8 << 20;

/**
 * Sets up IKE_SAs at a pace of its own choosing, and with so little work for each that one CPU can offer a responder several times what it can
 * take: it computes no Diffie-Hellman, keeps nothing of an IKE_SA that is up and answers no requests.
 */
export class PacedClient {
  readonly #socket: UdpSocket;
  readonly #messages: PeerMessages;
  readonly #sessions = new Map<number, PacedSession>();
  /** Requests by how often they were sent again, each list in the order in which they are due. */
  readonly #waiting: SentRequest[][] = RETRANSMIT_MS.map(() => []);
  readonly #header = new IkeHeader();
  readonly #spiHi = randomInt(1, 2 ** 31);
  #lastNumber = 0;
  #started = 0;
  #established = 0;
  #failed = 0;
  #retransmissions = 0;
  #usedBefore = process.cpuUsage();
  #onEnded: () => void = () => undefined;

  constructor(
    ownAddress: Uint8Array,
    private readonly peer: EndPoint,
  ) {
    this.#socket = new UdpSocket({
      family: 4,
      address: ownAddress,
      receiveBufferBytes: BUFFER_BYTES,
      slots: 1024,
      maxPacketBytes: 2048,
      sendQueueBytes: 4 << 20,
    });
    this.#messages = new PeerMessages({ address: ownAddress, port: this.#socket.port }, peer);
    this.#socket.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        this.#receive(slots[i]);
        this.#socket.release(slots[i]);
      }
      this.#socket.flush();
    });
  }

  /** Sets up so many, never more than `window` at a time. */
  async closed(sessions: number, window: number): Promise<PacedCounts> {
    this.#restart();
    const startedMs = performance.now();
    const timer = setInterval(() => this.#retransmit(), TICK_MS);
    await new Promise<void>((resolve) => {
      this.#onEnded = () => {
        if (this.#started < sessions) this.#start();
        else if (this.#sessions.size === 0) resolve();
      };
      for (let i = 0; i < Math.min(window, sessions); i++) this.#start();
      this.#socket.flush();
    });
    clearInterval(timer);
    return this.#counts(startedMs);
  }

  /** Begins IKE_SAs at a pace, whatever becomes of them. What is not up in the end is forgotten. */
  async open({ perSecond, settleSeconds, seconds }: Pace): Promise<PacedCounts> {
    this.#restart();
    const startedMs = performance.now();
    const allSeconds = settleSeconds + seconds;
    let early: number | undefined;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsed = Math.min(allSeconds, (performance.now() - startedMs) / 1000);
        if (elapsed >= settleSeconds) early ??= this.#established;
        for (const due = Math.floor(perSecond * elapsed); this.#started < due;) this.#start();
        this.#retransmit();
        this.#socket.flush();
        if (elapsed < allSeconds) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
    this.#established -= early ?? 0;
    return this.#counts(startedMs);
  }

  close(): void {
    this.#socket.close();
  }

  #restart(): void {
    this.#sessions.clear();
    for (const queue of this.#waiting) queue.length = 0;
    this.#started = this.#established = this.#failed = this.#retransmissions = 0;
    this.#onEnded = () => undefined;
    this.#usedBefore = process.cpuUsage();
  }

  #counts(startedMs: number): PacedCounts {
    const { user, system } = process.cpuUsage(this.#usedBefore);
    return {
      started: this.#started,
      established: this.#established,
      failed: this.#failed,
      retransmissions: this.#retransmissions,
      seconds: (performance.now() - startedMs) / 1000,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  #start(): void {
    const number = ++this.#lastNumber;
    const session = new PacedSession(number, (this.#spiHi + Math.imul(number, 0x9e37_79b1)) >>> 0);
    randomFillSync(session.nonce);
    this.#sessions.set(number, session);
    this.#started++;
    this.#request(session, this.#messages.initRequest(session));
  }

  #request(session: PacedSession, request: Uint8Array): void {
    session.request = request;
    this.#send(session, 0);
  }

  #receive(slot: number): void {
    const datagram = this.#socket.data(slot).subarray(0, this.#socket.length(slot));
    const header = this.#header;
    try {
      parseHeader(datagram, datagram.length, header);
      const session = this.#sessions.get(header.spiInitiatorLo);
      if (session === undefined || session.spiHi !== header.spiInitiatorHi) return;
      if (!session.isKeyed && answers(header, ExchangeType.IKE_SA_INIT)) this.#takeInit(session, datagram);
      else if (session.isKeyed && answers(header, ExchangeType.IKE_AUTH)) this.#takeAuth(session, datagram);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  #takeInit(session: PacedSession, datagram: Uint8Array): void {
    const response = parseMessage(datagram, datagram.length, this.#header);
    const cookie = cookieOf(response);
    if (cookie !== undefined) return this.#request(session, this.#messages.initRequest(session, cookie));
    const request = this.#messages.authRequest(session, response);
    if (request === undefined) return this.#end(session, false);
    this.#request(session, request);
  }

  #takeAuth(session: PacedSession, datagram: Uint8Array): void {
    const response = parseMessage(datagram, datagram.length, this.#header);
    this.#end(session, this.#messages.isEstablished(session, datagram, response));
  }

  #end(session: PacedSession, isEstablished: boolean): void {
    session.isOver = true;
    this.#sessions.delete(session.number);
    if (isEstablished) this.#established++;
    else this.#failed++;
    this.#onEnded();
  }

  /** Sends again what is due and was not answered. */
  #retransmit(): void {
    const now = performance.now();
    for (let tries = 0; tries < RETRANSMIT_MS.length; tries++) {
      const queue = this.#waiting[tries];
      let done = 0;
      for (; done < queue.length; done++) {
        const { session, request, dueMs } = queue[done];
        if (session.isOver || session.request !== request) continue;
        if (dueMs > now) break;
        this.#sendAgain(session, tries + 1);
      }
      if (done > 0) queue.splice(0, done);
    }
    this.#socket.flush();
  }

  #sendAgain(session: PacedSession, tries: number): void {
    if (tries === RETRANSMIT_MS.length) return this.#end(session, false);
    this.#retransmissions++;
    this.#send(session, tries);
  }

  #send(session: PacedSession, tries: number): void {
    const { request } = session;
    this.#waiting[tries].push({ session, request, dueMs: performance.now() + RETRANSMIT_MS[tries] });
    this.#socket.send(request, this.peer, undefined);
  }
}
