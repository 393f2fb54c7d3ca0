import { LogGroup } from "@cygnet/plugin-api";
import type { CredentialStore, Logger } from "@cygnet/plugin-api";
import type { StrokeFields, StrokeMessage, StrokeMessageType } from "../abi/index.js";
import type { CertificateFiles } from "../certificate-files.js";
import type { ListedAuthority } from "../format/index.js";
import type { CommandContext } from "./command.js";

/** The `ca` sections of ipsec.conf: each trusts the authority of its `cacert`, and knows where to ask about its certificates. */
export class CaSections {
  readonly #sections = new Map<string, ListedAuthority>();

  constructor(
    private readonly files: CertificateFiles,
    private readonly credentials: CredentialStore,
    private readonly log: Logger,
  ) {}

  async add(name: string, section: StrokeFields<StrokeMessageType.ADD_CA>): Promise<void> {
    if (section.cacert === null) {
      this.log.log(LogGroup.CFG, 1, `ca '${name}' not added, it has no cacert`);
      return;
    }
    await this.credentials.removeSet(setOf(name));
    const certificate = await this.files.loadAuthority(setOf(name), section.cacert);
    if (!certificate) return;
    const uris = {
      crlUris: given(section.crluri, section.crluri2),
      ocspUris: given(section.ocspuri, section.ocspuri2),
      certUriBase: section.certuribase ?? undefined,
    };
    await this.credentials.setAuthorityUris(setOf(name), certificate.fingerprint, uris);
    this.#sections.set(name, { certificate, uris });
    this.log.log(LogGroup.CFG, 1, `added ca '${name}'`);
  }

  async remove(name: string): Promise<void> {
    if (!this.#sections.delete(name)) return this.log.log(LogGroup.CFG, 1, `no ca named '${name}' found`);
    await this.credentials.removeSet(setOf(name));
  }

  /** Forgets all of them. */
  async clear(): Promise<void> {
    for (const name of this.#sections.keys()) await this.credentials.removeSet(setOf(name));
    this.#sections.clear();
  }

  /** In the order they were added. */
  list(): Iterable<ListedAuthority> {
    return this.#sections.values();
  }
}

const given = (...uris: readonly (string | null)[]): string[] => uris.filter((uri) => uri !== null);

const setOf = (name: string): string => `stroke-ca:${name}`;

/** starter's `ca` sections. */
export async function addCa(
  { fields }: StrokeMessage<StrokeMessageType.ADD_CA>,
  { caSections, log }: CommandContext,
): Promise<void> {
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: add ca '${name}'`);
  await caSections.add(name, fields);
}

export async function deleteCa(
  { fields }: StrokeMessage<StrokeMessageType.DEL_CA>,
  { caSections, log }: CommandContext,
): Promise<void> {
  const name = fields.name ?? "";
  log.log(LogGroup.CFG, 1, `received stroke: delete ca '${name}'`);
  await caSections.remove(name);
}
