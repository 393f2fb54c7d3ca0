/** Starts a timer. @returns what stops it */
export type StartTimer = (delayMs: number, callback: () => void) => () => void;

/** Real time. The timers do not keep the process alive. */
export const startTimer: StartTimer = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
