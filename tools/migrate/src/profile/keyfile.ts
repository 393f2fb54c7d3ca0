import { parse } from "ini";
import { ProfileError } from "./profile-error.js";
import type { ProfileEntry, ProfileFile } from "./profile-file.js";

/** Escapes of values in a keyfile; a backslash before anything else stays. */
const ESCAPES: Readonly<Record<string, string>> = { s: " ", n: "\n", t: "\t", r: "\r", "\\": "\\" };

/**
 * Reads a keyfile of NetworkManager. `ini` reads it line by line, as it does not tell on which line a key stands; nothing in a keyfile
 * goes over more than one.
 * @throws {ProfileError} with the line that is neither a group, a key, a comment nor empty
 */
export function parseKeyfile(text: string, file: string): ProfileFile {
  const entries = new Map<string, ProfileEntry>();
  const comments: string[] = [];
  let group: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*[#;]/.test(line)) comments.push(line.replace(/^\s*[#;]+/, "").trim());
    if (/^\s*([#;]|$)/.test(line)) continue;
    const place = index + 1;
    const [name, value] = readLine(line);
    if (name === undefined) throw new ProfileError(file, place, "neither a group, a key with its value nor a comment");
    if (value === undefined) group = name;
    else if (group === undefined) throw new ProfileError(file, place, `'${name}' stands before the first group`);
    else {
      const key = `${group}.${name}`;
      entries.delete(key);
      entries.set(key, { key, value, line: place });
    }
  }
  return { file, entries: [...entries.values()], comments };
}

/** Name and value of a key, the name of a group alone, or nothing. */
function readLine(line: string): readonly [name?: string, value?: string] {
  const at = line.indexOf("=");
  const isGroup = /^\s*\[/.test(line);
  if (!isGroup && at < 1) return [];
  // To ini, `;` and `#` begin a comment and some words and quotes are more than text. In quotes of its own the value comes back as it is.
  const read: unknown = parse(isGroup ? line : `${line.slice(0, at)}=${JSON.stringify(line.slice(at + 1).trimStart())}`);
  const path: string[] = [];
  let content = read;
  // A dot in the name of a group makes ini nest it.
  while (typeof content === "object" && content !== null) {
    const [entry] = Object.entries(content);
    if (entry === undefined) break;
    if (Array.isArray(content)) content = entry[1];
    else {
      path.push(entry[0]);
      content = entry[1];
    }
  }
  const name = path.join(".");
  if (name === "") return [];
  if (isGroup) return [name];
  return [name, String(content).replace(/\\([sntr\\])/g, (_all, letter: string) => ESCAPES[letter])];
}
