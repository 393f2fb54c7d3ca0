import { Host, LogGroup } from "@cygnet/plugin-api";
import type { OperationResult } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";
import { observer } from "./initiate.js";
import { selectSas } from "./sa-specifier.js";
import type { SelectedSas } from "./sa-specifier.js";

/** `down` and `down-nb`. */
export async function terminate(
  { fields, outputVerbosity }: StrokeMessage<StrokeMessageType.TERMINATE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: terminate '${name}'`);
  await close(await selectSas(name, context), outputVerbosity, context, reply);
}

/**
 * Closes SAs one after the other and tells how each went.
 * @param verbosity level of the log lines to copy to the client; negative: hands all over and tells nothing
 */
export async function close(selected: SelectedSas, verbosity: number, context: CommandContext, reply: Reply): Promise<void> {
  const { controller, options } = context;
  const isIke = selected.kind === "ike";
  for (const id of selected.ids) {
    const follow = verbosity < 0 ? undefined : observer(verbosity, reply);
    const result = isIke
      ? await controller.terminateIke(id, follow, options.timeoutMs)
      : await controller.terminateChild(id, follow, options.timeoutMs);
    if (follow) await reply.write([resultLine(isIke ? `IKE_SA [${id}]` : `CHILD_SA {${id}}`, result, options.timeoutMs)]);
  }
}

function resultLine(what: string, result: OperationResult, timeoutMs: number): string {
  switch (result) {
    case "done":
      return `${what} closed successfully`;
    case "failed":
      return `closing ${what} failed`;
    case "timeout":
      return `${what} not closed after ${timeoutMs}ms, detaching`;
  }
}

/** `down-srcip A [B]`: closes the IKE_SAs of peers with such virtual IPs, without waiting. */
export async function terminateSrcIp(
  { fields }: StrokeMessage<StrokeMessageType.TERMINATE_SRCIP>,
  { controller, log }: CommandContext,
): Promise<void> {
  const { start, end } = fields;
  log.log(LogGroup.CFG, 1, `received stroke: terminate-srcip ${start ?? ""}-${end ?? ""}`);
  const from = Host.parse(start ?? "");
  const to = end === null ? from : Host.parse(end);
  if (!from) return log.log(LogGroup.CFG, 1, `invalid start address: ${start ?? ""}`);
  if (!to) return log.log(LogGroup.CFG, 1, `invalid end address: ${end ?? ""}`);
  const ids: number[] = [];
  const range = { virtualIpFrom: from.toString(), virtualIpTo: to.toString() };
  for await (const piece of controller.ikeSas(range, false)) ids.push(...piece.map(({ uniqueId }) => uniqueId));
  for (const id of ids) await controller.terminateIke(id);
}
