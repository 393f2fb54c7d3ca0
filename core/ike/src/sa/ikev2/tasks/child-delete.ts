import { ChildSaState, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { PayloadType, ProtocolId, spiBytes, spiNumber, spiText } from "@cygnet/wire";
import type { DeletePayload, Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { ChildUse } from "../../../kernel/kernel-interface.js";
import type { ChildSa } from "../../child-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { SaTimer } from "../../sa-timers.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import type { ChildCreateTask } from "./child-create.js";
import type { ChildRekeyTask } from "./child-rekey.js";

/** ESP or AH, for log lines. */
const protocolName = (protocol: number): string => (protocol === ProtocolId.AH ? "AH" : "ESP");

/**
 * Why we delete a CHILD_SA: it is wished so; its lifetime is over and the kernel has it no more; or it failed to come into being with us,
 * but the peer has it.
 */
export type DeleteReason = "closed" | "expired" | "unborn";

/**
 * Ends CHILD_SAs, RFC 7296 section 1.4.1: each side names the SPIs of its inbound SAs. A CHILD_SA that was rekeyed keeps its inbound SA for
 * `delete_rekeyed_delay` seconds, for the packets that are on their way.
 */
export class ChildDeleteTask implements Task {
  readonly type = TaskType.CHILD_DELETE;
  /** What is being deleted; as responder, found in the request. */
  readonly #children: ChildSa[] = [];
  /** It had been rekeyed already when its end was wished for. */
  readonly #wasReplaced: boolean;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
    child?: ChildSa,
    private readonly reason: DeleteReason = "closed",
  ) {
    if (child) this.#children.push(child);
    this.#wasReplaced = child !== undefined && child.rekeyedById !== 0;
  }

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (message.isResponse) return this.#answer(message);
    if (this.reason === "closed" && !this.#wasReplaced) this.#followRekeying();
    const child = this.#children[0]!;
    if (this.reason === "unborn") {
      this.#askFor(message, child);
      return "need-more";
    }
    // The peer was faster: nothing is left to delete.
    if (!this.ikeSa.children.includes(child) || child.state >= ChildSaState.DELETING) return "done";
    return this.#withUse([child], ([use]) => {
      const verb = this.reason === "expired" ? "CHILD_SA expired, closing" : "closing CHILD_SA";
      this.context.log.log(
        LogGroup.IKE,
        0,
        `${verb} ${child.label} with SPIs ${spisWithBytes(child, use)} and TS ${child.selectors()}`,
      );
      this.#askFor(message, child);
      this.#enterDeleting(child);
      return "need-more";
    });
  }

  /** It was rekeyed while this task waited for its turn: what is wished for is the end of the connection, so of what took its place. */
  #followRekeying(): void {
    let child: ChildSa | undefined = this.#children[0];
    while (child) {
      this.#children[0] = child;
      child = this.ikeSa.childById(child.rekeyedById);
    }
  }

  #askFor(message: OutgoingMessage, child: ChildSa): void {
    this.context.log.log(
      LogGroup.IKE,
      1,
      `sending DELETE for ${protocolName(child.protocol)} CHILD_SA with SPI ${spiText(child.spiIn)}`,
    );
    message.add({ type: PayloadType.DELETE, protocol: child.protocol, spis: [spiBytes(child.spiIn)] });
  }

  process(message: Message): MaybePromise<TaskOutcome> {
    return message.header.isResponse ? this.#processResponse(message) : this.#processRequest(message);
  }

  #processResponse(message: Message): TaskOutcome {
    const { log } = this.context;
    const payload = message.payload(PayloadType.DELETE);
    for (const spi of payload?.spis ?? []) {
      log.log(
        LogGroup.IKE,
        1,
        `received DELETE for ${protocolName(payload!.protocol)} CHILD_SA with SPI ${spiText(spiNumber(spi))}`,
      );
    }
    for (const child of this.#children) this.#conclude(child);
    return "done";
  }

  #processRequest(message: Message): TaskOutcome {
    const { log } = this.context;
    for (const payload of message.payloads) {
      if (payload.type !== PayloadType.DELETE) continue;
      for (const spi of payload.spis) {
        const number = spiNumber(spi);
        const child = this.#find(payload, number);
        if (!child) {
          log.log(
            LogGroup.IKE,
            1,
            `received DELETE for unknown ${protocolName(payload.protocol)} CHILD_SA with SPI ${spiText(number)}`,
          );
          for (const task of this.ikeSa.tasks.active) if (isRekeying(task) || isCreating(task)) task.deletedByPeer(number);
          continue;
        }
        log.log(LogGroup.IKE, 1, `received DELETE for ${protocolName(payload.protocol)} CHILD_SA with SPI ${spiText(number)}`);
        if (this.#children.includes(child)) continue;
        this.#children.push(child);
        // The peer may have finished a rekeying that collided with ours before we did.
        for (const task of this.ikeSa.tasks.active) if (isRekeying(task)) task.closedByPeer(child);
      }
    }
    return "need-more";
  }

  /** One whose rest only waits for late packets is deleted already. */
  #find(payload: DeletePayload, spi: number): ChildSa | undefined {
    const child = this.ikeSa.childBySpiOut(payload.protocol, spi);
    return child?.state === ChildSaState.DELETED ? undefined : child;
  }

  /** Our SPIs of the same CHILD_SAs; not those whose delete we have asked for ourselves (RFC 7296 section 1.4.1). */
  #answer(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (this.#children.length === 0) return "done";
    return this.#withUse(this.#children, (uses) => {
      const { log } = this.context;
      const spis = new Map<number, Uint8Array[]>();
      for (const [i, closed] of this.#children.entries()) {
        const isAskedByUs = closed.state === ChildSaState.DELETING;
        if (!isAskedByUs) {
          if (closed.state !== ChildSaState.REKEYED) {
            log.log(
              LogGroup.IKE,
              0,
              `closing CHILD_SA ${closed.label} with SPIs ${spisWithBytes(closed, uses[i])} and TS ${closed.selectors()}`,
            );
          }
          log.log(
            LogGroup.IKE,
            1,
            `sending DELETE for ${protocolName(closed.protocol)} CHILD_SA with SPI ${spiText(closed.spiIn)}`,
          );
          const list = spis.get(closed.protocol) ?? [];
          list.push(spiBytes(closed.spiIn));
          spis.set(closed.protocol, list);
          this.#enterDeleting(closed);
        }
        this.#conclude(closed);
      }
      for (const [protocol, list] of spis) message.add({ type: PayloadType.DELETE, protocol, spis: list });
      return "done";
    });
  }

  /** Whether a CHILD_SA was replaced must be remembered over DELETING. */
  #enterDeleting(child: ChildSa): void {
    const wasInstalled = child.state === ChildSaState.INSTALLED || child.state === ChildSaState.REKEYING;
    child.enter(this.context, ChildSaState.DELETING);
    if (wasInstalled) this.context.bus.childUpdown(this.ikeSa, child, false);
  }

  #conclude(child: ChildSa): void {
    const { context, ikeSa } = this;
    const { log, options, manager } = context;
    if (!ikeSa.children.includes(child) || child.state === ChildSaState.DELETED) return;
    child.enter(context, ChildSaState.DELETED);
    log.log(LogGroup.IKE, child.rekeyedById ? 1 : 0, `CHILD_SA ${child.label} closed`);
    const successor = ikeSa.childById(child.rekeyedById);
    if (successor) context.kernel.takeOver(successor);
    if (child.rekeyedById !== 0 && options.delete_rekeyed_delay > 0) {
      manager.upkeep.childRekeyed(child);
      context.kernel.retire(child);
      child.expireTimer = manager.timers.arm(SaTimer.CHILD_REMAINS, child.uniqueId, options.delete_rekeyed_delay * 1000);
      return;
    }
    manager.upkeep.destroyChild(ikeSa, child);
    manager.upkeep.childClosed(ikeSa, child);
  }

  /** Asks the kernel for octet counts before a step whose log lines show them. */
  #withUse(children: readonly ChildSa[], step: (uses: readonly ChildUse[]) => TaskOutcome): MaybePromise<TaskOutcome> {
    const { context, ikeSa } = this;
    const uses = children.map((child) => context.kernel.use(child));
    const isPending = uses.some((use) => use instanceof Promise);
    return isPending ? context.manager.whenSettled(ikeSa, Promise.all(uses), step) : step(uses as ChildUse[]);
  }
}

const isCreating = (task: Task): task is ChildCreateTask => task.type === TaskType.CHILD_CREATE;
const isRekeying = (task: Task): task is ChildRekeyTask => task.type === TaskType.CHILD_REKEY;

function spisWithBytes(child: ChildSa, use: ChildUse | undefined): string {
  return `${spiText(child.spiIn)}_i (${use?.inbound?.bytes ?? 0} bytes) ${spiText(child.spiOut)}_o (${use?.outbound?.bytes ?? 0} bytes)`;
}
