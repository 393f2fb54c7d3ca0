import { StrokeMessageType } from "../abi/index.js";
import type { AnyStrokeMessage } from "../abi/index.js";
import { addCa, deleteCa } from "./ca.js";
import type { Command, CommandContext, Reply } from "./command.js";
import { addConnection, deleteConnection } from "./connection.js";
import { counters } from "./counters.js";
import { initiate } from "./initiate.js";
import { leases } from "./leases.js";
import { list } from "./list.js";
import { loglevel } from "./loglevel.js";
import { plugins } from "./plugins.js";
import { profile } from "./profile.js";
import { purge } from "./purge.js";
import { rekey } from "./rekey.js";
import { reread } from "./reread.js";
import { route, unroute } from "./route.js";
import { status } from "./status.js";
import { terminate, terminateSrcIp } from "./terminate.js";
import { userCreds } from "./user-creds.js";

export { CaSections } from "./ca.js";
export type { Command, CommandContext, CommandOptions, Reply } from "./command.js";
export { parseSaSpecifier } from "./sa-specifier.js";
export type { SaSpecifier } from "./sa-specifier.js";
export { UserCredentials } from "./user-creds.js";

/** Nothing to do and nothing to tell: there are no certificates to export, and no leak detective. */
const nothing = (): void => undefined;

const COMMANDS: { readonly [T in StrokeMessageType]: Command<T> } = {
  [StrokeMessageType.INITIATE]: initiate,
  [StrokeMessageType.ROUTE]: route,
  [StrokeMessageType.UNROUTE]: unroute,
  [StrokeMessageType.ADD_CONN]: addConnection,
  [StrokeMessageType.DEL_CONN]: deleteConnection,
  [StrokeMessageType.TERMINATE]: terminate,
  [StrokeMessageType.TERMINATE_SRCIP]: terminateSrcIp,
  [StrokeMessageType.REKEY]: rekey,
  [StrokeMessageType.STATUS]: status,
  [StrokeMessageType.STATUS_ALL]: status,
  [StrokeMessageType.STATUS_ALL_NOBLK]: status,
  [StrokeMessageType.ADD_CA]: addCa,
  [StrokeMessageType.DEL_CA]: deleteCa,
  [StrokeMessageType.LOGLEVEL]: loglevel,
  [StrokeMessageType.CONFIG]: ({ fields }, { listCache }) => listCache.enable(fields.cachecrl !== 0),
  [StrokeMessageType.LIST]: list,
  [StrokeMessageType.REREAD]: reread,
  [StrokeMessageType.PURGE]: purge,
  [StrokeMessageType.LEASES]: leases,
  [StrokeMessageType.EXPORT]: nothing,
  [StrokeMessageType.MEMUSAGE]: nothing,
  [StrokeMessageType.USER_CREDS]: userCreds,
  [StrokeMessageType.COUNTERS]: counters,
  [StrokeMessageType.PROFILE]: profile,
  [StrokeMessageType.PLUGINS]: plugins,
};

/** Carries out a request. */
export async function runCommand(message: AnyStrokeMessage, context: CommandContext, reply: Reply): Promise<void> {
  // The table gives each type its own command, which the compiler cannot follow through a look-up by a union.
  const command = COMMANDS[message.type] as (
    message: AnyStrokeMessage,
    context: CommandContext,
    reply: Reply,
  ) => Promise<void> | void;
  await command(message, context, reply);
}

/** Whether a request may take as long as a peer does: up, down and what closes IKE_SAs. */
export function waitsForPeers({ type, outputVerbosity }: AnyStrokeMessage): boolean {
  if (type === StrokeMessageType.USER_CREDS) return true;
  const isOperation =
    type === StrokeMessageType.INITIATE || type === StrokeMessageType.TERMINATE || type === StrokeMessageType.PURGE;
  return isOperation && outputVerbosity >= 0;
}
