import { LogGroup } from "@cygnet/plugin-api";
import { PayloadType, exchangeTypeName } from "@cygnet/wire";
import type { IkeHeader, Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import type { Task } from "./task.js";

/**
 * Messages that the task manager ignores before it verifies them: they cost nothing, and whoever sent them learns nothing. Each is counted
 * and logged here.
 */

/** One below the window was seen before, by us or by who recorded it. */
export function ignoreMessageId({ counters, log }: IkeContext, received: number, expected: number): void {
  if (received < expected) counters.replayed++;
  else counters.wrongMessageId++;
  log.log(LogGroup.IKE, 1, `received message ID ${received}, expected ${expected}, ignored`);
}

/**
 * A response with the id of our last request, or of the next, that cannot be the answer.
 * @param asked the exchange that waits for its response, undefined for none
 */
export function ignoreUnasked({ counters, log }: IkeContext, header: IkeHeader, asked: number | undefined): void {
  const received = `received ${exchangeTypeName(header.exchangeType)} response`;
  if (asked === undefined) {
    counters.wrongMessageId++;
    log.log(LogGroup.IKE, 1, `${received} with message ID ${header.messageId}, but there is no such request, ignored`);
  } else {
    counters.unexpected++;
    log.log(LogGroup.IKE, 1, `${received}, but expected ${exchangeTypeName(asked)}, ignored`);
  }
}

/** Whether a first response cannot be the answer: it agrees to an IKE_SA without naming it, or sends us back for what we have done already. */
export function ignoreFirstResponse({ counters, log }: IkeContext, message: Message, task: Task | undefined): boolean {
  const fault = firstResponseFault(message, task);
  if (fault === undefined) return false;
  counters.unexpected++;
  log.log(LogGroup.IKE, 1, `received IKE_SA_INIT response ${fault}, ignored`);
  return true;
}

function firstResponseFault(message: Message, task: Task | undefined): string | undefined {
  const { spiResponderHi, spiResponderLo } = message.header;
  if (!message.payload(PayloadType.SA)) return task?.isLate?.(message) === true ? "to an earlier request" : undefined;
  return spiResponderHi === 0 && spiResponderLo === 0 ? "without responder SPI" : undefined;
}
