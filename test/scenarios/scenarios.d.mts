export type Side = "all" | "moon" | "peers";
export interface Run {
  readonly name: string;
  readonly side: Side;
}
export interface Result extends Run {
  readonly result: "PASS" | "FAIL" | "SKIP";
  /** The first check that failed, or why it was skipped. */
  readonly reason: string;
}
/** What does not pass yet. */
export interface Pending {
  readonly names: ReadonlySet<string>;
  reasonOf(name: string, side: Side): string | undefined;
}
export const SCENARIOS_FOLDER: string;
export const SIDES: readonly Side[];
/** Why no scenario can run here. */
export function obstacle(): string | undefined;
export function listScenarios(patterns?: readonly string[]): string[];
export function runScenario(name: string, side: Side, logs: string | undefined): Promise<Result>;
export function readPending(): Pending;
export function parsePending(text: string): Pending;
export function complaint(result: Result, pending: Pending): string | undefined;
export function inOrder(runs: readonly Run[], pending: Pending, day: number): Run[];
