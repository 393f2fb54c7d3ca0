export interface Skipped {
  readonly file: string;
  readonly name: string;
  readonly reason?: string;
}
/** How a run of vitest ended. */
export interface Outcome {
  readonly passed: number;
  /** Each with its file. */
  readonly failures: readonly string[];
  readonly skipped: readonly Skipped[];
}
export function addUp(outcomes: readonly Outcome[]): Outcome;
/** A line per reason and file. */
export function skippedLines(outcome: Outcome): string;
/** A line per failure. */
export function failedLines(outcome: Outcome): string;
/** The last line of `npm test`. */
export function closingLine(outcome: Outcome): string;
/** The skipped tests that must run in CI. */
export function skippedPeers(outcome: Outcome): readonly Skipped[];
