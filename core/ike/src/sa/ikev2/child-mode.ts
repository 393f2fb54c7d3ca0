import { LogGroup } from "@cygnet/plugin-api";
import type { IpsecMode } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** Asks for a mode, or agrees to it; tunnel mode goes without saying (RFC 7296 section 1.3.1). */
export function addModeNotify(message: OutgoingMessage, mode: IpsecMode): void {
  if (mode === "transport") message.addNotify(NotifyType.USE_TRANSPORT_MODE);
  if (mode === "beet") message.addNotify(NotifyType.USE_BEET_MODE);
}

/**
 * The mode that a peer asks for, or agrees to. The number that stands for BEET mode is for private use, so it means that only where the
 * peer has said by its vendor ID that it is strongSwan, or the like of us.
 */
export function receivedMode({ log }: IkeContext, ikeSa: IkeSa, message: Message): "tunnel" | "transport" | "beet" {
  if (message.notify(NotifyType.USE_TRANSPORT_MODE)) return "transport";
  if (!message.notify(NotifyType.USE_BEET_MODE)) return "tunnel";
  if (ikeSa.has(Condition.SAME_IMPLEMENTATION)) return "beet";
  log.log(LogGroup.IKE, 1, "received a notify that may mean BEET mode, but the peer did not say that it is strongSwan, ignored");
  return "tunnel";
}

/** As responder, what becomes of a mode that was asked for: where ours is another, or where it cannot be had, tunnel mode. */
export function agreedMode(
  { log }: IkeContext,
  configured: IpsecMode,
  asked: IpsecMode,
  selectors: readonly TrafficSelector[],
): IpsecMode {
  if (configured !== "transport" && configured !== "beet") return configured;
  if (configured !== asked) return "tunnel";
  if (asked === "transport" || selectors.every(({ isHost }) => isHost)) return asked;
  log.log(LogGroup.IKE, 1, "not using BEET mode, not host-to-host");
  return "tunnel";
}
