import { LogGroup } from "@cygnet/plugin-api";
import type { RedirectGateway } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { redirectTo } from "../redirect-notify.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/**
 * Asks the client of an IKE_SA that is up to go to another gateway, RFC 5685 section 6. It is the client's then to delete this one; if it does
 * not, we do.
 */
export class IkeRedirectTask implements Task {
  readonly type = TaskType.IKE_REDIRECT;

  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
    private readonly gateway: RedirectGateway,
  ) {}

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): TaskOutcome {
    this.context.log.log(LogGroup.IKE, 1, `redirecting peer to ${this.gateway.name}`);
    message.addNotify(NotifyType.REDIRECT, redirectTo(this.gateway));
    return "need-more";
  }

  process(): TaskOutcome {
    this.context.manager.upkeep.redirected(this.ikeSa);
    return "done";
  }
}
