import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/**
 * A liveness check: an empty INFORMATIONAL, RFC 7296 section 2.4. As responder it answers whatever INFORMATIONAL has nothing in it that we
 * deal with. That an answer came is all there is to know, and the task manager knows.
 */
export class IkeDpdTask implements Task {
  readonly type = TaskType.IKE_DPD;

  constructor(_context: IkeContext, _ikeSa: IkeSa) {}

  build(message: OutgoingMessage): TaskOutcome {
    return message.isResponse ? "done" : "need-more";
  }

  process(message: Message): TaskOutcome {
    return message.header.isResponse ? "done" : "need-more";
  }
}
