import type { PeerDefinition } from "@cygnet/plugin-api";
import type { CommandContext } from "./command.js";

/** All connections, those that were loaded here last: in strongSwan they belong to the backend that is asked last. */
export function allConnections({ connections, loaded }: CommandContext): readonly PeerDefinition[] {
  const own = new Set(loaded.names());
  const all = connections.list();
  return [...all.filter(({ name }) => !own.has(name)), ...all.filter(({ name }) => own.has(name))];
}
