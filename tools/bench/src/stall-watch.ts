// Runs inside of a daemon (`node --import`), in each of its threads: keeps the longest time for which an event loop did not come round.
// A parent that writes `STALL_QUESTION` to the process's IPC channel is sent it in milliseconds, and it begins anew.
import { isMainThread, getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import { STALL_QUESTION } from "./stall-question.js";

const KEY = "cygnet-bench-stall";
const EVERY_MS = 2;

if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(4));
/** Microseconds. */
const longest = new Int32Array(getEnvironmentData(KEY) as SharedArrayBuffer);

let lastMs = performance.now();
setInterval(() => {
  const now = performance.now();
  const stallUs = Math.round((now - lastMs - EVERY_MS) * 1000);
  lastMs = now;
  for (let seen = Atomics.load(longest, 0); stallUs > seen; seen = Atomics.load(longest, 0))
    Atomics.compareExchange(longest, 0, seen, stallUs);
}, EVERY_MS).unref();

if (isMainThread) {
  process.on("message", (question) => {
    if (question === STALL_QUESTION) process.send?.(Atomics.exchange(longest, 0, 0) / 1000);
  });
  // The daemon ends when it likes; listening must not keep it.
  process.channel?.unref();
}
