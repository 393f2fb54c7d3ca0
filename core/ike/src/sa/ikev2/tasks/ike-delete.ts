import { IkeSaState, LogGroup } from "@cygnet/plugin-api";
import { NotifyType, PayloadType, ProtocolId } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { closedByPeer, setUpAnew } from "../../revival.js";
import { notifyName } from "../error-notify.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import type { IkeRekeyTask } from "./ike-rekey.js";

/**
 * Ends an IKE_SA with all its CHILD_SAs, RFC 7296 section 1.4.1. Both sides destroy it once the response is sent or received. A peer that
 * could not authenticate us says AUTHENTICATION_FAILED instead (section 2.21.2), with the same consequence.
 */
export class IkeDeleteTask implements Task {
  readonly type = TaskType.IKE_DELETE;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
  ) {}

  /** What is to end is the connection, so it is the IKE_SA that took the place of this one meanwhile. */
  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): TaskOutcome {
    // As responder "failed" ends the IKE_SA behind the response, which is what was asked for.
    if (message.isResponse) return "failed";
    const { ikeSa, context } = this;
    const { log } = context;
    log.log(LogGroup.IKE, 0, `deleting IKE_SA ${ikeSa.label} between ${ikeSa.endpoints}`);
    log.log(LogGroup.IKE, 1, `sending DELETE for IKE_SA ${ikeSa.label}`);
    message.add({ type: PayloadType.DELETE, protocol: ProtocolId.IKE, spis: [] });
    this.#enterDeleting();
    return "need-more";
  }

  process(message: Message): TaskOutcome {
    if (!message.header.isResponse) return this.#processRequest(message);
    this.context.log.log(LogGroup.IKE, 0, "IKE_SA deleted");
    if (this.ikeSa.has(Condition.REAUTHENTICATING)) setUpAnew(this.context, this.ikeSa);
    return "failed";
  }

  #processRequest(message: Message): TaskOutcome {
    const { ikeSa, context } = this;
    const { log } = context;
    const isRefused = message.notify(NotifyType.AUTHENTICATION_FAILED) !== undefined;
    if (isRefused) log.log(LogGroup.IKE, 1, `received ${notifyName(NotifyType.AUTHENTICATION_FAILED)} notify error`);
    else log.log(LogGroup.IKE, 1, `received DELETE for IKE_SA ${ikeSa.label}`);
    // The peer may have finished the rekeying that collided with ours before we did.
    const rekeying = ikeSa.tasks.active.find((task): task is IkeRekeyTask => task.type === TaskType.IKE_REKEY);
    rekeying?.closedByPeer();
    if (ikeSa.state === IkeSaState.REKEYED || ikeSa.state === IkeSaState.DELETING) {
      this.#enterDeleting();
      return "need-more";
    }
    log.log(LogGroup.IKE, 1, `deleting IKE_SA ${ikeSa.label} between ${ikeSa.endpoints}`);
    this.#enterDeleting();
    log.log(LogGroup.IKE, 0, "IKE_SA deleted");
    if (!isRefused) closedByPeer(context, ikeSa);
    return "need-more";
  }

  #enterDeleting(): void {
    const { ikeSa, context } = this;
    // A replaced IKE_SA goes without being announced as down.
    if (ikeSa.state === IkeSaState.REKEYED) ikeSa.set(Condition.ANNOUNCED_UP, false);
    ikeSa.enter(context, IkeSaState.DELETING);
  }
}
