/**
 * The glob patterns of `include`: `*`, `?`, `[...]` with ranges, negation and POSIX classes, and backslash escapes, per path segment.
 * Names that start with a dot are matched only by a pattern that does, too. Neither braces nor `**` nor `~` mean anything.
 */

/** What {@link glob} needs to know about a file system. */
export interface GlobDirectory {
  /** Names in a directory, without `.` and `..`; empty if there is no such directory or it cannot be read. */
  list(directory: string): readonly string[];
  /** Whether something of any kind is at this path. */
  exists(path: string): boolean;
}

/** Paths that match `pattern`, sorted as whole paths in code unit order, which for usual names is that of the C locale. */
export function glob(pattern: string, directory: GlobDirectory): string[] {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  let found = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of segments) {
    if (!hasMagic(segment)) {
      found = found.map((base) => base + unescape(segment) + "/");
      continue;
    }
    const next: string[] = [];
    for (const base of found) {
      for (const name of directory.list(base === "" ? "." : base)) {
        if (matchesGlob(name, segment)) next.push(`${base}${name}/`);
      }
    }
    found = next;
  }
  const paths = found.map((path) => (path.length > 1 ? path.slice(0, -1) : path));
  return paths.filter((path) => path !== "" && directory.exists(path)).sort();
}

/** Whether one path segment matches a pattern segment. Takes at most time proportional to the product of their lengths. */
export function matchesGlob(name: string, pattern: string): boolean {
  if (name.startsWith(".") && pattern[0] !== "." && !pattern.startsWith("\\.")) return false;
  let n = 0;
  let p = 0;
  // Only the last star ever needs to be extended, which keeps this from backtracking exponentially.
  let starAt = -1;
  let starName = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      starAt = p;
      starName = n;
      p += 1;
      continue;
    }
    const end = p < pattern.length ? matchOne(name, n, pattern, p) : 0;
    if (end > 0) {
      n += 1;
      p = end;
    } else if (starAt >= 0) {
      starName += 1;
      n = starName;
      p = starAt + 1;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}

/** Index in the pattern behind the element that matched `name[n]`, or 0. */
function matchOne(name: string, n: number, pattern: string, p: number): number {
  switch (pattern[p]) {
    case "?":
      return p + 1;
    case "\\":
      return p + 1 < pattern.length && pattern[p + 1] === name[n] ? p + 2 : 0;
    case "[": {
      const set = readSet(pattern, p);
      if (set !== undefined) return set.accepts(name[n]) ? set.end : 0;
      return name[n] === "[" ? p + 1 : 0;
    }
    default:
      return pattern[p] === name[n] ? p + 1 : 0;
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /^[0-9A-Za-z]$/,
  alpha: /^[A-Za-z]$/,
  blank: /^[ \t]$/,
  digit: /^[0-9]$/,
  lower: /^[a-z]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^[ \t\n\v\f\r]$/,
  upper: /^[A-Z]$/,
  xdigit: /^[0-9A-Fa-f]$/,
};

interface CharacterSet {
  accepts(character: string): boolean;
  readonly end: number;
}

/** Reads the `[...]` at `at`; `undefined` if it is never closed, in which case the bracket stands for itself. */
function readSet(pattern: string, at: number): CharacterSet | undefined {
  let i = at + 1;
  const negated = pattern[i] === "!" || pattern[i] === "^";
  if (negated) i += 1;
  const first = i;
  const ranges: [string, string][] = [];
  const classes: RegExp[] = [];
  for (; i < pattern.length; i++) {
    if (pattern[i] === "]" && i > first) {
      const accepts = (c: string): boolean =>
        (ranges.some(([low, high]) => c >= low && c <= high) || classes.some((known) => known.test(c))) !== negated;
      return { accepts, end: i + 1 };
    }
    if (pattern.startsWith("[:", i)) {
      const close = pattern.indexOf(":]", i + 2);
      const name = close < 0 ? "" : pattern.slice(i + 2, close);
      if (Object.hasOwn(CLASSES, name)) {
        classes.push(CLASSES[name]);
        i = close + 1;
        continue;
      }
    }
    if (pattern[i] === "\\" && i + 1 < pattern.length) i += 1;
    const low = pattern[i];
    let high = low;
    if (pattern[i + 1] === "-" && i + 2 < pattern.length && pattern[i + 2] !== "]") {
      i += pattern[i + 2] === "\\" && i + 3 < pattern.length ? 3 : 2;
      high = pattern[i];
    }
    ranges.push([low, high]);
  }
  return undefined;
}

function hasMagic(segment: string): boolean {
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] === "\\") i += 1;
    else if (segment[i] === "*" || segment[i] === "?" || segment[i] === "[") return true;
  }
  return false;
}

function unescape(segment: string): string {
  if (!segment.includes("\\")) return segment;
  let out = "";
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] === "\\" && i + 1 < segment.length) i += 1;
    out += segment[i];
  }
  return out;
}
