import { LogGroup } from "@cygnet/plugin-api";
import { LogManager, SuspensionWatch } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { expect, it } from "vitest";
import { ClockWatch } from "../src/control/clock-watch.js";

const HOUR_MS = 3_600_000;

it("a system clock that is set is told in one line, one that is corrected is not", () => {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const suspension = new SuspensionWatch({ clock, timers: clock });
  const watch = new ClockWatch({ clock, timers: clock, log, suspension });
  clock.advance(60_000);
  clock.setWall(clock.wallMs + 500);
  clock.advance(60_000);
  expect(sink.messages(LogGroup.DMN)).toEqual([]);
  clock.setWall(clock.wallMs + HOUR_MS);
  clock.advance(60_000);
  clock.setWall(clock.wallMs - HOUR_MS);
  clock.advance(60_000);
  expect(sink.messages(LogGroup.DMN)).toEqual([
    "the system clock was set ahead by 3600 s, timers go on without it",
    "the system clock was set back by 3600 s, timers go on without it",
  ]);
  watch.stop();
  expect(clock.armedTimers).toBe(0);
});

it("a machine that was suspended is told in one line, and is no clock that was set", () => {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  let suspendedMs = 0;
  let monotonicMs = 0;
  const suspension = new SuspensionWatch({
    // The calendar has gone on already.
    clock: { skip: (ms) => [clock.skip(ms), clock.setWall(clock.wallMs - ms)] },
    timers: clock,
    bootMs: () => monotonicMs + suspendedMs,
    monotonicMs: () => monotonicMs,
  });
  suspension.start();
  const watch = new ClockWatch({ clock, timers: clock, log, suspension });
  const run = (ms: number): void => {
    monotonicMs += ms;
    clock.advance(ms);
  };
  const suspend = (ms: number): void => {
    suspendedMs += ms;
    clock.setWall(clock.wallMs + ms);
  };
  const line = "the machine was suspended for 3600 s, timers go on as if it had not been";
  for (let round = 0; round < 12; round++) {
    suspend(HOUR_MS);
    const before = clock.nowMs;
    // Whichever looks first.
    run(21_000);
    expect(clock.nowMs).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(sink.messages(LogGroup.DMN)).toEqual(Array.from({ length: round + 1 }, () => line));
  }
  suspension.stop();
  watch.stop();
  expect(clock.armedTimers).toBe(0);
});
