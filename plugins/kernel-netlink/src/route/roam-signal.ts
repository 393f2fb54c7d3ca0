/** Milliseconds that changes are gathered for: an interface that comes up changes addresses and routes one by one. */
const GATHER_MS = 100;

/** Starts a timer. @returns what stops it */
export type StartTimer = (run: () => void, ms: number) => () => void;

const systemTimer: StartTimer = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Makes one signal of changes that come close together. */
export class RoamSignal {
  #stop: (() => void) | undefined;
  #addressChanged = false;

  constructor(
    private readonly roam: (addressChanged: boolean) => void,
    private readonly startTimer: StartTimer = systemTimer,
  ) {}

  changed(isAddress: boolean): void {
    this.#addressChanged ||= isAddress;
    this.#stop ??= this.startTimer(() => {
      const addressChanged = this.#addressChanged;
      this.#stop = undefined;
      this.#addressChanged = false;
      this.roam(addressChanged);
    }, GATHER_MS);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
