import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import { equalOctets } from "../../../equal-octets.js";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { addNatDetection, NAT_HASH_BYTES } from "../nat-detection.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { IkeMobikeUpdateTask } from "./ike-mobike-update.js";

/**
 * A liveness check: an empty INFORMATIONAL, RFC 7296 section 2.4. As responder it answers whatever INFORMATIONAL has nothing in it that we
 * deal with. That an answer came is all there is to know, and the task manager knows.
 *
 * Behind a NAT, whoever may move the IKE_SA by MOBIKE also finds out whether the peer sees it elsewhere than before: RFC 4555 section 3.8.
 */
export class IkeDpdTask implements Task {
  readonly type = TaskType.IKE_DPD;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
  ) {}

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): TaskOutcome {
    if (message.isResponse) return "done";
    const { ikeSa } = this;
    if (ikeSa.has(Condition.MOBIKE) && ikeSa.has(Condition.ORIGINAL_INITIATOR) && ikeSa.has(Condition.NAT_HERE))
      addNatDetection(this.context, ikeSa, message, ikeSa);
    return "need-more";
  }

  process(message: Message): TaskOutcome {
    if (!message.header.isResponse) return "need-more";
    const seenAs = message.notify(NotifyType.NAT_DETECTION_DESTINATION_IP)?.data;
    if (seenAs?.length === NAT_HASH_BYTES) this.#compare(seenAs);
    return "done";
  }

  #compare(seenAs: Uint8Array): void {
    const { ikeSa, context } = this;
    const before = ikeSa.seenAs;
    ikeSa.seenAs = seenAs.slice();
    if (!before || equalOctets(before, seenAs)) return;
    context.log.log(LogGroup.IKE, 1, "NAT mappings have changed");
    ikeSa.tasks.queue(new IkeMobikeUpdateTask(context, ikeSa, []));
  }
}
