/** More than any kernel has. */
const MAX_CPUS = 65_536;
const RANGE = /^(\d{1,5})(?:-(\d{1,5})(?::(\d{1,5}))?)?$/;

/**
 * Reads CPUs as `taskset -c` and the kernel write them: numbers and ranges separated by commas, `0-3,8`, with a step as in `0-6:2`.
 * @returns their numbers, ascending; undefined for what is no such list, or an empty one
 */
export function parseCpuList(text: string): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const range = RANGE.exec(part.trim());
    if (!range) return undefined;
    const first = Number(range[1]);
    const last = Number(range[2] ?? first);
    const step = Number(range[3] ?? 1);
    if (last < first || last >= MAX_CPUS || step === 0) return undefined;
    for (let cpu = first; cpu <= last; cpu += step) found.add(cpu);
  }
  return [...found].sort((a, b) => a - b);
}

/** The same as text, in the kernel's way: `0-3,8`. */
export function formatCpuList(cpus: readonly number[]): string {
  const parts: string[] = [];
  for (let from = 0; from < cpus.length;) {
    let to = from;
    while (cpus[to + 1] === cpus[to]! + 1) to++;
    parts.push(from === to ? `${cpus[from]}` : `${cpus[from]}-${cpus[to]}`);
    from = to + 1;
  }
  return parts.join(",");
}
