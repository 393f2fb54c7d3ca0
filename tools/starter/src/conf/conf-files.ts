/**
 * Access to configuration files, and the glob patterns of `include`.
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";

/** What the parser needs of a file system. All paths are absolute or relative to the working directory. */
export interface ConfFiles {
  /** Text of a file as UTF-8. Throws what the file system throws. */
  read(path: string): string;
  /** Names in a directory without `.` and `..`; throws if it cannot be listed. */
  list(directory: string): readonly string[];
  exists(path: string): boolean;
  isDirectory(path: string): boolean;
  /** Time of the last change in ms since 1970, or 0 if there is no such file. */
  modifiedMs(path: string): number;
}

/** The real file system. */
export const NODE_CONF_FILES: ConfFiles = {
  read: (path) => readFileSync(path, "utf8"),
  list: (directory) => readdirSync(directory),
  exists: (path) => existsSync(path),
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  modifiedMs: (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
};

const MAGIC = /[*?[]/;

/**
 * Existing paths that match a pattern with `*`, `?` and `[...]` per segment, sorted. Names that start with a dot need a pattern that does.
 *
 * @throws what {@link ConfFiles.list} throws for a directory that the pattern names literally, as ENOENT for a missing one
 */
export function globConfFiles(pattern: string, files: ConfFiles): string[] {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  let bases = [pattern.startsWith("/") ? "/" : ""];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const next: string[] = [];
    for (const base of bases) {
      if (!MAGIC.test(segment)) {
        next.push(base + segment + (isLast ? "" : "/"));
        continue;
      }
      const matcher = segmentMatcher(segment);
      // Only where the pattern itself named the directory is it an error that it cannot be listed.
      const named = !segments.slice(0, index).some((earlier) => MAGIC.test(earlier));
      if (!named && !files.isDirectory(base)) continue;
      for (const name of files.list(base === "" ? "." : base)) {
        if (matcher.test(name)) next.push(base + name + (isLast ? "" : "/"));
      }
    }
    bases = next;
  }
  return bases.filter((path) => files.exists(path)).sort();
}

function segmentMatcher(segment: string): RegExp {
  let source = segment.startsWith(".") ? "" : "(?!\\.)";
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i];
    const close = char === "[" ? segment.indexOf("]", segment[i + 1] === "!" || segment[i + 1] === "^" ? i + 3 : i + 2) : -1;
    if (char === "*") {
      if (segment[i - 1] !== "*") source += "[^/]*";
    } else if (char === "?") source += "[^/]";
    else if (close > 0) {
      source += characterClass(segment.slice(i + 1, close));
      i = close;
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
}

function characterClass(body: string): string {
  const negated = body[0] === "!" || body[0] === "^";
  const set = (negated ? body.slice(1) : body).replace(/[\\^[\]]/g, "\\$&");
  try {
    new RegExp(`[${set}]`);
  } catch {
    return "[]"; // a range that runs backwards matches nothing
  }
  return `[${negated ? "^" : ""}${set}]`;
}
