import { parseTree, printParseErrorCode } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { ProfileError } from "./profile-error.js";
import type { ProfileEntry, ProfileFile, ProfileValue } from "./profile-file.js";

/**
 * Reads a profile of strongSwan's app for Android, which is JSON.
 * @throws {ProfileError} with the line that is no JSON, or has a value that no key has
 */
export function parseSswan(text: string, file: string): ProfileFile {
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const errors: ParseError[] = [];
  const root = treeOf(text.replace(/^\ufeff/, " "), file, errors);
  const [first] = errors;
  if (first !== undefined) throw new ProfileError(file, lineOf(first.offset), `no JSON: ${printParseErrorCode(first.error)}`);
  if (root?.type !== "object") throw new ProfileError(file, 1, "a profile is an object of JSON");
  const entries = new Map<string, ProfileEntry>();
  const add = (object: Node, prefix: string): void => {
    for (const { children: [name, value] = [], offset } of object.children ?? []) {
      const key = `${prefix}${String(name.value)}`;
      const line = lineOf(offset);
      if (value.type === "object") add(value, `${key}.`);
      else if (value.type !== "null") {
        const read = valueOf(value);
        if (read === undefined) throw new ProfileError(file, line, `${key}: a list of texts is expected`);
        entries.delete(key);
        entries.set(key, { key, value: read, line });
      }
    }
  };
  add(root, "");
  return { file, entries: [...entries.values()], comments: [] };
}

function treeOf(text: string, file: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    // The parser calls itself for what is inside.
    if (error instanceof RangeError) throw new ProfileError(file, 1, "no profile: nested too deeply", { cause: error });
    throw error;
  }
}

function valueOf({ type, value, children = [] }: Node): ProfileValue | undefined {
  if (type !== "array") return value as string | number | boolean;
  const texts = children.map((item): unknown => item.value);
  return texts.every((item) => typeof item === "string") ? texts : undefined;
}
