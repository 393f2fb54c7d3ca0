import { LogGroup } from "@cygnet/plugin-api";
import type { ChildDefinition, ConnectionStore, OperationObserver, PeerDefinition } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CommandContext, Reply } from "./command.js";

/** Children that a name stands for. */
interface Found {
  readonly peer: PeerDefinition;
  readonly children: readonly ChildDefinition[];
}

/** `up` and `up-nb`. */
export async function initiate(
  { fields, outputVerbosity }: StrokeMessage<StrokeMessageType.INITIATE>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const name = fields.name ?? "";
  context.log.log(LogGroup.CFG, 1, `received stroke: initiate '${name}'`);
  const found = await findChildren(name, context, reply);
  if (!found) return;
  for (const child of found.children) {
    if (outputVerbosity < 0) await context.controller.initiate(found.peer, child);
    else await establish(name, found.peer, child, outputVerbosity, context, reply);
  }
}

async function establish(
  name: string,
  peer: PeerDefinition,
  child: ChildDefinition,
  level: number,
  { controller, options }: CommandContext,
  reply: Reply,
): Promise<void> {
  const { timeoutMs } = options;
  switch (await controller.initiate(peer, child, observer(level, reply), timeoutMs)) {
    case "done":
      return reply.write([`connection '${name}' established successfully`]);
    case "failed":
      return reply.write([`establishing connection '${name}' failed`]);
    case "timeout":
      return reply.write([`connection '${name}' not established after ${timeoutMs}ms, detaching`]);
  }
}

/** Copies the log lines of an operation to the client. */
export function observer(level: number, reply: Reply): OperationObserver {
  return { level, log: (_group, _level, message) => reply.offer(message) };
}

/** The children that `up` and `route` are for; what is missing is told to the client. */
export async function findChildren(name: string, context: CommandContext, reply: Reply): Promise<Found | undefined> {
  const found = lookUp(context.connections, name);
  if (found && found.children.length > 0) return found;
  const reason = `no ${found ? "child config" : "config"} named '${name}'`;
  context.log.log(LogGroup.CFG, 1, reason);
  await reply.write([reason]);
  return undefined;
}

/** A connection's child of its name, or else all its children, or else another connection's child of this name. */
function lookUp(connections: ConnectionStore, name: string): Found | undefined {
  const found = connections.find(name);
  return found && { peer: found.peer, children: found.child ? [found.child] : found.peer.children };
}
