import { randomInt } from "node:crypto";
import { UdpSocket } from "@cygnet/native";
import { ExchangeType, IkeHeader, WireError, parseHeader, parseMessage } from "@cygnet/wire";
import { EstablishedSessions } from "./established-sessions.js";
import type { Question } from "./established-sessions.js";
import type { EndPoint } from "./init-requests.js";
import { PacedSession } from "./paced-session.js";
import { PeerMessages, answers, cookieOf } from "./peer-messages.js";
import { Retransmissions, isGivenUp } from "./retransmissions.js";

/** A load that does not wait for answers. */
export interface Pace {
  /** 0 only asks those that are kept. */
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
  /** Milliseconds that the answers took to what was asked of kept IKE_SAs meanwhile. */
  readonly answerMs: Readonly<Record<Question, readonly number[]>>;
  /** Milliseconds from one round of this process's event loop to the next: what it was late itself is part of what answers took. */
  readonly roundMs: readonly number[];
}

const TICK_MS = 1;
/** What is made up for when a round of the event loop came late; clients that do not know of each other would not wait for one another, and then all begin. */
const CATCH_UP_SECONDS = 0.02;
const BUFFER_BYTES = 8 << 20;
/** What kept IKE_SAs are asked in a second of load that does not wait. */
const PER_SECOND: Readonly<Record<Question, number>> = { dpd: 200, delete: 50 };

/**
 * Sets up IKE_SAs at a pace of its own choosing, and with so little work for each that one CPU can offer a responder several times what it can
 * take: it computes no Diffie-Hellman and answers no requests. It is as patient as strongSwan, and keeps of an IKE_SA that is up nothing, unless
 * it is told to.
 */
export class PacedClient {
  readonly #socket: UdpSocket;
  readonly #messages: PeerMessages;
  /** That wait for an answer, or are kept. */
  readonly #sessions = new Map<number, PacedSession>();
  readonly #kept = new EstablishedSessions();
  readonly #retransmissions = new Retransmissions((session, times) => this.#sendAgain(session, times));
  readonly #header = new IkeHeader();
  readonly #spiHi = randomInt(1, 2 ** 31);
  #keeps = false;
  #lastNumber: number;
  #started = 0;
  #established = 0;
  #failed = 0;
  #resent = 0;
  #rounds: number[] = [];
  #usedBefore = process.cpuUsage();
  #onEnded: () => void = () => undefined;

  /** @param firstNumber sessions are numbered from the next one on */
  constructor(
    ownAddress: Uint8Array,
    private readonly peer: EndPoint,
    firstNumber = 0,
  ) {
    this.#lastNumber = firstNumber;
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

  /** Sets up so many, never more than `window` at a time. @param keeps whether to keep them, to be asked during loads to come */
  async closed(sessions: number, window: number, keeps = false): Promise<PacedCounts> {
    this.#restart(keeps);
    const startedMs = performance.now();
    const timer = setInterval(() => this.#retransmit(), TICK_MS);
    await new Promise<void>((resolve) => {
      this.#onEnded = () => {
        if (this.#started < sessions) this.#start();
        else if (this.#established + this.#failed === sessions) resolve();
      };
      for (let i = 0; i < Math.min(window, sessions); i++) this.#start();
      this.#socket.flush();
    });
    clearInterval(timer);
    return this.#counts(startedMs);
  }

  /** Begins IKE_SAs at a pace, whatever becomes of them, and asks those that are kept. What is not up in the end is forgotten. */
  async open({ perSecond, settleSeconds, seconds }: Pace): Promise<PacedCounts> {
    this.#restart(false);
    const startedMs = performance.now();
    const allSeconds = settleSeconds + seconds;
    const asked: Record<Question, number> = { dpd: 0, delete: 0 };
    let early: number | undefined;
    let roundMs = startedMs;
    // Seconds in which none were begun.
    let forgone = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now();
        this.#rounds.push(now - roundMs);
        roundMs = now;
        const elapsed = Math.min(allSeconds, (now - startedMs) / 1000);
        if (elapsed >= settleSeconds) early ??= this.#established;
        if (perSecond > 0) forgone = Math.max(forgone, elapsed - CATCH_UP_SECONDS - this.#started / perSecond);
        for (const due = Math.floor(perSecond * (elapsed - forgone)); this.#started < due;) this.#start();
        for (const question of ["dpd", "delete"] as const)
          for (const due = PER_SECOND[question] * (elapsed - settleSeconds); asked[question] < due; asked[question]++)
            this.#ask(question);
        this.#retransmit();
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

  #restart(keeps: boolean): void {
    this.#keeps = keeps;
    for (const session of this.#sessions.values()) if (!session.isUp) this.#forget(session);
    this.#retransmissions.clear();
    this.#started = this.#established = this.#failed = this.#resent = 0;
    this.#onEnded = () => undefined;
    this.#rounds = [];
    this.#usedBefore = process.cpuUsage();
  }

  #counts(startedMs: number): PacedCounts {
    const { user, system } = process.cpuUsage(this.#usedBefore);
    return {
      started: this.#started,
      established: this.#established,
      failed: this.#failed,
      retransmissions: this.#resent,
      seconds: (performance.now() - startedMs) / 1000,
      cpuSeconds: (user + system) / 1e6,
      answerMs: this.#kept.takeTimes(),
      roundMs: this.#rounds,
    };
  }

  #start(): void {
    const number = ++this.#lastNumber;
    const session = new PacedSession(number, (this.#spiHi + Math.imul(number, 0x9e37_79b1)) >>> 0);
    this.#sessions.set(number, session);
    this.#started++;
    this.#request(session);
  }

  #ask(question: Question): void {
    const session = this.#kept.ask(question);
    if (session === undefined) return;
    session.request = this.#messages.informational(session, question === "delete");
    this.#request(session);
  }

  #request(session: PacedSession): void {
    session.requests++;
    this.#send(session, 0);
  }

  #receive(slot: number): void {
    const datagram = this.#socket.data(slot).subarray(0, this.#socket.length(slot));
    const header = this.#header;
    try {
      parseHeader(datagram, datagram.length, header);
      const session = this.#sessions.get(header.spiInitiatorLo);
      if (session === undefined || session.spiHi !== header.spiInitiatorHi) return;
      if (session.isUp) this.#takeAnswer(session, datagram);
      else if (!session.isKeyed && answers(header, ExchangeType.IKE_SA_INIT)) this.#takeInit(session, datagram);
      else if (session.isKeyed && answers(header, ExchangeType.IKE_AUTH)) this.#takeAuth(session, datagram);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }

  #takeInit(session: PacedSession, datagram: Uint8Array): void {
    const response = parseMessage(datagram, datagram.length, this.#header);
    const cookie = cookieOf(response);
    if (cookie !== undefined) {
      session.cookie = cookie;
      return this.#request(session);
    }
    const request = this.#messages.authRequest(session, response);
    if (request === undefined) return this.#end(session, false);
    session.request = request;
    this.#request(session);
  }

  #takeAuth(session: PacedSession, datagram: Uint8Array): void {
    const response = parseMessage(datagram, datagram.length, this.#header);
    this.#end(session, this.#messages.isEstablished(session, datagram, response));
  }

  #takeAnswer(session: PacedSession, datagram: Uint8Array): void {
    if (!answers(this.#header, ExchangeType.INFORMATIONAL)) return;
    const response = parseMessage(datagram, datagram.length, this.#header);
    if (!this.#messages.isAnswer(session, datagram, response)) return;
    session.requests++;
    if (this.#kept.answered(session) === false) this.#forget(session);
  }

  #end(session: PacedSession, isEstablished: boolean): void {
    if (isEstablished && this.#keeps) {
      session.isUp = true;
      session.requests++;
      this.#kept.add(session);
    } else {
      this.#forget(session);
    }
    if (isEstablished) this.#established++;
    else this.#failed++;
    this.#onEnded();
  }

  #forget(session: PacedSession): void {
    session.isOver = true;
    this.#sessions.delete(session.number);
  }

  #retransmit(): void {
    this.#retransmissions.run();
    this.#socket.flush();
  }

  #sendAgain(session: PacedSession, times: number): void {
    if (isGivenUp(times)) return session.isUp ? this.#forget(session) : this.#end(session, false);
    this.#resent++;
    this.#send(session, times);
  }

  #send(session: PacedSession, times: number): void {
    this.#retransmissions.sent(session, times);
    const request = session.isKeyed ? session.request : this.#messages.initRequest(session);
    this.#socket.send(request, this.peer, undefined);
  }
}
