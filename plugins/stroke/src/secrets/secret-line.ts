/**
 * Cuts one line of ipsec.secrets into words and values. Works on Latin-1 text, so that every byte of a secret survives.
 */

/** A line cannot be read; `message` is the text behind `line N: `. Never leaves this package. */
export class SecretLineError extends Error {}

/** A word or quoted text, and what follows it. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
  readonly rest: string;
}

/** Removes blanks at the start. */
export function skipBlanks(text: string): string {
  return text.replace(/^[ \t]+/, "");
}

/**
 * Splits at the separator: a colon between blanks, or a colon and a blank at the start of the line.
 *
 * @returns owners and the part behind the separator; `undefined` if there is no separator
 */
export function splitOwners(line: string): { owners: string; rest: string } | undefined {
  const text = skipBlanks(line);
  if (/^: ./.test(text)) return { owners: "", rest: text.slice(2) };
  const at = text.indexOf(" : ");
  return at < 0 ? undefined : { owners: text.slice(0, at), rest: text.slice(at + 3) };
}

/**
 * Reads a quoted text (single or double quotes, no escapes) or a word up to the next blank.
 *
 * @returns `undefined` at the end of the line
 * @throws {SecretLineError} `WHAT: missing second delimiter`
 */
export function readWord(line: string, what: string): Word | undefined {
  const text = skipBlanks(line);
  if (text === "") return undefined;
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    if (end < 0) throw new SecretLineError(`${what}: missing second delimiter`);
    return { text: text.slice(1, end), quoted: true, rest: text.slice(end + 1) };
  }
  const end = text.search(/[ \t]/);
  if (end < 0) return { text, quoted: false, rest: "" };
  return { text: text.slice(0, end), quoted: false, rest: text.slice(end) };
}

/** Identities in front of the separator; only double quotes group words. */
export function readOwners(owners: string): string[] {
  const ids: string[] = [];
  for (let rest = skipBlanks(owners); rest !== ""; rest = skipBlanks(rest)) {
    if (rest[0] === '"') {
      const end = rest.indexOf('"', 1);
      if (end < 0) throw new SecretLineError("missing second delimiter");
      ids.push(latin1ToText(rest.slice(1, end)));
      rest = rest.slice(end + 1);
    } else {
      const end = rest.search(/[ \t]/);
      ids.push(latin1ToText(end < 0 ? rest : rest.slice(0, end)));
      rest = end < 0 ? "" : rest.slice(end);
    }
  }
  return ids;
}

/**
 * Bytes of a secret: quoted text stands for itself; an unquoted word may be hex (`0x`, colons allowed, odd count gets a leading
 * zero) or base64 (`0s`).
 *
 * @throws {SecretLineError} if digits are no hex digits
 */
export function secretBytes(word: Word, what: string): Uint8Array {
  const prefix = word.quoted ? "" : word.text.slice(0, 2).toLowerCase();
  if (prefix === "0x") {
    const digits = word.text.slice(2).replaceAll(":", "");
    if (!/^[0-9a-f]*$/i.test(digits)) throw new SecretLineError(`${what}: not a hex string`);
    return new Uint8Array(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex"));
  }
  if (prefix === "0s") return new Uint8Array(Buffer.from(word.text.slice(2), "base64"));
  return new Uint8Array(Buffer.from(word.text, "latin1"));
}

/** Latin-1 text back to its bytes and these read as UTF-8: for names, not for secrets. */
export function latin1ToText(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
