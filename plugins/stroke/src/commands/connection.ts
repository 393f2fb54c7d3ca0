import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import { buildConnection, describeRequest, orderEnds, readEnds, withCertificates } from "../definition/index.js";
import type { BuiltConnection } from "../definition/index.js";
import type { CommandContext } from "./command.js";

/** starter's and `stroke add`'s connection. */
export async function addConnection(message: StrokeMessage<StrokeMessageType.ADD_CONN>, context: CommandContext): Promise<void> {
  const { fields } = message;
  const { kernel, log, options, registry } = context;
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: add connection '${name}'`);
  if (log.enabled(LogGroup.CFG, 2)) log.log(LogGroup.CFG, 2, describeRequest(fields));
  const { me, other } = readEnds(fields);
  const ends = options.allowSwap ? await orderEnds(me, other, kernel.net, log) : { local: me, remote: other };
  let built: BuiltConnection;
  try {
    built = buildConnection(fields, ends, log);
  } catch (error) {
    if (!(error instanceof CygnetError)) throw error;
    return log.log(LogGroup.CFG, 1, `connection '${name}' not added, ${error.message}`);
  }
  const peer = await withCertificates(built.peer, context.certificates, context.notation, log);
  await registry.add({ ...built, peer }, ends.local === me ? "left" : "right");
}

export async function deleteConnection(
  { fields }: StrokeMessage<StrokeMessageType.DEL_CONN>,
  { log, registry }: CommandContext,
): Promise<void> {
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: delete connection '${name}'`);
  await registry.remove(name);
}
