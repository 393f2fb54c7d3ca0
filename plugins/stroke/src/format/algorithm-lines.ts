import type { RegisteredAlgorithm } from "@cygnet/plugin-api";

/** Kinds in the order of the listing. */
const KINDS: readonly RegisteredAlgorithm["kind"][] = [
  "encryption",
  "integrity",
  "aead",
  "hasher",
  "prf",
  "xof",
  "kdf",
  "drbg",
  "dh-group",
  "random-gen",
  "nonce-gen",
];

/** Columns of the kind. */
const LABEL_COLUMNS = 13;
/** A line is broken before an entry that would reach beyond this column. */
const LINE_COLUMNS = 120;

/** The listing of `listalgs`, in the order of registration. */
export function algorithmLines(algorithms: readonly RegisteredAlgorithm[]): string[] {
  const lines = ["", "List of registered IKE algorithms:", ""];
  for (const kind of KINDS) {
    let line = `  ${kind}:`.padEnd(LABEL_COLUMNS);
    for (const algorithm of algorithms) {
      if (algorithm.kind !== kind) continue;
      const entry = kind === "nonce-gen" ? ` [${algorithm.plugin}]` : ` ${algorithm.name}[${algorithm.plugin}]`;
      if (line.length + entry.length > LINE_COLUMNS) {
        lines.push(line);
        line = " ".repeat(LABEL_COLUMNS);
      }
      line += entry;
    }
    lines.push(line);
  }
  return lines;
}
