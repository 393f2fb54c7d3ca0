import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType, WireError, checkMessage, describeMessage, exchangeTypeName, violationText } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
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
  const { log, bus, codec, clock } = context;
  const { header } = message;
  if (message.encrypted) {
    let opened: Opened;
    try {
      opened = codec.open(ikeSa, bytes, message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      log.log(LogGroup.ENC, 1, `${error.field} invalid at offset ${error.offset} (${error.code})`);
      logFailed(context, message);
      bus.alert(ikeSa, { alert: "parse-error-body" });
      return NotifyType.INVALID_SYNTAX;
    }
    if (opened === "incomplete") return false;
    if (opened === "forged") {
      log.log(LogGroup.IKE, 1, "integrity check failed");
      logFailed(context, message);
      bus.alert(ikeSa, { alert: "parse-error-body" });
      return false;
    }
  }
  const violation = checkMessage(message);
  if (violation) {
    log.log(LogGroup.ENC, 1, violationText(violation));
    logFailed(context, message);
    return message.isOpened ? NotifyType.INVALID_SYNTAX : false;
  }
  if (log.enabled(LogGroup.ENC, 1)) log.log(LogGroup.ENC, 1, `parsed ${describe(header)} ${describeMessage(message)}`);
  if (message.criticalUnknown !== 0) {
    log.log(LogGroup.ENC, 1, `payload type ${message.criticalUnknown} is not supported, but payload is critical!`);
    logFailed(context, message);
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

function logFailed({ log }: IkeContext, { header }: Message): void {
  const { exchangeType, isResponse, messageId } = header;
  log.log(
    LogGroup.IKE,
    1,
    `${exchangeTypeName(exchangeType)} ${isResponse ? "response" : "request"} with message ID ${messageId} processing failed`,
  );
}
