import { LogGroup } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext } from "./command.js";
import { selectSas } from "./sa-specifier.js";

/** `rekey`: starts it and does not wait. */
export async function rekey({ fields }: StrokeMessage<StrokeMessageType.REKEY>, context: CommandContext): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: rekey '${name}'`);
  const { kind, ids } = await selectSas(name, context);
  for (const id of ids) {
    const isStarted = kind === "ike" ? await context.controller.rekeyIke(id) : await context.controller.rekeyChild(id);
    if (isStarted) continue;
    const what = kind === "ike" ? `IKE_SA [${id}]` : `CHILD_SA {${id}}`;
    context.log.log(LogGroup.CFG, 1, `${what} is not there or cannot be rekeyed now`);
  }
}
