import type { JobTypeProfile } from "@cygnet/plugin-api";
import { SpanTable, TimeTable, grown } from "../profile/time-table.js";

/** Job types that are told apart; further names count as `other`. A name made of variable text would otherwise grow without bound. */
const MAX_PROFILED_TYPES = 256;

const FIRST_TYPES = 32;

/** Counters per job type in typed arrays: some additions and two bit counts per job. */
export class JobProfile {
  readonly #types = new Map<string, number>();
  #counts = new Float64Array(FIRST_TYPES);
  #failed = new Float64Array(FIRST_TYPES);
  readonly #waits = new TimeTable(FIRST_TYPES);
  readonly #runs = new TimeTable(FIRST_TYPES);
  readonly #held = new SpanTable(FIRST_TYPES);
  #capacity = FIRST_TYPES;

  /** The index of a job type for the other methods. */
  type(name: string): number {
    return this.#types.get(name) ?? this.#add(name);
  }

  waited(type: number, ms: number): void {
    this.#waits.record(type, ms);
  }

  /** A job had the thread. */
  ran(type: number, ms: number): void {
    this.#runs.record(type, ms);
  }

  /** A job is over. */
  ended(type: number, failed: boolean): void {
    this.#counts[type]++;
    if (failed) this.#failed[type]++;
  }

  /** A job goes on waiting for something; `released` has to follow. */
  holds(type: number, startMs: number): void {
    this.#held.begin(type, startMs);
  }

  released(type: number, startMs: number, nowMs: number): void {
    this.#held.end(type, startMs, nowMs);
  }

  /** All types that ran, in order of appearance. */
  snapshot(nowMs: number): JobTypeProfile[] {
    const types: JobTypeProfile[] = [];
    for (const [name, type] of this.#types) {
      if (this.#counts[type] === 0 && this.#held.pending(type) === 0) continue;
      types.push({
        name,
        count: this.#counts[type],
        failed: this.#failed[type],
        wait: this.#waits.profile(type),
        run: this.#runs.profile(type),
        held: this.#held.profile(type, nowMs),
      });
    }
    return types;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#failed.fill(0);
    for (const table of [this.#waits, this.#runs, this.#held]) table.reset();
  }

  #add(name: string): number {
    if (this.#types.size >= MAX_PROFILED_TYPES - 1 && name !== "other") return this.type("other");
    const type = this.#types.size;
    this.#types.set(name, type);
    if (type >= this.#capacity) {
      this.#capacity = type * 2;
      this.#counts = grown(this.#counts, this.#capacity);
      this.#failed = grown(this.#failed, this.#capacity);
      for (const table of [this.#waits, this.#runs, this.#held]) table.grow(this.#capacity);
    }
    return type;
  }
}
