import type { ConnConfig, SetupConfig } from "@cygnet/starter";
import { addConnRequest } from "@cygnet/starter";
import { buildConnection, readEnds } from "@cygnet/plugin-stroke";
import type { AddConnFields, BuiltConnection, Ends } from "@cygnet/plugin-stroke";
import { StrokeMessageType, decodeStrokeMessage } from "@cygnet/plugin-stroke/abi";
import type { ChildDefinition, Logger } from "@cygnet/plugin-api";

/** What the daemon makes of a `conn` of ipsec.conf. */
export interface LoadedConn extends BuiltConnection {
  readonly fields: AddConnFields;
  readonly ends: Ends;
  /** What the daemon's log says while it loads the section: settings without effect, among others. */
  readonly messages: readonly string[];
}

/** In vici's terms, in which a child starts by itself. */
const START_ACTIONS: Readonly<Record<ConnConfig["auto"], ChildDefinition["startAction"]>> = {
  ignore: "none",
  add: "none",
  route: "trap",
  start: "start",
};

/**
 * Takes a section the way that starter and the stroke plugin do, request included. `left` is this host: which addresses a host has is not
 * known where its configuration is only read.
 * @throws {DefinitionError} CYG_STROKE_EAP
 * @throws {StrokeMessageError} CYG_STROKE_TOO_LONG
 */
export function loadConn(conn: ConnConfig, setup: SetupConfig): LoadedConn {
  const message = decodeStrokeMessage(addConnRequest(conn, setup));
  if (message.type !== StrokeMessageType.ADD_CONN) throw new TypeError("addConnRequest made another request");
  const { fields } = message;
  const { me, other } = readEnds(fields);
  const messages: string[] = [];
  const log: Logger = { enabled: () => true, log: (_group, level, text) => void (level <= 1 && messages.push(text)) };
  const ends: Ends = { local: me, remote: other };
  const built = buildConnection(fields, ends, log);
  const children = built.peer.children.map((child) => ({ ...child, startAction: START_ACTIONS[conn.auto] }));
  return { ...built, peer: { ...built.peer, children }, fields, ends, messages };
}
