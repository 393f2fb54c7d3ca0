import type { MaybePromise, WaitMeter, WaitProfile } from "@cygnet/plugin-api";
import { SpanTable, grown } from "./time-table.js";

const FIRST_KINDS = 16;
/** As for job types: what a plugin makes of variable text must not grow without bound. */
const MAX_KINDS = 128;
const REST = "other";

/** Waits for the answers of others, by kind. What answers at once costs a comparison. */
export class WaitTimes implements WaitMeter {
  readonly #kinds = new Map<string, number>();
  readonly #names: { readonly on: string; readonly name: string }[] = [];
  readonly #times = new SpanTable(FIRST_KINDS);
  #failed = new Float64Array(FIRST_KINDS);

  /** @param now milliseconds with fractions */
  constructor(private readonly now: () => number = () => performance.now()) {}

  measure<R extends MaybePromise<unknown>>(on: string, name: string, result: R): R {
    if (!(result instanceof Promise)) return result;
    const kind = this.kind(on, name);
    const startMs = this.now();
    this.#times.begin(kind, startMs);
    result.then(
      () => this.#times.end(kind, startMs, this.now()),
      () => {
        this.#times.end(kind, startMs, this.now());
        this.#failed[kind]++;
      },
    );
    return result;
  }

  /** The number of a kind, for `record`. */
  kind(on: string, name: string): number {
    const key = `${on} ${name}`;
    return this.#kinds.get(key) ?? this.#add(key, on, name);
  }

  /** A wait that was measured elsewhere. */
  record(kind: number, ms: number): void {
    this.#times.record(kind, ms);
  }

  /** All kinds that occurred, in order of appearance. */
  profile(): WaitProfile[] {
    const nowMs = this.now();
    return this.#names
      .map(({ on, name }, kind) => ({ on, name, failed: this.#failed[kind], time: this.#times.profile(kind, nowMs) }))
      .filter(({ time }) => time.count > 0 || time.pending > 0);
  }

  #add(key: string, on: string, name: string): number {
    if (this.#names.length >= MAX_KINDS - 1 && name !== REST) return this.kind(REST, REST);
    const kind = this.#names.push({ on, name }) - 1;
    this.#kinds.set(key, kind);
    if (kind >= this.#failed.length) {
      this.#failed = grown(this.#failed, kind * 2);
      this.#times.grow(kind * 2);
    }
    return kind;
  }
}
