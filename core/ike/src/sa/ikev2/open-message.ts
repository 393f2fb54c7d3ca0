import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType, WireError, checkMessage, describeMessage, exchangeTypeName, violationText } from "@cygnet/wire";
import type { IkeHeader, Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";
import { describe } from "./message-codec.js";
import type { Opened } from "./message-codec.js";

/**
 * Opens a message whose clear part was parsed, and checks what it contains against its exchange.
 *
 * @param bytes the datagram without marker; decrypted in place
 * @returns true for a message that tasks may work on; false for one to be dropped without a trace in the IKE_SA, since nobody vouches for
 *   it or it is not whole yet; else the error that whoever sent it must be told of
 */
export function openMessage(context: IkeContext, ikeSa: IkeSa, message: Message, bytes: Uint8Array): boolean | NotifyType {
  const { log, bus, codec, clock, counters } = context;
  const { header } = message;
  if (message.encrypted) {
    let opened: Opened;
    try {
      opened = codec.open(ikeSa, bytes, message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      counters.malformed++;
      log.log(LogGroup.ENC, 1, `${error.field} invalid at offset ${error.offset} (${error.code})`);
      fail(context, ikeSa, message);
      return NotifyType.INVALID_SYNTAX;
    }
    if (opened !== "opened") {
      leaveSealed(context, ikeSa, message, opened);
      return false;
    }
  }
  const violation = checkMessage(message);
  if (violation) {
    if (violation.reason === "clear") counters.unprotected++;
    else counters.unexpected++;
    log.log(LogGroup.ENC, 1, violationText(violation));
    fail(context, ikeSa, message);
    return message.isOpened ? NotifyType.INVALID_SYNTAX : false;
  }
  if (log.enabled(LogGroup.ENC, 1)) log.log(LogGroup.ENC, 1, `parsed ${describe(header)} ${describeMessage(message)}`);
  if (message.criticalUnknown !== 0) {
    counters.criticalPayload++;
    log.log(LogGroup.ENC, 1, `payload type ${message.criticalUnknown} is not supported, but payload is critical!`);
    fail(context, ikeSa, message);
    // A response in the clear may be anybody's: the right one may still come.
    return header.isResponse && !message.isOpened ? false : NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD;
  }
  ikeSa.lastInboundMs = clock.nowMs;
  if (bus.wants("message")) {
    const { exchangeType, isResponse, messageId } = header;
    bus.message(ikeSa, { exchangeType, isResponse, messageId, payloads: message.payloads }, true);
  }
  return true;
}

/** Counts and says why a message stays sealed. */
function leaveSealed(context: IkeContext, ikeSa: IkeSa, message: Message, opened: Exclude<Opened, "opened">): void {
  const { log, counters } = context;
  switch (opened) {
    case "incomplete":
      return;
    case "replayed":
      counters.replayed++;
      return log.log(LogGroup.ENC, 1, `received duplicate fragment #${message.encrypted?.fragmentNumber}`);
    case "forged":
      counters.forged++;
      log.log(LogGroup.IKE, 1, "integrity check failed");
      break;
    case "misshapen":
      counters.undecryptable++;
      log.log(LogGroup.IKE, 1, "found encrypted message that does not fit the algorithms");
      break;
    case "no-keys":
      counters.undecryptable++;
      log.log(LogGroup.IKE, 1, "found encrypted message, but no keys available");
      break;
  }
  fail(context, ikeSa, message);
}

function fail(context: IkeContext, ikeSa: IkeSa, { header }: Message): void {
  context.log.log(LogGroup.IKE, 1, processingFailed(header));
  context.bus.alert(ikeSa, { alert: "parse-error-body" });
}

/** Said of every message that cannot be worked on, behind the reason. */
export function processingFailed({ exchangeType, isResponse, messageId }: IkeHeader): string {
  return `${exchangeTypeName(exchangeType)} ${isResponse ? "response" : "request"} with message ID ${messageId} processing failed`;
}
