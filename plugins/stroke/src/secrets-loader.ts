import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { DefinitionError, LogGroup, glob } from "@cygnet/plugin-api";
import type { CredentialStore, Logger, SharedSecret } from "@cygnet/plugin-api";
import { parseSecrets } from "./secrets/index.js";
import type { SecretEntry, SecretInclude, SharedSecretEntry } from "./secrets/index.js";
import type { CertificateFiles } from "./certificate-files.js";
import { errnoText } from "./errno-text.js";

/** The credential set that the file fills. */
const SET = "stroke";
/** The one that its private keys fill. */
const KEY_SET = "stroke-private-keys";
/** No secrets file is this large; a device or a log named by mistake may be. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

const TYPES = { PSK: "IKE", EAP: "EAP", XAUTH: "EAP", NTLM: "NTLM" } as const;

/** Loads ipsec.secrets, at start and again on request. */
export class SecretsLoader {
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly credentials: CredentialStore,
    private readonly keys: Pick<CertificateFiles, "loadContainer" | "loadPrivateKey">,
    private readonly log: Logger,
  ) {}

  /**
   * Replaces the secrets by what the file holds now. A line that cannot be read is logged and the rest counts; a file that cannot be
   * opened is logged and changes nothing.
   */
  load(): Promise<void> {
    const done = this.#last.then(() => this.#load());
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Forgets them. */
  async clear(): Promise<void> {
    await this.#last;
    await this.credentials.removeSet(SET);
    await this.credentials.removeSet(KEY_SET);
  }

  async #load(): Promise<void> {
    const source = readSource(this.file);
    if ("error" in source) {
      this.#say(`loading secrets from '${this.file}'`);
      this.#say(`opening secrets file '${this.file}' failed: ${source.error}`);
      return;
    }
    const { entries, messages } = parseSecrets(source.text, this.file, readIncluded);
    for (const { text } of messages) this.#say(text);
    const shared = entries.filter((entry) => "secret" in entry);
    try {
      await this.#replace(shared);
      await this.credentials.removeSet(KEY_SET);
      for (const entry of entries) if (!("secret" in entry)) await this.#loadKey(entry);
    } finally {
      for (const { secret } of shared) secret.fill(0);
    }
  }

  async #loadKey(entry: Exclude<SecretEntry, SharedSecretEntry>): Promise<void> {
    if (!("keyFile" in entry) || entry.type === "BLISS") return this.#say(unsupported(entry));
    if (entry.prompt)
      return this.#say(`line ${entry.line}: ${entry.type} '${entry.keyFile}' not loaded, %prompt is not supported`);
    if (entry.type === "P12") await this.keys.loadContainer(KEY_SET, entry.keyFile, entry.passphrase);
    else await this.keys.loadPrivateKey(KEY_SET, entry.keyFile, entry.passphrase);
    entry.passphrase?.fill(0);
  }

  /** An owner that is no identity costs its own entry only. */
  async #replace(entries: readonly SharedSecretEntry[]): Promise<void> {
    try {
      await this.credentials.replaceSecrets(SET, entries.map(toShared));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      const usable = entries.filter(({ ids }) => !ids.includes(error.where));
      if (usable.length === entries.length) throw error;
      for (const { ids, line } of entries) if (ids.includes(error.where)) this.#say(`line ${line}: ${error.message}`);
      await this.#replace(usable);
    }
  }

  #say(message: string): void {
    this.log.log(LogGroup.CFG, 1, message);
  }
}

function toShared({ type, ids, secret }: SharedSecretEntry): SharedSecret {
  return { type: TYPES[type], owners: ids, secret };
}

function unsupported(entry: Exclude<SecretEntry, SharedSecretEntry>): string {
  const what = "keyFile" in entry ? `${entry.type} '${entry.keyFile}'` : "a PIN";
  return `line ${entry.line}: ${what} not loaded, this release has no support for it`;
}

function readIncluded(pattern: string): SecretInclude[] {
  return glob(pattern, { list: listDirectory, exists: existsSync }).map(readSource);
}

function readSource(
  file: string,
): { readonly file: string; readonly text: Uint8Array } | { readonly file: string; readonly error: string } {
  try {
    const stats = statSync(file);
    // Opening a named pipe would wait for a writer for ever.
    if (stats.isDirectory()) return { file, error: errnoText("EISDIR") };
    if (!stats.isFile()) return { file, error: "it is no regular file" };
    if (stats.size > MAX_FILE_BYTES) return { file, error: errnoText("EFBIG") };
    return { file, text: readFileSync(file) };
  } catch (error) {
    return { file, error: errnoText((error as NodeJS.ErrnoException).code ?? "EIO") };
  }
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
