const GAP = "  ";

/**
 * A table of text: the first column to the left, the others to the right.
 * @returns no lines without rows
 */
export function alignColumns(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join(GAP)
      .trimEnd(),
  );
}
