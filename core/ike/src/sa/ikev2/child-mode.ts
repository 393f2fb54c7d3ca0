import { LogGroup } from "@cygnet/plugin-api";
import type { IpsecMode } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";

/** What asks for a mode other than tunnel, and agrees to it. */
export function modeNotify(mode: IpsecMode): NotifyType | undefined {
  if (mode === "transport") return NotifyType.USE_TRANSPORT_MODE;
  return mode === "beet" ? NotifyType.USE_BEET_MODE : undefined;
}

/** The mode that the peer asks for, or agrees to. BEET has a number of the private range, which means that only among our like. */
export function modeOf({ log }: IkeContext, ikeSa: IkeSa, message: Message): "tunnel" | "transport" | "beet" {
  if (message.notify(NotifyType.USE_TRANSPORT_MODE)) return "transport";
  if (!message.notify(NotifyType.USE_BEET_MODE)) return "tunnel";
  if (ikeSa.has(Condition.SAME_IMPLEMENTATION)) return "beet";
  const text = "received a notify strongSwan uses for BEET mode, but peer implementation unknown, skipped";
  log.log(LogGroup.IKE, 1, text);
  return "tunnel";
}

/** BEET is between two hosts. */
export function isHostToHost({ log }: IkeContext, ...sides: (readonly TrafficSelector[])[]): boolean {
  const isBetweenHosts = sides.every((side) => side.every((ts) => ts.isHost));
  if (!isBetweenHosts) log.log(LogGroup.IKE, 1, "not using BEET mode, not host-to-host");
  return isBetweenHosts;
}
