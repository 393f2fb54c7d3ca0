import { LogGroup } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";
import { findChildren } from "./initiate.js";

/** `route`: fails, as nothing can be installed yet. */
export async function route(
  { fields }: StrokeMessage<StrokeMessageType.ROUTE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: route '${name}'`);
  const found = await findChildren(name, context, reply);
  for (const child of found?.children ?? []) {
    const what = child.mode === "pass" || child.mode === "drop" ? `${child.mode} shunts` : "traps";
    context.log.log(LogGroup.CFG, 1, `'${child.name}' not routed: this release installs no ${what}`);
    await reply.write([`routing '${child.name}' failed`]);
  }
}

/** `unroute`: nothing was routed. */
export async function unroute(
  { fields }: StrokeMessage<StrokeMessageType.UNROUTE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  context.log.log(LogGroup.CFG, 1, `received stroke: unroute '${fields.name ?? ""}'`);
  await reply.write([`configuration '${fields.name ?? ""}' not found`]);
}
