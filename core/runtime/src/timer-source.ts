/** One timer that is armed again and again. */
export interface Timer {
  /** Calls back once, not before `delayMs` from now. What was armed before is forgotten. */
  arm(delayMs: number): void;
  disarm(): void;
}

/** Where timers come from: the event loop, or a virtual clock in tests. */
export interface TimerSource {
  /** @param keepAlive whether an armed timer keeps the process running; default false */
  timer(callback: () => void, keepAlive?: boolean): Timer;
}

/** The longest delay that `setTimeout` takes; more would fire at once. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;

/** Timers of the event loop. */
export class NodeTimers implements TimerSource {
  timer(callback: () => void, keepAlive = false): Timer {
    return new NodeTimer(callback, keepAlive);
  }
}

class NodeTimer implements Timer {
  readonly #callback: () => void;
  readonly #keepAlive: boolean;
  #handle: NodeJS.Timeout | undefined;

  constructor(callback: () => void, keepAlive: boolean) {
    this.#callback = callback;
    this.#keepAlive = keepAlive;
  }

  arm(delayMs: number): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = setTimeout(this.#callback, Math.min(MAX_TIMEOUT_MS, Math.max(1, Math.ceil(delayMs))));
    if (!this.#keepAlive) this.#handle.unref();
  }

  disarm(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}
