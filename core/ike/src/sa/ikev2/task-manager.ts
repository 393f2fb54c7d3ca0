import { IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise, TimerId } from "@cygnet/plugin-api";
import { ExchangeType, NotifyType, PayloadType, ProtocolId, exchangeTypeName, makeNotifyPayload } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";
import { DelayedTaskJob, RetransmitJob } from "../jobs.js";
import { peerIsGone } from "../revival.js";
import { ignoreFirstResponse, ignoreMessageId, ignoreUnasked } from "./ignored-message.js";
import { MARKER_BYTES } from "./message-codec.js";
import { openMessage } from "./open-message.js";
import type { Path } from "./nat-detection.js";
import { OutgoingMessage } from "./outgoing-message.js";
import { activate, isExchangeAllowed, passiveTasks, requestExchange } from "./task-selection.js";
import { TaskType } from "./task.js";
import type { Task, TaskOutcome } from "./task.js";
import { retransmissionText, transmit, transmitRequest, triesFor, waitForResponseMs } from "./transmission.js";

const NONE: Task[] = [];
const NO_DATAGRAMS: readonly Uint8Array[] = [];

/** A task that is to be queued when its timer fires. */
interface DelayedTask {
  readonly task: Task;
  readonly timer: TimerId;
}

/**
 * Message ids, windows, retransmission and the queues of tasks of one IKE_SA (RFC 7296 sections 2.1 to 2.3). The window is one request in
 * each direction, which is what every peer must support.
 *
 * Everything that happens to the IKE_SA as a whole goes through `context.manager`: being established, being destroyed.
 */
export class TaskManager {
  /** Waiting for their exchange. */
  queued: Task[] = NONE;
  /** Taking part in the exchange we initiated. */
  active: Task[] = NONE;
  /** Taking part in the exchange the peer initiated. */
  passive: Task[] = NONE;
  #delayed: DelayedTask[] | undefined;

  #requestId = 0;
  #request: Uint8Array[] | undefined;
  #requestExchange = 0;
  #transmissions = 0;
  #timer: TimerId = 0;

  /** Message id that the peer's next request must have. */
  #expectedId = 0;
  #response: Uint8Array[] | undefined;
  /** Octets of the peer's request while it is worked on; a view. */
  #asked: Uint8Array | undefined;
  /** Where the message that was received last came to, and from. */
  #cameTo: Host | undefined;
  #cameFrom: Host | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  /** Our next (or outstanding) request's message id. */
  get requestId(): number {
    return this.#requestId;
  }

  /** Message id that the peer's next request must have. */
  get expectedId(): number {
    return this.#expectedId;
  }

  /** The way of the message that is worked on. */
  get path(): Path {
    return { local: this.#cameTo!, remote: this.#cameFrom! };
  }

  /** How often the request that is outstanding, or was answered last, was sent again. */
  get transmissions(): number {
    return this.#transmissions;
  }

  /** The datagrams of our last response, for a request that comes again; none before the first one. */
  get lastResponse(): readonly Uint8Array[] {
    return this.#response ?? NO_DATAGRAMS;
  }

  /** The request that is being worked on, or was answered last, was sent more than once. */
  get wasRepeated(): boolean {
    return this.#transmissions > 0;
  }

  /** Nothing is queued or in progress, apart from a stored response. */
  get isIdle(): boolean {
    return this.#request === undefined && this.queued.length === 0 && this.active.length === 0 && this.passive.length === 0;
  }

  /** Idle, and nothing is to become due by itself. */
  get isQuiescent(): boolean {
    return this.isIdle && this.#delayed === undefined && this.#asked === undefined;
  }

  /** Goes on where a task manager was that had nothing in progress. */
  resume(requestId: number, expectedId: number, transmissions: number, lastResponse: Uint8Array[]): void {
    this.#requestId = requestId;
    this.#expectedId = expectedId;
    this.#transmissions = transmissions;
    this.#response = lastResponse.length > 0 ? lastResponse : undefined;
  }

  queue(task: Task): void {
    if (this.queued === NONE) this.queued = [];
    this.queued.push(task);
  }

  /** Queues a task in a while: what the peer refused for now is tried again then. */
  queueLater(task: Task, delayMs: number): void {
    const { scheduler, manager } = this.context;
    (this.#delayed ??= []).push({
      task,
      timer: scheduler.schedule(new DelayedTaskJob(manager, this.ikeSa.uniqueId, task), delayMs),
    });
  }

  /** The delay of a task is over. */
  due(task: Task): MaybePromise<void> {
    const at = this.#delayed?.findIndex((delayed) => delayed.task === task) ?? -1;
    if (at < 0) return;
    this.#delayed!.splice(at, 1);
    if (this.#delayed!.length === 0) this.#delayed = undefined;
    this.queue(task);
    return this.initiate();
  }

  hasQueued(type: TaskType): boolean {
    return this.queued.some((task) => task.type === type) || this.active.some((task) => task.type === type);
  }

  /** Begins the exchange of the most urgent queued task, unless one is under way. */
  initiate(): MaybePromise<void> {
    if (this.#request !== undefined) return;
    if (this.active.length === 0) this.active = activate(this, this.ikeSa);
    if (this.active.length === 0) return;
    const exchange = requestExchange(this.active, this.ikeSa.state, this.#requestId);
    const message = new OutgoingMessage(exchange, false, this.#requestId);
    const { active } = this;
    return this.#each(
      active,
      (task) => task.build(message),
      (isWell) => {
        if (!isWell) return this.context.manager.destroy(this.ikeSa);
        // A task may find that there is nothing to be asked (any more); the next one gets its turn.
        if (active.length === 0) return this.initiate();
        this.#sendRequest(message);
      },
    );
  }

  /**
   * Has each task make one step, in order. Who is done leaves the list; nobody comes after one that failed.
   * @param whenDone is told whether all went well
   */
  #each(
    tasks: Task[],
    step: (task: Task) => MaybePromise<TaskOutcome>,
    whenDone: (isWell: boolean) => MaybePromise<void>,
    from = 0,
  ): MaybePromise<void> {
    for (let at = from; at < tasks.length;) {
      const outcome = step(tasks[at]!);
      if (outcome instanceof Promise) {
        const waiting = at;
        return this.context.manager.whenSettled(this.ikeSa, outcome, (settled) => {
          const next = this.#afterStep(tasks, waiting, settled);
          return next < 0 ? whenDone(false) : this.#each(tasks, step, whenDone, next);
        });
      }
      at = this.#afterStep(tasks, at, outcome);
      if (at < 0) return whenDone(false);
    }
    return whenDone(true);
  }

  /** @returns where the next task is, negative for none */
  #afterStep(tasks: Task[], at: number, outcome: TaskOutcome): number {
    if (outcome === "failed") return -1;
    if (outcome === "need-more") return at + 1;
    // Not `splice`, which makes an array of what it takes out: this runs for every task of every message.
    for (let i = at + 1; i < tasks.length; i++) tasks[i - 1] = tasks[i]!;
    tasks.pop();
    return at;
  }

  #sendRequest(message: OutgoingMessage): void {
    const { ikeSa, context } = this;
    message.finish();
    context.bus.message(ikeSa, message, false);
    const datagrams = context.codec.generate(ikeSa, message);
    if (message.exchangeType === ExchangeType.IKE_SA_INIT && ikeSa.handshake)
      ikeSa.handshake.initRequest = datagrams[0]!.subarray(MARKER_BYTES);
    this.#request = datagrams;
    this.#requestExchange = message.exchangeType;
    this.#transmissions = 0;
    transmitRequest(context, ikeSa, datagrams, this.active[0]);
    this.#armRetransmission();
  }

  #armRetransmission(): void {
    const { context, ikeSa } = this;
    const delay = waitForResponseMs(context, this.#transmissions, this.active[0]);
    this.#timer = context.scheduler.schedule(new RetransmitJob(context.manager, ikeSa.uniqueId, this.#requestId), delay);
  }

  /** The wait for the response to request `messageId` is over: sends it again, or gives the peer up. */
  retransmit(messageId: number): MaybePromise<void> {
    if (this.#request === undefined || messageId !== this.#requestId) return;
    const { context, ikeSa } = this;
    const { log } = context;
    const [task] = this.active;
    const isProbing = task?.paths !== undefined;
    if (this.#transmissions >= triesFor(context, task)) {
      log.log(LogGroup.IKE, 1, `giving up after ${this.#transmissions} ${isProbing ? "path probings" : "retransmits"}`);
      context.responses.gaveUp();
      context.bus.alert(ikeSa, { alert: "retransmit-send-timeout" });
      return peerIsGone(context, ikeSa);
    }
    this.#transmissions++;
    if (isProbing) log.log(LogGroup.IKE, 1, `path probing attempt ${this.#transmissions}`);
    else log.log(LogGroup.IKE, 1, `retransmit ${this.#transmissions} of request with message ID ${messageId}`);
    context.responses.repeated();
    context.bus.alert(ikeSa, { alert: "retransmit-send", attempt: this.#transmissions });
    transmitRequest(context, ikeSa, this.#request, task);
    this.#armRetransmission();
  }

  /**
   * Handles one received message, whose clear part was parsed.
   * @param bytes the datagram without marker; decrypted in place
   * @param packet where it came from and to
   */
  process(message: Message, bytes: Uint8Array, packet: Addresses): MaybePromise<void> {
    return message.header.isResponse
      ? this.#processResponse(message, bytes, packet)
      : this.#processRequest(message, bytes, packet);
  }

  // --- responses to our requests ---

  #processResponse(message: Message, bytes: Uint8Array, packet: Addresses): MaybePromise<void> {
    const { header } = message;
    const { ikeSa, context } = this;
    if (header.messageId !== this.#requestId) return ignoreMessageId(context, header.messageId, this.#requestId);
    if (this.#request === undefined) return ignoreUnasked(context, header, undefined);
    if (header.exchangeType !== this.#requestExchange) return ignoreUnasked(context, header, this.#requestExchange);
    const opened = openMessage(context, ikeSa, message, bytes);
    if (opened === false) return;
    if (opened !== true) {
      this.sayFarewell(opened, true);
      return context.manager.destroy(ikeSa);
    }
    if (header.exchangeType === ExchangeType.IKE_SA_INIT && ignoreFirstResponse(context, message, this.active[0])) return;
    this.#cameTo = packet.destination;
    this.#cameFrom = packet.source;
    context.responses.answered(this.#requestExchange, context.clock.nowMs - ikeSa.lastOutboundMs);
    if (this.#transmissions > 0) context.bus.alert(ikeSa, { alert: "retransmit-send-cleared", attempts: this.#transmissions });
    context.scheduler.cancel(this.#timer);
    this.#timer = 0;
    this.#request = undefined;
    this.#requestId++;
    if (header.exchangeType === ExchangeType.IKE_SA_INIT) {
      ikeSa.peerSpiHi = header.spiResponderHi;
      ikeSa.peerSpiLo = header.spiResponderLo;
      if (ikeSa.handshake) ikeSa.handshake.initResponse = context.octets.copy(bytes);
    }
    return this.#each(
      this.active,
      (task) => task.process(message),
      (isWell) => {
        if (!isWell) return context.manager.destroy(ikeSa);
        this.#endHandshake();
        return this.initiate();
      },
    );
  }

  /** Drops the exchange and what was to follow, for another try at setting up. @returns tasks that go on in that: those of CHILD_SAs */
  reset(): Task[] {
    const all = [...this.active, ...this.queued];
    const kept = all.filter((task) => task.type === TaskType.CHILD_CREATE);
    for (const task of all) {
      if (kept.includes(task)) task.migrate?.(this.ikeSa);
      else task.abandon?.();
    }
    // The response that says so may be worked on: none of these has a part in it any more.
    this.active.length = 0;
    this.queued = this.active = NONE;
    this.context.scheduler.cancel(this.#timer);
    this.#request = undefined;
    this.restart();
    return kept;
  }

  /** Begins again with IKE_SA_INIT: the responder asked for a COOKIE or another key exchange method, or another try is due. */
  restart(): void {
    this.#requestId = 0;
    this.ikeSa.peerSpiHi = 0;
    this.ikeSa.peerSpiLo = 0;
  }

  // --- requests of the peer ---

  #processRequest(message: Message, bytes: Uint8Array, packet: Addresses): MaybePromise<void> {
    const { header } = message;
    const { context, ikeSa } = this;
    if (header.messageId !== this.#expectedId) {
      if (header.messageId === this.#expectedId - 1 && this.#response !== undefined) return this.#resend(message, packet);
      return ignoreMessageId(context, header.messageId, this.#expectedId);
    }
    if (!isExchangeAllowed(header.exchangeType, ikeSa)) {
      context.counters.unexpected++;
      context.log.log(
        LogGroup.IKE,
        1,
        `ignoring ${exchangeTypeName(header.exchangeType)} in IKE_SA state ${IkeSaState[ikeSa.state]}`,
      );
      return;
    }
    const opened = openMessage(context, ikeSa, message, bytes);
    if (opened === false) return;
    if (message.encrypted) this.#follow(packet, header.exchangeType === ExchangeType.IKE_AUTH);
    this.#cameTo = packet.destination;
    this.#cameFrom = packet.source;
    this.#asked = bytes;
    if (opened !== true) return this.#refuse(message, opened);
    if (header.exchangeType === ExchangeType.IKE_SA_INIT && ikeSa.handshake)
      ikeSa.handshake.initRequest = context.octets.copy(bytes);
    if (this.passive.length === 0) this.passive = passiveTasks(context, ikeSa, message);
    return this.#each(
      this.passive,
      (task) => task.process(message),
      (isWell) => this.#answer(message, !isWell),
    );
  }

  /**
   * The initiator may float to other ports with its IKE_AUTH; and a NAT in front of a peer may choose another address at any time, which
   * who is not behind a NAT itself follows (RFC 7296 section 2.23), unless it is told by MOBIKE (RFC 4555 section 3.8). The message was
   * authenticated, so this cannot be abused.
   */
  #follow({ source, destination }: Addresses, isAuth: boolean): void {
    const { ikeSa, context } = this;
    if (ikeSa.remote.equals(source) && ikeSa.local.equals(destination)) return;
    const isTranslated = ikeSa.has(Condition.NAT_THERE) && !ikeSa.has(Condition.NAT_HERE);
    if (!isAuth && (!isTranslated || ikeSa.has(Condition.MOBIKE))) return;
    if (!isAuth) return context.manager.upkeep.moved(ikeSa, { local: destination, remote: source });
    ikeSa.remote = source;
    ikeSa.local = destination;
  }

  #answer(request: Message, failed: boolean): MaybePromise<void> {
    const message = new OutgoingMessage(request.header.exchangeType, true, request.header.messageId);
    return this.#each(
      this.passive,
      (task) => task.build(message),
      (isWell) => this.#sendResponse(message, failed || !isWell),
    );
  }

  #sendResponse(message: OutgoingMessage, isLast: boolean): MaybePromise<void> {
    const { ikeSa, context } = this;
    message.finish();
    context.bus.message(ikeSa, message, false);
    const datagrams = context.codec.generate(ikeSa, message);
    if (message.exchangeType === ExchangeType.IKE_SA_INIT && ikeSa.handshake)
      ikeSa.handshake.initResponse = datagrams[0]!.subarray(MARKER_BYTES);
    this.#response = datagrams;
    this.#expectedId = message.messageId + 1;
    // RFC 7296 section 2.11: to where the request came from.
    transmit(context, ikeSa, datagrams, this.path);
    const asked = this.#asked!;
    this.#asked = undefined;
    if (isLast) {
      // A first message that comes again is simply refused again.
      if (message.isProtected) context.manager.closedResponses.remember(ikeSa, asked, datagrams);
      return context.manager.destroy(ikeSa);
    }
    this.#endHandshake();
    // What the exchange left to be done by us, a delete of a replaced CHILD_SA say.
    if (this.queued.length > 0) return this.initiate();
  }

  /** Once both sides are through with IKE_AUTH, nothing of the handshake is needed any more. */
  #endHandshake(): void {
    const { ikeSa } = this;
    if (ikeSa.handshake === undefined || ikeSa.state !== IkeSaState.ESTABLISHED) return;
    if (this.queued.length === 0) this.queued = NONE;
    if (this.active.length === 0) this.active = NONE;
    if (this.passive.length === 0) this.passive = NONE;
    ikeSa.handshake.wipe();
    ikeSa.handshake = undefined;
  }

  /**
   * A request seen before: RFC 7296 section 2.1 asks for the same response again, whatever became of the IKE_SA meanwhile. Of a fragmented
   * one, only the first fragment has that effect (RFC 7383 section 2.6.1).
   */
  #resend(message: Message, { source, destination }: Addresses): void {
    const { context, ikeSa } = this;
    if ((message.encrypted?.fragmentNumber ?? 0) > 1) {
      context.counters.replayed++;
      return;
    }
    context.counters.repeated++;
    context.log.log(LogGroup.IKE, 1, retransmissionText(message.header.messageId));
    context.bus.alert(ikeSa, { alert: "retransmit-receive" });
    transmit(context, ikeSa, this.#response!, { local: destination, remote: source });
  }

  /** Answers an authenticated request that cannot be processed with one error notify. */
  #refuse(request: Message, notify: NotifyType): MaybePromise<void> {
    const message = new OutgoingMessage(request.header.exchangeType, true, request.header.messageId);
    const data = notify === NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD ? Uint8Array.of(request.criticalUnknown) : undefined;
    message.add(makeNotifyPayload(notify, data));
    // RFC 7296 section 2.21.3: INVALID_SYNTAX is fatal to the IKE_SA, an unknown critical payload is not.
    return this.#sendResponse(message, notify === NotifyType.INVALID_SYNTAX || this.ikeSa.state < IkeSaState.ESTABLISHED);
  }

  // --- life and death ---

  /**
   * Sends one request that says that the IKE_SA is being given up; waits for nothing.
   * @param notify why, undefined where it is the peer that knows
   * @param withDelete where the peer may have it established
   */
  sayFarewell(notify: NotifyType | undefined, withDelete = false): void {
    const message = new OutgoingMessage(ExchangeType.INFORMATIONAL, false, this.#requestId + (this.#request ? 1 : 0));
    if (notify !== undefined) message.add(makeNotifyPayload(notify));
    if (withDelete) message.add({ type: PayloadType.DELETE, protocol: ProtocolId.IKE, spis: [] });
    transmit(this.context, this.ikeSa, this.context.codec.generate(this.ikeSa, message), this.ikeSa);
  }

  /** Takes over what is queued when another IKE_SA is replaced by this one. */
  adopt(from: TaskManager): void {
    const delayed = from.#delayed?.map(({ task, timer }) => (this.context.scheduler.cancel(timer), task)) ?? NONE;
    for (const task of [...from.queued, ...delayed]) {
      // It has just been done.
      if (task.type === TaskType.IKE_REKEY) continue;
      task.migrate?.(this.ikeSa);
      this.queue(task);
    }
    from.queued = NONE;
    from.#delayed = undefined;
  }

  /** Stops the timer and tells all tasks that nothing will come of them. */
  destroy(): void {
    this.context.scheduler.cancel(this.#timer);
    this.#timer = 0;
    for (const { timer } of this.#delayed ?? []) this.context.scheduler.cancel(timer);
    this.#delayed = undefined;
    for (const tasks of [this.queued, this.active, this.passive]) for (const task of tasks) task.abandon?.();
    this.queued = this.active = this.passive = NONE;
    this.#request = undefined;
    this.#response = undefined;
    this.#asked = undefined;
  }
}

/** Of a received datagram. */
export interface Addresses {
  readonly source: Host;
  readonly destination: Host;
}
