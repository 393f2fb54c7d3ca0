import { LOG_GROUPS, LogGroup } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";

/** Lowest and highest level of strongSwan's log; -1 is silence. */
const MIN_LEVEL = -1;
const MAX_LEVEL = 4;

/** `loglevel GROUP LEVEL`, with `any` for all groups. */
export async function loglevel(
  { fields }: StrokeMessage<StrokeMessageType.LOGLEVEL>,
  { controller, log, options }: CommandContext,
  reply: Reply,
): Promise<void> {
  const type = fields.type ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: loglevel ${fields.level} for ${type}`);
  if (options.preventLoglevelChanges) return reply.write(["command not allowed!"]);
  const group = parseGroup(type);
  if (group === undefined) return reply.write([`unknown type '${type}'!`]);
  const level = Math.min(MAX_LEVEL, Math.max(MIN_LEVEL, fields.level));
  controller.setLogLevel(group === "any" ? undefined : group, level);
}

function parseGroup(text: string): LogGroup | "any" | undefined {
  const name = text.toUpperCase();
  if (name === "ANY") return "any";
  for (let group = 0; group < LOG_GROUPS; group++) if (LogGroup[group] === name) return group;
  return undefined;
}
