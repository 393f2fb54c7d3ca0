import { StrokeListFlag } from "../abi/index.js";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import { algorithmLines, pluginLines } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

/** The `list...` commands. There are no certificates and keys yet, and lists that are empty have no heading either. */
export async function list(
  { fields }: StrokeMessage<StrokeMessageType.LIST>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  if (fields.flags & StrokeListFlag.ALGS) await reply.write(algorithmLines(context.algorithms()));
  if (fields.flags & StrokeListFlag.PLUGINS) await reply.write(pluginLines(context.plugins()));
}
