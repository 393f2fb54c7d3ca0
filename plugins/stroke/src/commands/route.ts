import { LogGroup } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";
import { findChildren } from "./initiate.js";

/** `route`: installs traps, or the shunts that children are. */
export async function route(
  { fields }: StrokeMessage<StrokeMessageType.ROUTE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: route '${name}'`);
  const found = await findChildren(name, context, reply);
  for (const child of found?.children ?? []) {
    const done = await context.controller.install(found!.peer, child);
    const isShunt = child.mode === "pass" || child.mode === "drop";
    const shunt = `'${child.name}' shunt ${child.mode.toUpperCase()} policy`;
    if (isShunt) await reply.write([`${shunt} ${done ? "installed" : "installation failed"}`]);
    else await reply.write([done ? `'${child.name}' routed` : `routing '${child.name}' failed`]);
  }
}

/** `unroute`: takes a trap or a shunt away, by the name of its child. */
export async function unroute(
  { fields }: StrokeMessage<StrokeMessageType.UNROUTE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: unroute '${name}'`);
  const removed = await context.controller.uninstall(name);
  if (removed === "trap") await reply.write([`trap policy '${name}' unrouted`]);
  else if (removed === "shunt") await reply.write([`shunt policy '${name}' uninstalled`]);
  else await reply.write([`configuration '${name}' not found`]);
}
