import { DefinitionError } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { StrokeMessageError } from "@cygnet/plugin-stroke/abi";
import { CommandFailed } from "@cygnet/plugin-vici";
import { ConfigError, Settings, parseSettings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { connectionSection } from "./connection-section.js";
import type { ConnectionSource, SectionDraft } from "./connection-section.js";
import { differences } from "./differences.js";
import type { Difference } from "./differences.js";
import { comparable } from "./no-counterpart.js";
import { swanctlDefinition } from "./swanctl-definition.js";

/** Keys that are written even where they are at their default, since they are looked for. */
const ALWAYS: ReadonlySet<string> = new Set(["auth"]);

/** A definition as a section of swanctl.conf. */
export interface ConvertedDefinition {
  readonly section: SettingsObject;
  /** What the daemon shall load from the section. */
  readonly peer: PeerDefinition;
}

/**
 * Writes a definition as a section of swanctl.conf. Keys at their defaults are left out where the daemon loads the same without them.
 * @returns reasons, if swanctl.conf cannot say it
 * @throws what `isRefusal` knows, where the daemon would refuse it
 */
export function convertDefinition(source: ConnectionSource): ConvertedDefinition | { readonly reasons: readonly string[] } {
  const peer = comparable(source.peer);
  const draft = connectionSection({ ...source, peer });
  const found = changes(draft, peer);
  if (found.length > 0) return { reasons: found.map(({ path, before }) => `${path}: ${JSON.stringify(before)} cannot be said`) };
  leaveOutDefaults(draft, () => changes(draft, peer).length === 0);
  return { section: definite(draft), peer };
}

/** What the daemon loads from a section: the text is written and read again for that. @throws what `isRefusal` knows */
export function loadedFromSection(name: string, draft: SectionDraft): PeerDefinition {
  const text = Settings.fromObject({ connections: { [name]: definite(draft) } }).print();
  const { settings } = parseSettings(text, { file: "swanctl.conf" });
  return swanctlDefinition(settings, name);
}

/** What a daemon or the printer says of a configuration that it cannot use. */
export function isRefusal(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof CommandFailed ||
    error instanceof DefinitionError ||
    error instanceof StrokeMessageError
  );
}

/** Where the daemon loads something else from a section than `peer`. */
function changes(draft: SectionDraft, peer: PeerDefinition): Difference[] {
  return differences(peer, loadedFromSection(peer.name, draft));
}

/** Takes out, one by one, the keys without which `isSame` holds. */
function leaveOutDefaults(section: SectionDraft, isSame: () => boolean): void {
  for (const [name, value] of Object.entries(section)) {
    if (typeof value === "object") leaveOutDefaults(value, isSame);
    else if (value !== undefined && !ALWAYS.has(name)) {
      section[name] = undefined;
      if (!succeeds(isSame)) section[name] = value;
    }
  }
}

function succeeds(isSame: () => boolean): boolean {
  try {
    return isSame();
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function definite(draft: SectionDraft): SettingsObject {
  const entries = Object.entries(draft).flatMap(([name, value]): [string, string | SettingsObject][] => {
    if (value === undefined) return [];
    return [[name, typeof value === "string" ? value : definite(value)]];
  });
  return Object.fromEntries(entries);
}
