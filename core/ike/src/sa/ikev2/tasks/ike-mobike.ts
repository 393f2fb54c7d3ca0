import { IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise } from "@cygnet/plugin-api";
import { ExchangeType, NotifyType, makeNotifyPayload } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { addAdditionalAddresses, additionalAddresses } from "../additional-addresses.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";

/**
 * Agrees on MOBIKE, RFC 4555 section 3.1: with the IKE_AUTH request that asks for the CHILD_SA, and the last response.
 */
export class IkeMobikeTask implements Task {
  readonly type = TaskType.IKE_MOBIKE;
  #isOffered = false;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (message.exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    return message.isResponse ? this.#answer(message) : this.#offer(message);
  }

  #offer(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    if (this.ikeSa.peerConfig?.mobike !== true) return "done";
    if (this.#isOffered) return "need-more";
    this.#isOffered = true;
    return this.#tell(message, "need-more");
  }

  #answer(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    const { ikeSa } = this;
    if (ikeSa.state !== IkeSaState.ESTABLISHED) return "need-more";
    return ikeSa.has(Condition.MOBIKE) && !ikeSa.has(Condition.REDIRECTED) ? this.#tell(message, "done") : "done";
  }

  #tell(message: OutgoingMessage, outcome: TaskOutcome): MaybePromise<TaskOutcome> {
    const { ikeSa, context } = this;
    message.addLast(makeNotifyPayload(NotifyType.MOBIKE_SUPPORTED));
    const adding = addAdditionalAddresses(context, ikeSa, message, ikeSa.local);
    return adding ? context.manager.whenSettled(ikeSa, adding, () => outcome) : outcome;
  }

  process(message: Message): TaskOutcome {
    const { exchangeType, isResponse } = message.header;
    if (exchangeType !== ExchangeType.IKE_AUTH) return "need-more";
    const { ikeSa, context } = this;
    if (ikeSa.peerConfig?.mobike === true && message.notify(NotifyType.MOBIKE_SUPPORTED)) {
      context.log.log(LogGroup.IKE, 1, "peer supports MOBIKE");
      ikeSa.set(Condition.MOBIKE);
      ikeSa.peerAddresses = additionalAddresses(message) ?? ikeSa.peerAddresses;
      for (const host of ikeSa.peerAddresses) context.log.log(LogGroup.IKE, 2, `got additional MOBIKE peer address: ${host}`);
    }
    return isResponse && ikeSa.isAuthenticated ? "done" : "need-more";
  }
}
