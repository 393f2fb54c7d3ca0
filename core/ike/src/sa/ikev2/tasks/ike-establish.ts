import { ExchangeType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/**
 * Brings the IKE_SA up once both sides are authenticated: behind the tasks that authenticate and configure, before the one that makes the
 * CHILD_SA.
 */
export class IkeEstablishTask implements Task {
  readonly type = TaskType.IKE_ESTABLISH;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): TaskOutcome {
    return message.isResponse && message.exchangeType === ExchangeType.IKE_AUTH ? this.#establish() : "need-more";
  }

  process(message: Message): TaskOutcome {
    return message.header.isResponse && message.header.exchangeType === ExchangeType.IKE_AUTH ? this.#establish() : "need-more";
  }

  #establish(): TaskOutcome {
    const { ikeSa, context } = this;
    if (!ikeSa.isAuthenticated) return "need-more";
    context.manager.upkeep.established(ikeSa);
    ikeSa.set(Condition.ANNOUNCED_UP);
    context.bus.ikeUpdown(ikeSa, true);
    this.#replaceOld();
    if (ikeSa.has(Condition.REDIRECTED)) context.manager.upkeep.redirected(ikeSa);
    return "done";
  }

  /** The IKE_SA that this one reauthenticates is not needed any more. */
  #replaceOld(): void {
    const { ikeSa, context } = this;
    const { manager } = context;
    const old = ikeSa.reauthenticatesId === 0 ? undefined : manager.byId(ikeSa.reauthenticatesId);
    ikeSa.reauthenticatesId = 0;
    if (!old) return;
    context.bus.ikeReestablish(old, ikeSa, true);
    void manager.work(old.uniqueId, { run: (sa) => manager.upkeep.close(sa) });
  }
}
