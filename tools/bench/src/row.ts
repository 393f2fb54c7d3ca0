import { median } from "./statistics.js";

/** What a row is about, known before anything is measured. */
export interface RowSpec {
  readonly name: string;
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  /** The value that must be reached, and the one that is aimed at. */
  readonly atLeast?: number;
  readonly aim?: number;
}

/** A result, exactly what `--json` writes. */
export interface Row {
  readonly name: string;
  /** The median of `runs`; null where there is none, and `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly lower_is_better: boolean;
  readonly at_least: number | null;
  readonly aim: number | null;
  /** The value of each run, in order. */
  readonly runs: readonly number[];
  /** What a reader must know of this row; left out where that is nothing. */
  readonly note?: string;
}

/** Digits behind the point: four that count, which is more than any of the figures is good for. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** The row of some runs. */
export function rowOf(spec: RowSpec, runs: readonly number[], note?: string): Row {
  return {
    name: spec.name,
    value: runs.length === 0 ? null : round(median(runs)),
    unit: spec.unit,
    lower_is_better: spec.lowerIsBetter,
    at_least: spec.atLeast ?? null,
    aim: spec.aim ?? null,
    runs: runs.map(round),
    ...(note !== undefined && { note }),
  };
}

/** How a row stands to what is asked of it. */
export function verdict({ value, lower_is_better, at_least, aim }: Row): "aim reached" | "reached" | "missed" | undefined {
  if (value === null || (at_least === null && aim === null)) return undefined;
  const meets = (bound: number | null): boolean => bound !== null && (lower_is_better ? value <= bound : value >= bound);
  if (meets(aim)) return "aim reached";
  return at_least === null || meets(at_least) ? "reached" : "missed";
}

const NAME_COLUMNS = 46;

/** A row as one line of text. */
export function rowText(row: Row): string {
  const { name, value, unit, at_least, aim, runs, note } = row;
  const head = `${name.padEnd(NAME_COLUMNS)} `;
  if (value === null) return `${head}not available: ${note ?? "no run was completed"}\n`;
  const parts: string[] = [];
  if (runs.length > 1) parts.push(`runs ${runs.join(" ")}`);
  if (at_least !== null) parts.push(`at least ${at_least}`);
  if (aim !== null) parts.push(`aim ${aim}`);
  const judged = verdict(row);
  if (judged !== undefined) parts.push(judged);
  if (note !== undefined) parts.push(note);
  const figure = `${String(value).padStart(10)} ${unit}`;
  return parts.length === 0 ? `${head}${figure}\n` : `${head}${figure.padEnd(20)} (${parts.join("; ")})\n`;
}
