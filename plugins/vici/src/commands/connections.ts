import { MessageWriter } from "@cygnet/vici";
import type { Section } from "@cygnet/vici";
import { buildConnection } from "../definition/index.js";
import { writeConnection } from "../format/index.js";
import { allConnections } from "./all-connections.js";
import { CommandFailed, DONE, required } from "./command.js";
import type { Command } from "./command.js";

/** `list-conns`: one event for each connection, whatever backend it is from. */
export const listConns: Command = async (request, context, client) => {
  const { loaded, notation, credentials } = context;
  const ike = request.text("ike");
  const writer = new MessageWriter();
  const own = new Set(loaded.names());
  const subjects = new Map(credentials.listCertificates().map(({ fingerprint, subject }) => [fingerprint, subject]));
  const certificateName = (fingerprint: string): string => subjects.get(fingerprint) ?? fingerprint;
  for (const peer of allConnections(context)) {
    if (ike !== undefined && peer.name !== ike) continue;
    if (!client.isOpen) break;
    writer.reset();
    writeConnection(writer, peer, { notation, certificateName, isFromSwanctl: own.has(peer.name) });
    await client.stream("list-conn", writer.octets);
  }
  return {};
};

/** `get-conns`: the names of those that were loaded here. */
export const getConns: Command = (_request, { loaded }) => ({ conns: loaded.names() });

/** `load-conn` */
export const loadConn: Command = async (request, { loaded, certificates }) => {
  for (const [name, section] of onlySections(request)) {
    const built = buildConnection(name, section);
    await loaded.load(await certificates.complete(built.peer, built.certificates));
  }
  return DONE;
};

/** `unload-conn` */
export const unloadConn: Command = async (request, { loaded }) => {
  const name = required(request, "name", "unload: missing connection name");
  if (!(await loaded.unload(name))) throw new CommandFailed(`unload: connection '${name}' not found`);
  return DONE;
};

/** The named things that a load command is for. @throws {CommandFailed} for a key outside of them */
export function* onlySections(request: Section): Iterable<readonly [string, Section]> {
  const sections = [...request.sections()];
  if (sections.length !== request.size || sections.length === 0) throw new CommandFailed("parsing request failed");
  yield* sections;
}
