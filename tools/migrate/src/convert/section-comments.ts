/** Comments of ipsec.conf by the line that begins their section. */
export type SectionComments = ReadonlyMap<number, readonly string[]>;

const HEADER = /^(conn|ca|config)\s/;

/**
 * Finds the comments of each section in a file: those directly above it, then those in it, with what stands behind a setting. They go above
 * the section that it becomes, as the settings in it are not written line by line. What stands before the first
 * section, or in config setup, is the file's own, under line 0.
 */
export function sectionComments(text: string): SectionComments {
  const found = new Map<number, string[]>();
  let above: string[] = [];
  let current = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const comment = commentOf(line);
    if (HEADER.test(line)) {
      // What config setup says goes elsewhere, so its comments are the file's.
      current = line.startsWith("config") ? 0 : index + 1;
      append(found, current, above);
      above = [];
      if (comment !== undefined) append(found, current, [comment]);
    } else if (/^\s*$/.test(line)) {
      // What is followed by a blank line belongs to what came before.
      append(found, current, above);
      above = [];
    } else if (comment !== undefined && line.startsWith("#")) above.push(comment);
    else if (comment !== undefined) append(found, current, [comment]);
  }
  append(found, current, above);
  return found;
}

/** A comment of swanctl.conf. On one line, whatever an identity or a reason has in it: what follows would be read as a setting. */
export const commentLine = (text: string): string => `${`# ${text.replace(/[\r\n]+/g, " ")}`.trimEnd()}\n`;

function append(found: Map<number, string[]>, section: number, comments: readonly string[]): void {
  if (comments.length === 0) return;
  const list = found.get(section) ?? [];
  list.push(...comments);
  found.set(section, list);
}

/** From the first `#` outside of quotes, without it. */
function commentOf(line: string): string | undefined {
  const match = /^(?:[^"#]|"[^"]*"?)*#(.*)$/.exec(line);
  return match ? match[1].trim() : undefined;
}
