import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import { equalOctets } from "../../../equal-octets.js";
import type { IkeContext } from "../../../ike-context.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/** Between 8 and 64, RFC 4555 section 4.2.5. */
const COOKIE2_BYTES = 16;
const NONE = new Uint8Array(0);

/** What nobody can answer with who has not got the request. */
export function drawCookie2({ random }: IkeContext): Uint8Array {
  const cookie = new Uint8Array(COOKIE2_BYTES);
  random.fill(cookie);
  return cookie;
}

/** Makes sure that the peer is where it says: nobody may have our packets sent to a third party. RFC 4555 section 3.7. */
export class IkeReturnRoutabilityTask implements Task {
  readonly type = TaskType.IKE_MOBIKE;
  readonly #cookie: Uint8Array;

  constructor(private readonly context: IkeContext) {
    this.#cookie = drawCookie2(context);
  }

  build(message: OutgoingMessage): TaskOutcome {
    message.addNotify(NotifyType.COOKIE2, this.#cookie);
    return "need-more";
  }

  process(message: Message): TaskOutcome {
    if (equalOctets(message.notify(NotifyType.COOKIE2)?.data ?? NONE, this.#cookie)) return "done";
    this.context.log.log(LogGroup.IKE, 1, "COOKIE2 mismatch, closing IKE_SA");
    return "failed";
  }
}
