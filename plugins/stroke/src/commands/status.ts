import type { InstalledPolicy, SaSelector } from "@cygnet/plugin-api";
import { StrokeMessageType } from "../abi/index.js";
import type { StrokeMessage } from "../abi/index.js";
import { STATUS_TEXT, connectionLines, shuntLine, statusHeader, trapLines } from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

type StatusType = StrokeMessageType.STATUS | StrokeMessageType.STATUS_ALL | StrokeMessageType.STATUS_ALL_NOBLK;

/** `status` and `statusall`, of all or of what has a name. All is asked for at once: each answer of a busy shard takes a turn of it. */
export async function status(message: StrokeMessage<StatusType>, context: CommandContext, reply: Reply): Promise<void> {
  const { controller } = context;
  const { name } = message.fields;
  const all = message.type !== StrokeMessageType.STATUS;
  const selector: SaSelector = name === null ? {} : { ikeName: name, childName: name };
  const listing = controller.ikeSaTexts(selector, all, STATUS_TEXT, { name, all })[Symbol.asyncIterator]();
  try {
    const [first, head, installed, { up, connecting }] = await Promise.all([
      listing.next(),
      all ? headLines(context) : undefined,
      controller.installedPolicies(),
      controller.count(),
    ]);
    if (head) {
      await reply.write(head);
      await writeConnections(name, context, reply);
    }
    await reply.write(policyLines(installed.filter((policy) => name === null || policy.name === name)));
    await reply.write([`Security Associations (${up} up, ${connecting} connecting):`]);
    let found = false;
    for (let piece = first; !piece.done; piece = await listing.next()) {
      found ||= piece.value.length > 0;
      await reply.writeText(piece.value);
      if (!reply.isOpen) return;
    }
    if (!found) await reply.write([name === null ? "  none" : "  no match"]);
  } finally {
    await listing.return?.();
  }
}

async function headLines(context: CommandContext): Promise<string[]> {
  const { attributes, controller, system } = context;
  const [daemon, pluginLines = []] = await Promise.all([controller.status(), context.pluginCommands()?.statusLines()]);
  return statusHeader({ status: daemon, system, pools: attributes.pools(), isWeak: context.isWeak(), pluginLines });
}

async function writeConnections(name: string | null, context: CommandContext, reply: Reply): Promise<void> {
  const { connections, notation } = context;
  await reply.write(["Connections:"]);
  const certificates = context.credentials.listCertificates();
  for (const peer of connections.list()) {
    if (name === null || peer.name === name) await reply.write(connectionLines(peer, notation, certificates));
  }
}

/** Shunts and traps, where there are any. */
function policyLines(installed: readonly InstalledPolicy[]): string[] {
  const shunts = installed.filter(({ reqid }) => reqid === 0);
  const traps = installed.filter(({ reqid }) => reqid !== 0);
  const lines = shunts.length > 0 ? ["Shunted Connections:", ...shunts.map(shuntLine)] : [];
  return traps.length > 0 ? [...lines, "Routed Connections:", ...traps.flatMap(trapLines)] : lines;
}
