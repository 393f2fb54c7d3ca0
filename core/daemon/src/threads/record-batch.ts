import type { LogRecord } from "@cygnet/plugin-api";

/** Numbers of a record: group, level, thread, IKE_SA, time, and how long its two texts are. */
const NUMBERS = 7;

/**
 * Log records on their way between threads, a few dozen for each IKE_SA. Cloning them as objects would cost more than half of what a setup does;
 * this is one array and one string, whose copies cost next to nothing.
 */
export interface RecordBatch {
  readonly numbers: Float64Array;
  /** Name of the IKE_SA and message of each record, one behind the other. */
  readonly text: string;
}

/** Gathers records. */
export class RecordPacker {
  #numbers = new Float64Array(NUMBERS * 64);
  #length = 0;
  #text = "";

  /** @returns whether it is the first of a batch */
  add({ group, level, message, thread, ikeSaId, ikeSaName, timeMs }: LogRecord): boolean {
    const at = this.#length;
    this.#length += NUMBERS;
    if (this.#length > this.#numbers.length) {
      const larger = new Float64Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[at] = group;
    numbers[at + 1] = level;
    numbers[at + 2] = thread;
    numbers[at + 3] = ikeSaId;
    numbers[at + 4] = timeMs;
    numbers[at + 5] = ikeSaName.length;
    numbers[at + 6] = message.length;
    this.#text += ikeSaName + message;
    return at === 0;
  }

  /** Takes what was gathered, undefined for nothing. */
  take(): RecordBatch | undefined {
    if (this.#length === 0) return undefined;
    const batch = { numbers: this.#numbers.slice(0, this.#length), text: this.#text };
    this.#length = 0;
    this.#text = "";
    return batch;
  }
}

/** Hands out the records of a batch in order, each valid for the call. */
export function unpackRecords({ numbers, text }: RecordBatch, each: (record: LogRecord) => void): void {
  let from = 0;
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const message = from + numbers[at + 5]!;
    const end = message + numbers[at + 6]!;
    each({
      group: numbers[at]!,
      level: numbers[at + 1]!,
      thread: numbers[at + 2]!,
      ikeSaId: numbers[at + 3]!,
      timeMs: numbers[at + 4]!,
      ikeSaName: text.slice(from, message),
      message: text.slice(message, end),
    });
    from = end;
  }
}
