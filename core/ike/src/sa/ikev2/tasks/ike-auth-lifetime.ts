import { IkeSaState } from "@cygnet/plugin-api";
import { ExchangeType, NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

const LIFETIME_BYTES = 4;

/**
 * Tells the initiator when it must reauthenticate, RFC 4478: the responder cannot begin that itself. Sent with the last IKE_AUTH response;
 * received then, or in an INFORMATIONAL later.
 */
export class IkeAuthLifetimeTask implements Task {
  readonly type = TaskType.IKE_AUTH_LIFETIME;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): TaskOutcome {
    if (!message.isResponse) return "need-more";
    if (message.exchangeType === ExchangeType.INFORMATIONAL) return "done";
    const { ikeSa } = this;
    if (ikeSa.state !== IkeSaState.ESTABLISHED) return "need-more";
    if (ikeSa.has(Condition.REDIRECTED)) return "done";
    // Whom we could not reach as initiator ourselves: one with an address that we gave it.
    if (ikeSa.reauthAtMs > 0 && ikeSa.remoteVirtualIps.length > 0) {
      const seconds = Math.max(1, Math.floor((ikeSa.reauthAtMs - this.context.clock.nowMs) / 1000));
      const data = Uint8Array.of(seconds >>> 24, seconds >>> 16, seconds >>> 8, seconds);
      message.addNotify(NotifyType.AUTH_LIFETIME, data);
    }
    return "done";
  }

  process(message: Message): TaskOutcome {
    const { exchangeType, isResponse } = message.header;
    const { ikeSa } = this;
    if (exchangeType === ExchangeType.IKE_SA_INIT) return "need-more";
    const isFromResponder = isResponse || exchangeType === ExchangeType.INFORMATIONAL;
    const notify = isFromResponder ? message.notify(NotifyType.AUTH_LIFETIME) : undefined;
    if (notify?.data.length === LIFETIME_BYTES) this.#obey(notify.data);
    return isResponse && ikeSa.isAuthenticated ? "done" : "need-more";
  }

  #obey(data: Uint8Array): void {
    const { ikeSa, context } = this;
    const lifetime = ((data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!) >>> 0;
    context.manager.upkeep.limitLifetime(ikeSa, lifetime);
  }
}
