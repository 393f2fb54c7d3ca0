import { DefinitionError } from "@cygnet/plugin-api";
import { CommandFailed, settingsWithoutEffect } from "@cygnet/plugin-vici";
import { connectionSection } from "../convert/connection-section.js";
import { loadedFromSection } from "../convert/convert-definition.js";
import { ClientProfile } from "../profile/client-profile.js";
import { draftedConnection } from "../profile/profile-draft.js";
import type { ProfileDraft } from "../profile/profile-draft.js";
import { ProfileError } from "../profile/profile-error.js";
import { definitionVerdict } from "./definition-verdict.js";
import { unsupported } from "./verdict.js";
import type { Finding, Verdict } from "./verdict.js";

/** The verdicts on all keys of a client's profile. @throws {ProfileError} and what the file system throws */
export function checkClientProfile(file: string): Finding[] {
  const profile = ClientProfile.read(file);
  return profile.source.entries.map((entry): Finding => {
    const { key, line } = entry;
    const draft = profile.start();
    try {
      return { file, line, key, ...(profile.take(draft, entry) ?? connectionVerdict(draft)) };
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      return { file, line, key, ...unsupported(error.message.replace(`${file}:${line}: ${key}: `, "")) };
    }
  });
}

/** A connection with this key only becomes a section of swanctl.conf: what the daemon makes of that is the verdict. */
function connectionVerdict(draft: ProfileDraft): Verdict {
  const source = draftedConnection(draft);
  try {
    const peer = loadedFromSection(source.peer.name, connectionSection(source));
    return definitionVerdict(peer, settingsWithoutEffect(peer));
  } catch (error) {
    if (error instanceof CommandFailed || error instanceof DefinitionError) return unsupported(error.message);
    throw error;
  }
}
