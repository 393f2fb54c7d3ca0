import { LogGroup } from "@cygnet/plugin-api";
import { LogManager } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { expect, it } from "vitest";
import { ClockWatch } from "../src/control/clock-watch.js";

const HOUR_MS = 3_600_000;

it("a system clock that is set is told in one line, one that is corrected is not", () => {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const watch = new ClockWatch({ clock, timers: clock, log });
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
