import { ChildSaState, IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { NotifyType, PayloadType, spiBytes, spiNumber } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { ChildSa } from "../../child-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { SaTimer } from "../../sa-timers.js";
import { findError } from "../error-notify.js";
import { compareNonces, lowerNonce } from "../nonces.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { retrySeconds } from "../retry-delay.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { ChildCreateTask } from "./child-create.js";
import { ChildDeleteTask } from "./child-delete.js";

/** A rekeying of the same CHILD_SA that the peer began while ours was under way. */
interface Collision {
  readonly child: ChildSa;
  readonly lowestNonce: Uint8Array;
}

/**
 * Replaces a CHILD_SA, RFC 7296 section 1.3.3. Who began the exchange deletes the old CHILD_SA afterwards. When both sides begin at once
 * two new ones come to be, and the one whose exchange had the lowest of the four nonces is deleted by who began it (section 2.8.1).
 */
export class ChildRekeyTask implements Task {
  readonly type = TaskType.CHILD_REKEY;
  #create: ChildCreateTask | undefined;
  #collision: Collision | undefined;
  /** As responder: the answer is an error. */
  #refusal: { readonly notify: NotifyType; readonly protocol: number; readonly spi: Uint8Array } | undefined;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
    /** What is to be rekeyed; as responder it is found by the request. */
    private child?: ChildSa,
  ) {}

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    return message.isResponse ? this.#buildResponse(message) : this.#buildRequest(message);
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
    this.#create?.abandon();
    this.#create = undefined;
    this.#collision = undefined;
  }

  abandon(): void {
    this.#create?.abandon();
  }

  /** See `ChildCreateTask.deletedByPeer`. */
  deletedByPeer(spi: number): void {
    this.#create?.deletedByPeer(spi);
  }

  /**
   * The peer deletes a CHILD_SA while we rekey one: the old one, which the peer's own rekeying has replaced already, or the redundant one
   * of that.
   */
  closedByPeer(child: ChildSa): void {
    const theirs = this.#collision;
    if (!theirs) return;
    if (child === this.child) this.#replace(child, theirs.child);
    else if (child === theirs.child) this.#retire(child, this.child!);
  }

  // --- initiator ---

  #buildRequest(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const child = this.child!;
    const isRetry = this.#create !== undefined;
    // It was rekeyed or closed by the peer meanwhile.
    if (!this.ikeSa.children.includes(child) || (!isRetry && child.state !== ChildSaState.INSTALLED)) {
      this.#create?.abandon();
      return "done";
    }
    this.#create ??= new ChildCreateTask(this.context, this.ikeSa, undefined, child);
    child.enter(this.context, ChildSaState.REKEYING);
    message.add({
      type: PayloadType.NOTIFY,
      protocol: child.protocol,
      spi: spiBytes(child.spiIn),
      notifyType: NotifyType.REKEY_SA,
      data: new Uint8Array(0),
    });
    const outcome = this.#create.build(message);
    return outcome instanceof Promise ? this.#later(outcome, (settled) => this.#built(settled)) : this.#built(outcome);
  }

  #built(outcome: TaskOutcome): TaskOutcome {
    return outcome === "need-more" ? outcome : this.#retryLater();
  }

  #later(pending: Promise<TaskOutcome>, next: (outcome: TaskOutcome) => TaskOutcome): Promise<TaskOutcome> {
    return this.context.manager.whenSettled(this.ikeSa, pending, next);
  }

  #processResponse(message: Message): MaybePromise<TaskOutcome> {
    const error = findError(message);
    if (error?.notifyType === NotifyType.CHILD_SA_NOT_FOUND) return this.#recreate();
    const outcome = this.#create!.process(message);
    return outcome instanceof Promise ? this.#later(outcome, (settled) => this.#conclude(settled)) : this.#conclude(outcome);
  }

  /** The peer has it no more: sets up another one in its place. */
  #recreate(): TaskOutcome {
    const { context, ikeSa } = this;
    const child = this.child!;
    context.log.log(LogGroup.IKE, 1, `peer didn't find the CHILD_SA ${child.label} we tried to rekey`);
    this.#create!.abandon();
    // Because its own rekeying came first, say: that one counts then.
    if (this.#collision) this.#replace(child, this.#collision.child);
    if (this.#collision || !ikeSa.children.includes(child)) return "done";
    context.bus.childUpdown(ikeSa, child, false);
    context.manager.upkeep.destroyChild(ikeSa, child);
    ikeSa.tasks.queue(new ChildCreateTask(context, ikeSa, child.config));
    return "done";
  }

  #conclude(outcome: TaskOutcome): TaskOutcome {
    if (outcome === "need-more") return outcome;
    const { ikeSa, context } = this;
    const old = this.child!;
    const fresh = this.#create!.established;
    if (!fresh) return this.#retryLater();
    const ours = lowerNonce(this.#create!.ownNonce, this.#create!.peerNonce);
    const theirs = this.#collision;
    if (theirs && compareNonces(ours, theirs.lowestNonce) < 0) {
      context.log.log(LogGroup.IKE, 1, `CHILD_SA rekey collision lost, deleting redundant child ${fresh.label}`);
      this.#replace(old, theirs.child);
      this.#retire(fresh, theirs.child);
      ikeSa.tasks.queue(new ChildDeleteTask(context, ikeSa, fresh));
      return "done";
    }
    if (theirs) {
      context.log.log(LogGroup.IKE, 1, `CHILD_SA rekey collision won, deleting old child ${old.label}`);
      this.#retire(theirs.child, fresh);
    }
    this.#replace(old, fresh);
    if (ikeSa.children.includes(old)) ikeSa.tasks.queue(new ChildDeleteTask(context, ikeSa, old));
    return "done";
  }

  #retryLater(): TaskOutcome {
    const { context, ikeSa } = this;
    const old = this.child!;
    if (!ikeSa.children.includes(old) || this.#collision) {
      if (this.#collision) this.#replace(old, this.#collision.child);
      return "done";
    }
    const seconds = retrySeconds(context);
    context.log.log(LogGroup.IKE, 1, `CHILD_SA rekeying failed, trying again in ${seconds} seconds`);
    old.enter(context, ChildSaState.INSTALLED);
    context.scheduler.cancel(old.rekeyTimer);
    old.rekeyTimer = context.manager.timers.arm(SaTimer.CHILD_SOFT, old.uniqueId, seconds * 1000);
    return "done";
  }

  /** `fresh` takes the place of `old`. */
  #replace(old: ChildSa, fresh: ChildSa): void {
    if (old.rekeyedById !== 0) return;
    old.rekeyedById = fresh.uniqueId;
    if (old.state === ChildSaState.INSTALLED || old.state === ChildSaState.REKEYING)
      old.enter(this.context, ChildSaState.REKEYED);
    this.context.bus.childRekey(this.ikeSa, old, fresh);
  }

  /** A redundant new CHILD_SA: it goes without having been announced. */
  #retire(redundant: ChildSa, kept: ChildSa): void {
    redundant.rekeyedById = kept.uniqueId;
    if (redundant.state === ChildSaState.INSTALLED) redundant.enter(this.context, ChildSaState.REKEYED);
  }

  // --- responder ---

  #processRequest(message: Message): MaybePromise<TaskOutcome> {
    const notify = message.notify(NotifyType.REKEY_SA)!;
    const spi = notify.spi.length === 4 ? spiNumber(notify.spi) : 0;
    const child = this.ikeSa.childBySpiOut(notify.protocol, spi);
    if (!child || child.state >= ChildSaState.REKEYED) {
      // RFC 7296 section 2.25.1; one whose rest only waits for late packets is gone.
      const isClosing = child !== undefined && child.state !== ChildSaState.DELETED;
      // It may be one of whose creation we only lack the response.
      const isComing = this.ikeSa.tasks.active.some(
        ({ type }) => type === TaskType.CHILD_CREATE || type === TaskType.CHILD_REKEY,
      );
      this.context.log.log(
        LogGroup.IKE,
        1,
        isClosing ? `unable to rekey, CHILD_SA ${child.label} is being closed` : "unable to rekey, CHILD_SA not found",
      );
      this.#refusal =
        isClosing || isComing
          ? { notify: NotifyType.TEMPORARY_FAILURE, protocol: 0, spi: new Uint8Array(0) }
          : { notify: NotifyType.CHILD_SA_NOT_FOUND, protocol: notify.protocol, spi: notify.spi.slice() };
      return "need-more";
    }
    if (this.ikeSa.state !== IkeSaState.ESTABLISHED) {
      this.#refusal = { notify: NotifyType.TEMPORARY_FAILURE, protocol: 0, spi: new Uint8Array(0) };
      return "need-more";
    }
    this.child = child;
    this.#create = new ChildCreateTask(this.context, this.ikeSa, undefined, child);
    return this.#create.process(message);
  }

  #buildResponse(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (this.#refusal) {
      const { notify, protocol, spi } = this.#refusal;
      message.add({ type: PayloadType.NOTIFY, protocol, spi, notifyType: notify, data: new Uint8Array(0) });
      return "done";
    }
    const outcome = this.#create!.build(message);
    return outcome instanceof Promise ? this.#later(outcome, (settled) => this.#answered(settled)) : this.#answered(outcome);
  }

  #answered(outcome: TaskOutcome): TaskOutcome {
    const fresh = this.#create!.established;
    const old = this.child!;
    if (!fresh) return outcome;
    const active = this.ikeSa.tasks.active.find(
      (task): task is ChildRekeyTask => task instanceof ChildRekeyTask && task.child === old,
    );
    if (active) active.#collide(fresh, lowerNonce(this.#create!.ownNonce, this.#create!.peerNonce));
    else this.#replace(old, fresh);
    return outcome;
  }

  #collide(child: ChildSa, lowestNonce: Uint8Array): void {
    this.context.log.log(LogGroup.IKE, 1, `detected rekey collision of CHILD_SA ${this.child!.label}`);
    this.#collision = { child, lowestNonce };
  }
}
