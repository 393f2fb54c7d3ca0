import type { MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { addAdditionalAddresses } from "../additional-addresses.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/** Tells the peer that the list of our addresses is another one, RFC 4555 section 3.6. */
export class IkeAddressListTask implements Task {
  readonly type = TaskType.IKE_MOBIKE;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
  ) {}

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    const adding = addAdditionalAddresses(context, ikeSa, message, ikeSa.local);
    return adding ? context.manager.whenSettled(ikeSa, adding, () => "need-more" as const) : "need-more";
  }

  process(): TaskOutcome {
    return "done";
  }
}
