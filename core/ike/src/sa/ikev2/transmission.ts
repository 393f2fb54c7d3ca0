import { LogGroup } from "@cygnet/plugin-api";
import type { IkeContext } from "../../ike-context.js";
import { retransmitDelayMs } from "../../ike-options.js";
import type { IkeSa } from "../ike-sa.js";
import type { Path } from "./nat-detection.js";
import type { Task } from "./task.js";

/** A request that looks for a path is sent this often, at such intervals, before the peer is given up. */
const PROBES = { tries: 10, intervalMs: 2500 } as const;

/** Hands a message to the sender. */
export function transmit(context: IkeContext, ikeSa: IkeSa, datagrams: readonly Uint8Array[], { local, remote }: Path): void {
  for (let i = 0; i < datagrams.length; i++) context.sender.send(datagrams[i]!, local, remote, ikeSa.ikeConfig?.dscp ?? 0);
  ikeSa.lastOutboundMs = context.clock.nowMs;
}

/** The same with a request, which goes along all paths that its task looks for one among. */
export function transmitRequest(context: IkeContext, ikeSa: IkeSa, datagrams: readonly Uint8Array[], task?: Task): void {
  if (!task?.paths) return transmit(context, ikeSa, datagrams, ikeSa);
  for (const path of task.paths) {
    const { local, remote } = path;
    context.log.log(LogGroup.IKE, 1, `checking path ${local.toStringWithPort()} - ${remote.toStringWithPort()}`);
    transmit(context, ikeSa, datagrams, path);
  }
}

/** Milliseconds until a request is sent again that was sent again so often. */
export function waitForResponseMs({ options, random }: IkeContext, repeated: number, task?: Task): number {
  return task?.paths ? PROBES.intervalMs : retransmitDelayMs(options, repeated, random.fraction());
}

/** How often a request is sent again. */
export function triesFor({ options }: IkeContext, task?: Task): number {
  return task?.paths ? PROBES.tries : options.retransmit_tries;
}

/** Said when a request comes again. */
export const retransmissionText = (messageId: number): string =>
  `received retransmit of request with ID ${messageId}, retransmitting response`;
