import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { readRedirect } from "../redirect-notify.js";
import type { Redirect } from "../redirect-notify.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/** The gateway of an IKE_SA that is up sends us to another one, RFC 5685 section 6: it is told that we know, and then we go. */
export class IkeRedirectedTask implements Task {
  readonly type = TaskType.IKE_REDIRECT;
  #redirect: Redirect | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  process(message: Message): TaskOutcome {
    this.#redirect = readRedirect(message.notify(NotifyType.REDIRECT)!.data);
    if (!this.#redirect) this.context.log.log(LogGroup.IKE, 1, "received invalid REDIRECT notify");
    return "need-more";
  }

  build(): TaskOutcome {
    const { context, ikeSa } = this;
    const gateway = this.#redirect?.gateway;
    if (gateway === undefined) return "done";
    const { uniqueId } = ikeSa;
    // Behind the answer: what has to be looked up must not hold it up.
    void context.manager.work(uniqueId, { run: (sa) => context.manager.redirections.moveOn(sa, gateway) });
    return "done";
  }
}
