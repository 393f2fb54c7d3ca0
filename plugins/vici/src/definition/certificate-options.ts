import { readFileSync } from "node:fs";
import type { Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";

/**
 * Certificates that come with an authentication round, in PEM or DER: those of the side, and those of authorities that must have vouched for it;
 * and raw public keys of the side.
 */
export interface CertificateSources {
  readonly certs: readonly Uint8Array[];
  readonly cacerts: readonly Uint8Array[];
  readonly pubkeys: readonly Uint8Array[];
}

/**
 * Reads the options `certs`, `cacerts` and `pubkeys`, and sections `cert<suffix>` and `cacert<suffix>`, which name a file.
 * @returns undefined where there are none
 * @throws {CommandFailed} for tokens, and files that cannot be read
 */
export function readCertificates(section: Section): CertificateSources | undefined {
  const items = (option: string): readonly Uint8Array[] => {
    const one = section.octets(option);
    return section.octetsList(option) ?? (one ? [one] : []);
  };
  const certs = [...items("certs")];
  const cacerts = [...items("cacerts")];
  for (const [name, inner] of section.sections()) {
    if (name.startsWith("cert")) certs.push(readFile(name, inner));
    else if (name.startsWith("cacert")) cacerts.push(readFile(name, inner));
    else throw new CommandFailed(`invalid section: ${name}`);
  }
  const pubkeys = items("pubkeys");
  return certs.length + cacerts.length + pubkeys.length > 0 ? { certs, cacerts, pubkeys } : undefined;
}

/** The file of a section, by its path. */
export function readFile(name: string, section: Section): Uint8Array {
  if (section.text("handle") !== undefined)
    throw new CommandFailed(`${name}.handle cannot be used, as tokens are not supported by this release`);
  const path = section.text("file");
  if (path === undefined) throw new CommandFailed(`unable to load certificate: ${name}`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailed(`unable to load certificate: ${path}: ${(error as NodeJS.ErrnoException).code ?? "unreadable"}`);
  }
}
