import type { Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";
import type { TakeList } from "./option-table.js";
import type { RoundDraft } from "./auth-round.js";

/** Options for certificates and keys, of which this release has none: they are refused rather than left out. */
const refuseItems =
  (option: string): TakeList<RoundDraft> =>
  (_draft, items) =>
    items.length === 0 || refuseOption(option);

export const CERTIFICATE_LISTS: Readonly<Record<string, TakeList<RoundDraft>>> = {
  certs: refuseItems("certs"),
  cacerts: refuseItems("cacerts"),
  pubkeys: refuseItems("pubkeys"),
};

/** `cert<suffix>` and `cacert<suffix>`, which name a certificate by file or token. @throws {CommandFailed} */
export function refuseCertificateSections(section: Section): void {
  for (const [name] of section.sections()) {
    if (/^(ca)?cert/.test(name)) refuseOption(name);
    throw new CommandFailed(`invalid section: ${name}`);
  }
}

function refuseOption(option: string): never {
  throw new CommandFailed(
    `unable to load certificate: ${option} cannot be used, as certificates are not supported by this release`,
  );
}
