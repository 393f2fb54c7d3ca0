import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import { StrokeMessageType } from "../abi/index.js";
import type { StrokeMessage } from "../abi/index.js";
import { childSaLines, connectionLines, ikeSaLines, shuntLine, statusHeader, trapLines } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

type StatusType = StrokeMessageType.STATUS | StrokeMessageType.STATUS_ALL | StrokeMessageType.STATUS_ALL_NOBLK;

/** `status` and `statusall`, of all or of what has a name. */
export async function status(message: StrokeMessage<StatusType>, context: CommandContext, reply: Reply): Promise<void> {
  const { name } = message.fields;
  const all = message.type !== StrokeMessageType.STATUS;
  if (all) await head(name, context, reply);
  await reply.write(await policyLines(name, context));
  const { up, connecting } = await context.controller.count();
  await reply.write([`Security Associations (${up} up, ${connecting} connecting):`]);
  const selector: SaSelector = name === null ? {} : { ikeName: name, childName: name };
  let found = false;
  for await (const piece of context.controller.ikeSas(selector, all)) {
    const lines: string[] = [];
    for (const ikeSa of piece) pushSaLines(lines, ikeSa, name, all);
    found ||= lines.length > 0;
    await reply.write(lines);
    if (!reply.isOpen) return;
  }
  if (!found) await reply.write([name === null ? "  none" : "  no match"]);
}

async function head(name: string | null, context: CommandContext, reply: Reply): Promise<void> {
  const { attributes, connections, controller, notation, system } = context;
  const daemon = await controller.status();
  const pluginLines = (await context.pluginCommands()?.statusLines()) ?? [];
  await reply.write(statusHeader({ status: daemon, system, pools: attributes.pools(), isWeak: context.isWeak(), pluginLines }));
  await reply.write(["Connections:"]);
  const certificates = context.credentials.listCertificates();
  for (const peer of connections.list()) {
    if (name === null || peer.name === name) await reply.write(connectionLines(peer, notation, certificates));
  }
}

/** Shunts and traps, where there are any. */
async function policyLines(name: string | null, { controller }: CommandContext): Promise<string[]> {
  const installed = (await controller.installedPolicies()).filter((policy) => name === null || policy.name === name);
  const shunts = installed.filter(({ reqid }) => reqid === 0);
  const traps = installed.filter(({ reqid }) => reqid !== 0);
  const lines = shunts.length > 0 ? ["Shunted Connections:", ...shunts.map(shuntLine)] : [];
  return traps.length > 0 ? [...lines, "Routed Connections:", ...traps.flatMap(trapLines)] : lines;
}

/** Adds an IKE_SA with those of its CHILD_SAs that have the name; nothing where neither has it. */
function pushSaLines(lines: string[], ikeSa: IkeSaStatus, name: string | null, all: boolean): void {
  const children = name === null ? ikeSa.children : ikeSa.children.filter((child) => child.name === name);
  if (name !== null && ikeSa.name !== name && children.length === 0) return;
  lines.push(...ikeSaLines(ikeSa, all));
  for (const child of children) lines.push(...childSaLines(child, all));
}
