import { Settings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { ClientProfile } from "../profile/client-profile.js";
import { draftedConnection } from "../profile/profile-draft.js";
import type { NeededFile } from "../profile/profile-draft.js";
import { convertDefinition, isRefusal } from "./convert-definition.js";
import type { ConvertedDefinition } from "./convert-definition.js";
import type { Conversion } from "./convert-ipsec-conf.js";
import { commentLine } from "./section-comments.js";

/**
 * Makes swanctl.conf of a client's profile. Keys that a connection has no place for are problems, and the rest is converted.
 * @throws {ProfileError} for what cannot be parsed, or has a value that cannot be
 * @throws {Error} of the file system
 */
export function convertProfile(file: string): Conversion {
  const profile = ClientProfile.read(file);
  const draft = profile.start();
  const problems: string[] = [];
  const notes: string[] = [];
  for (const entry of profile.source.entries) {
    const verdict = profile.take(draft, entry);
    if (verdict === undefined || verdict.class === "works" || verdict.class === "ignored") continue;
    (verdict.class === "unsupported" ? problems : notes).push(`${file}:${entry.line}: ${entry.key}: ${verdict.why ?? ""}`);
  }
  profile.finish(draft);
  const source = draftedConnection(draft);
  const { name } = source.peer;
  const isSet = draft.peer.remoteAddresses !== undefined;
  const converted = isSet ? convert(source) : { reasons: ["the address of the server is missing"] };
  const out = profile.source.comments.map(commentLine);
  if ("reasons" in converted) {
    problems.push(...converted.reasons.map((reason) => `${file}:1: ${name}: ${reason}`));
    out.push(...converted.reasons.map((reason) => commentLine(`${name} is not converted: ${reason}`)));
    return { text: out.join(""), connections: [], problems, notes, files: [] };
  }
  notes.push(...draft.notes.map((note) => `${file}: ${note}`), ...copies(file, draft.files));
  out.push(print({ connections: { [name]: converted.section } }));
  if (Object.keys(draft.secrets).length > 0) out.push(print({ secrets: draft.secrets }));
  const connection = { name, ...converted, pools: new Map(), messages: [] };
  const files = draft.files.flatMap(({ folder, name: target, from }) =>
    typeof from === "string" ? [] : [{ path: `${folder}/${target}`, content: from }],
  );
  return { text: out.join(""), connections: [connection], problems, notes, files };
}

function convert(source: ReturnType<typeof draftedConnection>): ConvertedDefinition | { readonly reasons: readonly string[] } {
  try {
    return convertDefinition(source);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { reasons: [error.message] };
  }
}

function copies(file: string, files: readonly NeededFile[]): string[] {
  return files.flatMap(({ folder, from }) =>
    typeof from === "string" ? [`${file}: copy '${from}' to the folder ${folder} beside swanctl.conf`] : [],
  );
}

const print = (object: SettingsObject): string => `${Settings.fromObject(object).print()}\n`;
