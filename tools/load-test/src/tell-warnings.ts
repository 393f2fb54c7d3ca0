import type { Terminal } from "@cygnet/command";
import type { Counts } from "./log-digest.js";
import { byCount } from "./log-digest.js";

/** Lines that are printed; more are only counted. */
const MAX_LINES = 10;

/** What a daemon of the test warned of. */
export interface SideWarnings {
  readonly role: string;
  readonly warnings: Counts;
}

/** Prints what the daemons warned of, once where both say the same. */
export function tellWarnings(sides: readonly SideWarnings[], terminal: Terminal): void {
  const lines: string[] = [];
  for (const { role, warnings } of sides) {
    for (const [text, count] of byCount(warnings)) {
      const isShared = sides.length > 1 && sides.every((side) => side.warnings.has(text));
      if (isShared && role !== sides[0].role) continue;
      lines.push(`${isShared ? "both daemons" : role}: ${text}${count > 1 ? ` (${count} times)` : ""}\n`);
    }
  }
  for (const line of lines.slice(0, MAX_LINES)) terminal.err(line);
  if (lines.length > MAX_LINES) terminal.err(`... and ${lines.length - MAX_LINES} more warnings, see --keep-logs\n`);
}
