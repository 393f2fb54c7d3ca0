import type { MaybePromise } from "@cygnet/plugin-api";
import type { TimerSource } from "../timer-source.js";

/** How long a plugin may take to be imported, to register or unregister one feature, or to take up new options. */
export const PLUGIN_LIMIT_MS = 10_000;

/**
 * Waits for something a plugin does, but not for ever.
 *
 * @param late gets the result if it comes after all, so that nothing it set up is left behind
 * @throws {Error} when the time is up
 */
export async function withinLimit<T>(timers: TimerSource, work: MaybePromise<T>, late?: (result: T) => void): Promise<T> {
  if (!(work instanceof Promise)) return work;
  let expired = false;
  return await new Promise<T>((resolve, reject) => {
    const timer = timers.timer(() => {
      expired = true;
      reject(new Error(`it takes longer than ${PLUGIN_LIMIT_MS / 1000} s`));
    }, true);
    timer.arm(PLUGIN_LIMIT_MS);
    work.then(
      (result) => {
        timer.disarm();
        if (expired) late?.(result);
        else resolve(result);
      },
      (error: unknown) => {
        timer.disarm();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
