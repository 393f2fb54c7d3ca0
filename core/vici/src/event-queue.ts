/** Events that one iteration has not taken yet. */
export class EventQueue<T> {
  #waiting: T[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;
  #error: Error | undefined;
  #isEnded = false;

  /** @param onTaken called when an event was taken */
  constructor(private readonly onTaken: () => void = () => undefined) {}

  get length(): number {
    return this.#waiting.length - this.#taken;
  }

  push(event: T): void {
    this.#waiting.push(event);
    this.#wakeUp();
  }

  /** No more events come: those that are left are still given out, then the error, if there is one. */
  end(error?: Error): void {
    this.#isEnded = true;
    this.#error ??= error;
    this.#wakeUp();
  }

  /** @returns undefined after the last one */
  async next(): Promise<T | undefined> {
    while (this.length === 0) {
      if (this.#error) throw this.#error;
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const event = this.#waiting[this.#taken++]!;
    if (this.#taken === this.#waiting.length) [this.#waiting, this.#taken] = [[], 0];
    this.onTaken();
    return event;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
