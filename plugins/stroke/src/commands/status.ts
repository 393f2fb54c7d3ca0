import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import { StrokeMessageType } from "../abi/index.js";
import type { StrokeMessage } from "../abi/index.js";
import { childSaLines, connectionLines, ikeSaLines, statusHeader } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

type StatusType = StrokeMessageType.STATUS | StrokeMessageType.STATUS_ALL | StrokeMessageType.STATUS_ALL_NOBLK;

/** `status` and `statusall`, of all or of what has a name. */
export async function status(message: StrokeMessage<StatusType>, context: CommandContext, reply: Reply): Promise<void> {
  const { name } = message.fields;
  const all = message.type !== StrokeMessageType.STATUS;
  if (all) await head(name, context, reply);
  const { up, connecting } = await context.controller.count();
  await reply.write([`Security Associations (${up} up, ${connecting} connecting):`]);
  const selector: SaSelector = name === null ? {} : { ikeName: name, childName: name };
  let found = false;
  for await (const ikeSa of context.controller.ikeSas(selector, all)) {
    const lines = saLines(ikeSa, name, all);
    if (lines.length === 0) continue;
    found = true;
    await reply.write(lines);
    if (!reply.isOpen) return;
  }
  if (!found) await reply.write([name === null ? "  none" : "  no match"]);
}

async function head(name: string | null, context: CommandContext, reply: Reply): Promise<void> {
  const { attributes, connections, controller, notation, system } = context;
  const daemon = await controller.status();
  await reply.write(statusHeader({ status: daemon, system, pools: attributes.pools(), isWeak: context.isWeak() }));
  await reply.write(["Connections:"]);
  for (const peer of connections.list()) {
    if (name === null || peer.name === name) await reply.write(connectionLines(peer, notation));
  }
}

/** An IKE_SA with those of its CHILD_SAs that have the name; nothing where neither has it. */
function saLines(ikeSa: IkeSaStatus, name: string | null, all: boolean): string[] {
  const children = ikeSa.children.filter((child) => name === null || child.name === name);
  if (name !== null && ikeSa.name !== name && children.length === 0) return [];
  return [...ikeSaLines(ikeSa, all), ...children.flatMap((child) => childSaLines(child, all))];
}
