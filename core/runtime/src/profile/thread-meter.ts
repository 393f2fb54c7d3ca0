import { PerformanceObserver, performance } from "node:perf_hooks";
import type { EventLoopUtilization } from "node:perf_hooks";
import { threadId } from "node:worker_threads";
import type { ThreadProfile } from "@cygnet/plugin-api";
import { PluginTimes } from "./plugin-times.js";
import { TimeTable } from "./time-table.js";

/** How often the use of the event loop is looked at, while there is work. */
const WINDOW_MS = 1000;
/** Share of a window that counts as busy without a break: the rest is what polling takes. */
const SATURATED = 0.95;

/** Watches the thread that it is made on: how busy its event loop is, and the pauses for garbage collection. */
export class ThreadMeter {
  /** What code of plugins takes of it. */
  readonly plugins = new PluginTimes();
  readonly #gc = new TimeTable(1);
  #atStart: EventLoopUtilization = performance.eventLoopUtilization();
  #atWindow = this.#atStart;
  #windowMs = performance.now();
  #saturatedMs = 0;

  /** Begins to count the pauses. @returns what ends that */
  start(): () => void {
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gc.record(0, duration);
    });
    observer.observe({ entryTypes: ["gc"] });
    return () => observer.disconnect();
  }

  /** To be called now and then while there is work; it does something once a second. @param nowMs of `performance.now()` */
  sample(nowMs: number): void {
    if (nowMs - this.#windowMs >= WINDOW_MS) this.#endWindow(nowMs);
  }

  profile(): ThreadProfile {
    this.sample(performance.now());
    const { active, idle } = performance.eventLoopUtilization(this.#atStart);
    return {
      thread: threadId,
      elapsedMs: active + idle,
      busyMs: active,
      saturatedMs: this.#saturatedMs,
      gc: this.#gc.profile(0),
      plugins: this.plugins.profile(),
    };
  }

  #endWindow(nowMs: number): void {
    const now = performance.eventLoopUtilization();
    const { active, utilization } = performance.eventLoopUtilization(now, this.#atWindow);
    if (utilization >= SATURATED) this.#saturatedMs += active;
    this.#atWindow = now;
    this.#windowMs = nowMs;
  }
}
