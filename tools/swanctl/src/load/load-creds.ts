import { systemReason } from "@cygnet/command";
import type { ContainerContent } from "@cygnet/plugin-api";
import { openPkcs12 } from "@cygnet/plugin-pkcs12";
import type { Settings } from "@cygnet/settings";
import type { MessageData } from "@cygnet/vici";
import { parsePrivateKey } from "@cygnet/x509";
import { createPrivateKey } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SwanctlExit } from "../context.js";
import type { Context } from "../context.js";
import { ask } from "../request.js";
import { swanctlFolder } from "./conf-file.js";
import { loadableKey } from "./loadable-key.js";
import type { LoadableKey } from "./loadable-key.js";
import { passphrases, secretKind, sharedSecret, sharedType } from "./secrets.js";

/** Folders of certificates, with the type of load-cert, and the flag of X.509 certificates. */
const CERTIFICATE_FOLDERS: readonly (readonly [folder: string, type: string, flag?: string])[] = [
  ["x509", "X509", "NONE"],
  ["x509ca", "X509", "CA"],
  ["x509ocsp", "X509", "OCSP"],
  ["x509aa", "X509", "AA"],
  ["x509ac", "X509_AC"],
  ["x509crl", "X509_CRL"],
  ["pubkey", "PUBKEY"],
];
/** Folders of private keys, with the type of load-key for what is not looked into. */
const KEY_FOLDERS: readonly (readonly [folder: string, type: string])[] = [
  ["private", "any"],
  ["rsa", "rsa"],
  ["ecdsa", "ecdsa"],
  ["pkcs8", "any"],
];
const PKCS12_FOLDER = "pkcs12";

/**
 * Loads certificates, private keys and secrets, and unloads keys and secrets that are gone. What cannot be loaded is told and passed over.
 * @returns the exit code, 0 also where something was passed over, as in strongSwan
 */
export async function loadCreds(context: Context, settings: Settings): Promise<number> {
  const loader = new CredentialLoader(context, settings);
  await loader.load();
  return SwanctlExit.OK;
}

class CredentialLoader {
  readonly #context: Context;
  readonly #settings: Settings;
  readonly #folder: string;
  /** What the daemon had, less what was loaded again. */
  #oldKeys = new Set<string>();
  #oldSecrets = new Set<string>();

  constructor(context: Context, settings: Settings) {
    this.#context = context;
    this.#settings = settings;
    this.#folder = swanctlFolder(context);
  }

  async load(): Promise<void> {
    if (this.#context.options.has("clear")) await this.#ask("clear-creds");
    this.#oldKeys = new Set((await this.#ask("get-keys")).message.list("keys"));
    this.#oldSecrets = new Set((await this.#ask("get-shared")).message.list("keys"));
    for (const [folder, type, flag] of CERTIFICATE_FOLDERS)
      for (const { path, octets } of this.#files(folder)) await this.#loadCertificate(path, type, flag, octets);
    for (const [folder, type] of KEY_FOLDERS)
      for (const { name, path, octets } of this.#files(folder)) await this.#loadKeyFile(folder, type, name, path, octets);
    for (const { name, path, octets } of this.#files(PKCS12_FOLDER)) await this.#loadPkcs12(name, path, octets);
    await this.#loadTokens();
    await this.#loadSecrets();
    for (const id of this.#oldKeys) await this.#unload("unload-key", id, "key");
    for (const id of this.#oldSecrets) await this.#unload("unload-shared", id, "shared key");
  }

  async #loadCertificate(path: string, type: string, flag: string | undefined, data: Uint8Array): Promise<void> {
    const { failure } = await this.#ask("load-cert", { type, flag, data });
    this.#told(failure, path, `loaded certificate from '${path}'`);
  }

  async #loadKeyFile(kind: string, type: string, name: string, path: string, octets: Buffer): Promise<void> {
    const key = await this.#openKey(kind, name, octets);
    await this.#loadKey(path, key ?? { type, label: type === "any" ? "private" : type, data: octets });
  }

  async #loadKey(path: string, { type, label, data }: LoadableKey): Promise<void> {
    const { message, failure } = await this.#ask("load-key", { type, data });
    if (failure === undefined) this.#oldKeys.delete(message.text("id") ?? "");
    this.#told(failure, path, `loaded ${label} key from '${path}'`);
  }

  /** @returns undefined for what the daemon shall judge: it is no key, or nobody knows the passphrase */
  async #openKey(kind: string, name: string, octets: Buffer): Promise<LoadableKey | undefined> {
    const parsed = parsePrivateKey(octets);
    if (parsed.state === "clear") return this.#mayPrompt ? loadableKey(parsed.key) : undefined;
    if (parsed.state === "unknown") return undefined;
    for (const passphrase of passphrases(this.#settings, kind, name)) {
      const opened = parsePrivateKey(octets, passphrase);
      if (opened.state === "clear") return loadableKey(opened.key);
    }
    const answer = await this.#prompt(kind, name);
    const opened = answer === undefined ? undefined : parsePrivateKey(octets, answer);
    return opened?.state === "clear" ? loadableKey(opened.key) : undefined;
  }

  async #loadPkcs12(name: string, path: string, octets: Buffer): Promise<void> {
    const content = await this.#openPkcs12(name, octets);
    if (content === undefined) {
      this.#context.terminal.err(`building PKCS#12 container '${path}' failed\n`);
      return;
    }
    for (const certificate of content.certificates) await this.#loadCertificate(path, "X509", "NONE", certificate);
    for (const key of content.keys)
      await this.#loadKey(path, loadableKey(createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" })));
  }

  async #openPkcs12(name: string, octets: Buffer): Promise<ContainerContent | undefined> {
    for (const passphrase of [...passphrases(this.#settings, PKCS12_FOLDER, name), ""]) {
      const content = openPkcs12(octets, passphrase);
      if (content !== undefined) return content;
    }
    const answer = await this.#prompt(PKCS12_FOLDER, name);
    return answer === undefined ? undefined : openPkcs12(octets, answer);
  }

  async #loadTokens(): Promise<void> {
    for (const name of this.#settings.sections(["secrets"])) {
      if (secretKind(name) !== "token") continue;
      const section = this.#settings.section(["secrets", name]);
      const pin = section.getString("pin") ?? (await this.#prompt("token", name, "PIN"));
      const data = Object.fromEntries(section.entries().filter(([key]) => ["handle", "slot", "module"].includes(key)));
      const { message, failure } = await this.#ask("load-token", pin === undefined ? data : { ...data, pin });
      const id = message.text("id") ?? "";
      if (failure === undefined) this.#oldKeys.delete(id);
      this.#told(failure, name, `loaded key ${name} from token [keyid: ${id}]`);
    }
  }

  async #loadSecrets(): Promise<void> {
    const { terminal } = this.#context;
    for (const name of this.#settings.sections(["secrets"])) {
      const type = sharedType(name);
      if (type === undefined) {
        if (secretKind(name) === undefined) terminal.err(`ignoring unsupported secret '${name}'\n`);
        continue;
      }
      const secret = sharedSecret(name, type, this.#settings.section(["secrets", name]));
      if (secret === undefined) {
        terminal.err(`missing secret in '${name}', ignored\n`);
        continue;
      }
      const { failure } = await this.#ask("load-shared", { ...secret });
      if (failure === undefined) this.#oldSecrets.delete(name);
      this.#told(failure, name, `loaded ${secretKind(name) ?? ""} secret '${name}'`);
    }
  }

  async #unload(command: string, id: string, what: string): Promise<void> {
    const { failure } = await this.#ask(command, { id });
    if (failure !== undefined && this.#context.reporter.isText)
      this.#context.terminal.err(`unloading ${what} '${id}' failed: ${failure}\n`);
  }

  get #mayPrompt(): boolean {
    return !this.#context.options.has("noprompt");
  }

  async #prompt(kind: string, name: string, what = "Password"): Promise<string | undefined> {
    if (!this.#mayPrompt) return undefined;
    const subject = kind === "token" ? `${kind} '${name}'` : `${kind} file '${name}'`;
    return this.#context.system.askPassphrase(`${what} for ${subject}: `);
  }

  async #ask(command: string, data: MessageData = {}): ReturnType<typeof ask> {
    const answer = await ask(this.#context.client, command, data);
    this.#context.reporter.reply(command, answer.message);
    return answer;
  }

  #told(failure: string | undefined, what: string, success: string): void {
    const { reporter, terminal } = this.#context;
    if (!reporter.isText) return;
    if (failure === undefined) terminal.out(`${success}\n`);
    else terminal.err(`loading '${what}' failed: ${failure}\n`);
  }

  /** Regular files of a folder that are not hidden; what cannot be read is told. */
  #files(folder: string): { readonly name: string; readonly path: string; readonly octets: Buffer }[] {
    const path = join(this.#folder, folder);
    let names: string[];
    try {
      names = readdirSync(path, { withFileTypes: true })
        .filter((entry) => !entry.name.startsWith(".") && !entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      this.#context.terminal.err(`opening directory '${path}' failed: ${systemReason(error)}\n`);
      return [];
    }
    return names.flatMap((name) => {
      const file = join(path, name);
      try {
        return [{ name, path: file, octets: readFileSync(file) }];
      } catch (error) {
        this.#context.terminal.err(`mapping '${file}' failed: ${systemReason(error)}, skipped\n`);
        return [];
      }
    });
  }
}
