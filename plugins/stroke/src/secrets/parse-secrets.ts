/**
 * The ipsec.secrets parser: a pure function from text to entries and log lines.
 */

import { posix } from "node:path";
import { latin1ToText, readOwners, readWord, secretBytes, SecretLineError, skipBlanks, splitOwners } from "./secret-line.js";
import type { ParsedSecrets, SecretEntry, SecretInclude, SecretMessage } from "./secret-entry.js";

/** How deep `include` may nest; a file that includes itself would never end. */
const MAX_INCLUDE_DEPTH = 10;

const TYPE_HINT = "token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM";

/** Word in the `loaded ... secret` line for each shared secret type: XAuth passwords live in the same store as EAP ones. */
const SHARED_LABEL = { PSK: "IKE", EAP: "EAP", XAUTH: "EAP", NTLM: "NTLM" } as const;
const KEY_FILE_TYPES = ["RSA", "ECDSA", "PKCS8", "P12", "BLISS"] as const;

/**
 * Reads an ipsec.secrets file and what it includes.
 *
 * Never throws on bad text: the first malformed line ends the reading of its file, entries before it stay, and a message tells the
 * line. A file that includes the broken one is read on. A carriage return at the end of a line is dropped.
 *
 * @param text bytes of the file, or its text, which is then taken as UTF-8
 * @param file its name, for messages and as the place from which relative includes count
 * @param readInclude files that an absolute pattern matches, in order; empty or `undefined` if the pattern cannot be expanded
 */
export function parseSecrets(
  text: string | Uint8Array,
  file: string,
  readInclude: (pattern: string) => readonly SecretInclude[] | undefined,
): ParsedSecrets {
  const reader = new SecretsReader(readInclude);
  reader.read({ file, text }, 0);
  return { entries: reader.entries, messages: reader.messages };
}

class SecretsReader {
  readonly entries: SecretEntry[] = [];
  readonly messages: SecretMessage[] = [];
  readonly #readInclude: (pattern: string) => readonly SecretInclude[] | undefined;

  constructor(readInclude: (pattern: string) => readonly SecretInclude[] | undefined) {
    this.#readInclude = readInclude;
  }

  read(source: SecretInclude, depth: number): void {
    const { file } = source;
    this.#say(file, 0, "info", `loading secrets from '${file}'`);
    if ("error" in source) {
      this.#say(file, 0, "error", `opening secrets file '${file}' failed: ${source.error}`);
      return;
    }
    const bytes = typeof source.text === "string" ? Buffer.from(source.text, "utf8") : Buffer.from(source.text);
    const lines = bytes.toString("latin1").split("\n");
    for (let i = 0; i < lines.length; i++) {
      try {
        this.#line(lines[i].replace(/\r$/, ""), file, i + 1, depth);
      } catch (error) {
        if (!(error instanceof SecretLineError)) throw error;
        this.#say(file, i + 1, "error", `line ${i + 1}: ${error.message}`);
        return;
      }
    }
  }

  #line(raw: string, file: string, line: number, depth: number): void {
    const text = skipBlanks(raw);
    if (text === "" || text[0] === "#") return;
    const include = /^include[ \t]+([^ \t]+)/.exec(text);
    if (include !== null) {
      this.#include(latin1ToText(include[1]), file, line, depth);
      return;
    }
    const parts = splitOwners(text);
    if (parts === undefined) throw new SecretLineError("missing ' : ' separator");
    // A type needs a blank behind it, even when nothing follows.
    const token = /^[ \t]*([^ \t]+)[ \t](.*)$/.exec(parts.rest);
    if (token === null) throw new SecretLineError("missing token");
    const owners = latin1ToText(parts.owners);
    const entry = readEntry(token[1], token[2], { ids: readOwners(parts.owners), file, line });
    this.entries.push(entry);
    if ("secret" in entry) {
      this.#say(file, line, "info", `  loaded ${SHARED_LABEL[entry.type]} secret for ${owners === "" ? "%any" : owners}`);
    }
  }

  #include(pattern: string, file: string, line: number, depth: number): void {
    if (depth >= MAX_INCLUDE_DEPTH) {
      this.#say(file, line, "error", `include '${pattern}' ignored, nested deeper than ${MAX_INCLUDE_DEPTH} levels`);
      return;
    }
    const absolute = posix.isAbsolute(pattern) ? pattern : posix.join(posix.dirname(file), pattern);
    const sources = this.#readInclude(absolute) ?? [];
    if (sources.length === 0) this.#say(file, line, "error", `expanding file expression '${absolute}' failed`);
    for (const source of sources) this.read(source, depth + 1);
  }

  #say(file: string, line: number, level: SecretMessage["level"], text: string): void {
    this.messages.push({ file, line, level, text });
  }
}

interface Owner {
  readonly ids: readonly string[];
  readonly file: string;
  readonly line: number;
}

function readEntry(type: string, rest: string, owner: Owner): SecretEntry {
  if (Object.hasOwn(SHARED_LABEL, type)) {
    const word = readWord(rest, "malformed secret");
    if (word === undefined) throw new SecretLineError("malformed secret: missing secret");
    return { type: type as keyof typeof SHARED_LABEL, ...owner, secret: secretBytes(word, "malformed secret") };
  }
  const keyType = KEY_FILE_TYPES.find((known) => known === type);
  if (keyType !== undefined) {
    const name = readWord(rest, "malformed filename");
    if (name === undefined || name.text === "") throw new SecretLineError("missing filename");
    return { type: keyType, ...owner, keyFile: latin1ToText(name.text), ...readPassphrase(name.rest, "malformed passphrase") };
  }
  if (type === "PIN") return readPin(rest, owner);
  throw new SecretLineError(TYPE_HINT);
}

function readPin(rest: string, owner: Owner): SecretEntry {
  const name = readWord(rest, "malformed smartcard specifier");
  const match = /^%smartcard(\d{1,9})?(?:@([^:]+))?:([0-9a-f]+)$/i.exec(name?.text ?? "");
  if (name === undefined || match === null) {
    throw new SecretLineError("the given %smartcard specifier is not supported or invalid");
  }
  const { passphrase, prompt } = readPassphrase(name.rest, "malformed PIN");
  if (passphrase === undefined && !prompt) throw new SecretLineError("expected PIN");
  return {
    type: "PIN",
    ...owner,
    ...(match[1] === undefined ? {} : { slot: Number(match[1]) }),
    ...(match[2] === undefined ? {} : { module: latin1ToText(match[2]) }),
    keyId: secretBytes({ text: `0x${match[3]}`, quoted: false, rest: "" }, "malformed key id"),
    ...(passphrase === undefined ? {} : { pin: passphrase }),
    prompt,
  };
}

function readPassphrase(rest: string, what: string): { passphrase?: Uint8Array; prompt: boolean } {
  const word = readWord(rest, what);
  if (word === undefined) return { prompt: false };
  if (!word.quoted && word.text === "%prompt") return { prompt: true };
  return { passphrase: secretBytes(word, what), prompt: false };
}
