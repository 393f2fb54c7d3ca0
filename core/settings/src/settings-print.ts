/**
 * Settings back as a file.
 */

import { ConfigError } from "./config-error.js";
import { isFileName } from "./lexer.js";
import type { Section } from "./section.js";

/** Deeper sections are indented no further, or the size of the text would grow with the square of the depth. */
const MAX_INDENT = 16;

/**
 * The tree as text, with references and cleared keys, one setting a line. Parsing it gives an equal tree. Fallbacks are the
 * program's and are not written.
 *
 * @throws {ConfigError} CYG_SETTINGS_UNPRINTABLE if a name contains a character that files do not allow in names
 */
export function printSection(root: Section): string {
  const out: string[] = [];
  // A string on the stack is the line that closes a section.
  const work: ({ readonly name: string; readonly section: Section; readonly depth: number } | string)[] = [];
  const pushChildren = (section: Section, depth: number): void => {
    for (const [name, child] of [...section.sections].reverse()) work.push({ name, section: child, depth });
  };

  printValues(root, "", out);
  pushChildren(root, 0);
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (typeof next === "string") {
      out.push(next);
      continue;
    }
    const { name, section, depth } = next;
    const indent = "  ".repeat(Math.min(depth, MAX_INDENT));
    out.push(`${indent}${sectionHead(name, section)}{\n`);
    printValues(section, `${"  ".repeat(Math.min(depth + 1, MAX_INDENT))}`, out);
    work.push(`${indent}}\n`);
    pushChildren(section, depth + 1);
  }
  return out.join("");
}

function sectionHead(name: string, section: Section): string {
  const references = section.references.map((path) => path.map(printable).join("."));
  const head = references.length > 0 ? `${printable(name)}: ${references.join(", ")} ` : printable(name);
  // "include {" would be an include pattern; without a blank it is a name.
  return references.length > 0 || name === "include" ? head : `${head} `;
}

function printValues(section: Section, indent: string, out: string[]): void {
  for (const [name, { text }] of section.values) {
    out.push(text === null ? `${indent}${printable(name)} =\n` : `${indent}${printable(name)} = ${printValue(text)}\n`);
  }
}

function printable(name: string): string {
  if (isFileName(name)) return name;
  throw new ConfigError("CYG_SETTINGS_UNPRINTABLE", `${JSON.stringify(name)} cannot be written as a name in a file`);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\r": "\\r", "\t": "\\t", "\n": "\\n" };

function printValue(text: string): string {
  if (isPlain(text)) return text;
  return `"${text.replace(/["\\\r\t\n]/g, (character) => ESCAPES[character])}"`;
}

/** Whether a text is words joined by single blanks, of characters that mean nothing in a value: it needs no quotes. */
function isPlain(text: string): boolean {
  let isAfterBlank = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x20 ? isAfterBlank : !isPlainCharacter(code)) return false;
    isAfterBlank = code === 0x20;
  }
  return !isAfterBlank;
}

/** Printable ASCII except blank, quote, hash, backslash and braces. */
function isPlainCharacter(code: number): boolean {
  return code > 0x20 && code < 0x7f && !'"#\\{}'.includes(String.fromCharCode(code));
}
