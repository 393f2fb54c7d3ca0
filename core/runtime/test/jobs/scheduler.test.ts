import { JobPriority } from "@cygnet/plugin-api";
import type { Job } from "@cygnet/plugin-api";
import { TICK_MS, WheelScheduler } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

interface TestJob extends Job {
  readonly number: number;
}

const timerJob = (number: number): TestJob => ({ name: "timer", number, priority: JobPriority.MEDIUM, execute: () => undefined });

function setup() {
  const clock = new VirtualClock();
  const fired: { readonly number: number; readonly atMs: number }[] = [];
  let runs = 0;
  const processor = {
    queue: (job: Job) => void fired.push({ number: (job as TestJob).number, atMs: clock.nowMs }),
    run: () => void runs++,
  };
  const scheduler = new WheelScheduler({ clock, timers: clock, processor });
  return { clock, fired, scheduler, runs: () => runs };
}

describe("scheduler", () => {
  it("fires after the delay, not before it and not much later", () => {
    const { clock, fired, scheduler } = setup();
    clock.advance(13);
    scheduler.schedule(timerJob(1), 100);
    clock.advance(99);
    expect(fired).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(fired).toHaveLength(1);
    expect(fired[0].atMs).toBeGreaterThanOrEqual(113);
    expect(fired[0].atMs).toBeLessThan(113 + TICK_MS);
    expect(scheduler.pending).toBe(0);
  });

  it("uses one timer of the event loop, and none when nothing is pending", () => {
    const { clock, scheduler } = setup();
    expect(clock.armedTimers).toBe(0);
    const ids = Array.from({ length: 100 }, (_, i) => scheduler.schedule(timerJob(i), 10 + i * 77));
    expect(clock.armedTimers).toBe(1);
    expect(scheduler.pending).toBe(100);
    for (const id of ids) expect(scheduler.cancel(id)).toBe(true);
    clock.advance(100_000);
    expect(clock.armedTimers).toBe(0);
  });

  it("makes the job of a timer that waits as numbers once it is due, and not when it was cancelled", () => {
    const { clock, fired, scheduler } = setup();
    const jobs = { jobFor: (kind: number, subject: number) => timerJob(kind * 1000 + subject) };
    scheduler.schedule(timerJob(1), 10);
    scheduler.scheduleFor(jobs, 2, 7, 20);
    const cancelled = scheduler.scheduleFor(jobs, 3, 8, 30);
    scheduler.scheduleFor(jobs, 255, 0xffff_ffff, 40);
    // Beyond the first capacity, so that they move to larger arrays; and into places that were used before.
    for (let i = 0; i < 3000; i++) scheduler.cancel(scheduler.scheduleFor(jobs, 4, i, 50));
    for (let i = 0; i < 1500; i++) scheduler.scheduleFor(jobs, 5, i, 1000 + i * TICK_MS);
    expect(scheduler.cancel(cancelled)).toBe(true);
    clock.advance(100);
    expect(fired.map(({ number }) => number)).toEqual([1, 2007, 255_000 + 0xffff_ffff]);
    scheduler.schedule(timerJob(9), 1);
    clock.advance(10_000);
    expect(fired.slice(3).map(({ number }) => number)).toEqual([9, ...Array.from({ length: 1500 }, (_, i) => 5000 + i)]);
  });

  it("refuses ids that are zero, stale, foreign or cancelled", () => {
    const { clock, scheduler, fired } = setup();
    const first = scheduler.schedule(timerJob(1), 10);
    expect(first).not.toBe(0);
    expect(scheduler.cancel(first)).toBe(true);
    expect(scheduler.cancel(first)).toBe(false);
    for (const id of [0, -1, NaN, Infinity, 1.5, 2 ** 53, 4_194_309]) expect(scheduler.cancel(id), String(id)).toBe(false);
    const second = scheduler.schedule(timerJob(2), 10);
    clock.advance(20);
    expect(scheduler.cancel(second)).toBe(false);
    expect(fired).toHaveLength(1);
  });

  it("never lets an old id cancel a later timer in the same place", () => {
    const { clock, scheduler } = setup();
    const seen = new Set<number>();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 1500; i++) {
        const id = scheduler.schedule(timerJob(i), 4);
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
      for (const id of seen) if (id % 3 === 0) scheduler.cancel(id);
      clock.advance(10);
      expect(scheduler.pending).toBe(0);
    }
  });

  it.each([
    ["an hour", 3_600_000],
    ["25 days, more than setTimeout takes", 25 * 86_400_000],
    ["2^31 seconds, an unlimited lifetime", 2 ** 31 * 1000],
  ])("fires after %s", (_, delayMs) => {
    const { clock, fired, scheduler } = setup();
    clock.advance(7);
    scheduler.schedule(timerJob(1), delayMs);
    clock.advance(delayMs - 1);
    expect(fired).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(fired).toHaveLength(1);
    expect(fired[0].atMs).toBeGreaterThanOrEqual(delayMs + 7);
  });

  it("cancels a timer whose delay is longer than the wheel", () => {
    const { clock, fired, scheduler } = setup();
    const id = scheduler.schedule(timerJob(1), 2 ** 40);
    clock.advance(2 ** 39);
    expect(scheduler.cancel(id)).toBe(true);
    scheduler.schedule(timerJob(2), 50);
    clock.advance(2 ** 40);
    expect(fired.map(({ number }) => number)).toEqual([2]);
  });

  it("queues all that is overdue, by due time, after the machine slept", () => {
    const { clock, fired, scheduler, runs } = setup();
    scheduler.schedule(timerJob(3), 86_400_000);
    scheduler.schedule(timerJob(1), 1000);
    scheduler.schedule(timerJob(2), 3_600_000);
    scheduler.schedule(timerJob(4), 40 * 86_400_000);
    clock.skip(30 * 86_400_000);
    clock.advance(0);
    expect(fired.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(runs()).toBe(1);
    clock.advance(10 * 86_400_000 + TICK_MS);
    expect(fired.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it("is not disturbed by a wall clock that is set back", () => {
    const { clock, fired, scheduler } = setup();
    scheduler.schedule(timerJob(1), 1000);
    clock.setWall(0);
    clock.advance(1000 + TICK_MS);
    expect(fired).toHaveLength(1);
  });

  it("forgets everything when closed", () => {
    const { clock, fired, scheduler } = setup();
    const id = scheduler.schedule(timerJob(1), 1000);
    scheduler.schedule(timerJob(2), 2 ** 40);
    scheduler.close();
    expect(scheduler.pending).toBe(0);
    expect(scheduler.cancel(id)).toBe(false);
    expect(clock.armedTimers).toBe(0);
    clock.advance(2 ** 41);
    expect(fired).toEqual([]);
  });

  it("holds a quarter of a million timers and fires each once", () => {
    const { clock, fired, scheduler } = setup();
    for (let i = 0; i < 250_000; i++) scheduler.schedule(timerJob(i), (i * 7919) % 3_600_000);
    expect(scheduler.pending).toBe(250_000);
    clock.advance(3_600_000 + TICK_MS);
    expect(scheduler.pending).toBe(0);
    expect(new Set(fired.map(({ number }) => number)).size).toBe(250_000);
    for (const { number, atMs } of fired) {
      const late = atMs - ((number * 7919) % 3_600_000);
      if (late < 0 || late > TICK_MS) expect.fail(`timer ${number} was ${late} ms late`);
    }
  });

  it("does what a sorted list does, whatever is scheduled, cancelled and let pass", () => {
    const delay = fc.oneof(
      fc.nat(20),
      fc.nat(3000),
      fc.nat(5_000_000),
      fc.nat(2 ** 31 - 1),
      fc.constantFrom(255, 256, 1020, 1024, 262_140, 262_144, 2 ** 28, 2 ** 33, 2 ** 36),
    );
    const command = fc.oneof(
      fc.record({ kind: fc.constant("schedule" as const), value: delay }),
      fc.record({ kind: fc.constant("cancel" as const), value: fc.nat(40) }),
      fc.record({ kind: fc.constant("advance" as const), value: delay }),
      fc.record({ kind: fc.constant("sleep" as const), value: delay }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { clock, fired, scheduler } = setup();
        // The model: due times of the armed timers, by number.
        const armed = new Map<number, number>();
        const ids: number[] = [];
        let numbers = 0;
        for (const { kind, value } of commands) {
          if (kind === "schedule") {
            armed.set(numbers++, clock.nowMs + value);
            ids.push(scheduler.schedule(timerJob(numbers - 1), value));
          } else if (kind === "cancel" && ids.length > 0) {
            const number = value % ids.length;
            expect(scheduler.cancel(ids[number])).toBe(armed.delete(number));
          } else if (kind === "advance" || kind === "sleep") {
            const from = fired.length;
            if (kind === "advance") clock.advance(value);
            else {
              clock.skip(value);
              clock.advance(0);
            }
            let lastTick = 0;
            for (const { number, atMs } of fired.slice(from)) {
              const due = armed.get(number);
              expect(due).toBeDefined();
              expect(atMs).toBeGreaterThanOrEqual(due!);
              if (kind === "advance") expect(atMs).toBeLessThanOrEqual(due! + TICK_MS);
              const tick = Math.ceil(due! / TICK_MS);
              // A timer without delay waits for the next tick, and so may share it with one that was due later.
              expect(tick).toBeGreaterThanOrEqual(lastTick - 1);
              lastTick = Math.max(tick, lastTick);
              armed.delete(number);
            }
            for (const due of armed.values()) expect(due).toBeGreaterThan(clock.nowMs - TICK_MS);
          }
          expect(scheduler.pending).toBe(armed.size);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
