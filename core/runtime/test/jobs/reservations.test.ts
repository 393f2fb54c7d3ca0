import { describe, expect, it } from "vitest";
import { nextClass, reservationWarnings } from "@cygnet/runtime";
import type { Delay } from "@cygnet/runtime";

// The worked examples of strongSwan's reservation rule: slots, reservations, working and queued per class.
const CRITICAL = 0;
const HIGH = 1;
const MEDIUM = 2;
const LOW = 3;
const NOTHING = -1;

interface Example {
  readonly number: number;
  readonly slots: number;
  readonly reserved: readonly number[];
  readonly working: readonly number[];
  readonly queued: readonly number[];
  readonly next: number;
  readonly delay?: Delay;
}

const EXAMPLES: readonly Example[] = [
  { number: 1, slots: 16, reserved: [0, 0, 0, 0], working: [5, 0, 0, 0], queued: [0, 0, 1, 9], next: MEDIUM },
  { number: 2, slots: 16, reserved: [0, 2, 4, 0], working: [5, 0, 0, 0], queued: [0, 0, 0, 9], next: LOW },
  { number: 3, slots: 16, reserved: [0, 2, 4, 0], working: [5, 0, 0, 5], queued: [0, 0, 1, 4], next: MEDIUM },
  {
    number: 4,
    slots: 16,
    reserved: [0, 2, 4, 0],
    working: [5, 0, 0, 5],
    queued: [0, 0, 0, 4],
    next: NOTHING,
    delay: { priority: LOW, idle: 6, reserved: 6 },
  },
  {
    number: 5,
    slots: 16,
    reserved: [0, 2, 4, 0],
    working: [5, 0, 1, 5],
    queued: [0, 0, 0, 4],
    next: NOTHING,
    delay: { priority: LOW, idle: 5, reserved: 5 },
  },
  {
    number: 6,
    slots: 16,
    reserved: [0, 2, 4, 0],
    working: [5, 2, 0, 5],
    queued: [0, 0, 0, 1],
    next: NOTHING,
    delay: { priority: LOW, idle: 4, reserved: 4 },
  },
  { number: 7, slots: 16, reserved: [0, 2, 4, 0], working: [5, 0, 4, 5], queued: [0, 1, 3, 3], next: HIGH },
  {
    number: 8,
    slots: 16,
    reserved: [0, 2, 4, 0],
    working: [5, 0, 4, 5],
    queued: [0, 0, 3, 3],
    next: NOTHING,
    delay: { priority: MEDIUM, idle: 2, reserved: 2 },
  },
  {
    number: 9,
    slots: 4,
    reserved: [0, 0, 8, 0],
    working: [0, 0, 0, 0],
    queued: [0, 0, 0, 1],
    next: NOTHING,
    delay: { priority: LOW, idle: 4, reserved: 8 },
  },
  { number: 10, slots: 16, reserved: [1, 0, 0, 0], working: [5, 0, 0, 10], queued: [0, 0, 0, 1], next: LOW },
];

describe("the reservation rule", () => {
  it.each(EXAMPLES)("decides worked example $number as strongSwan does", ({ slots, working, queued, reserved, next, delay }) => {
    const found: Delay = { priority: -1, idle: 0, reserved: 0 };
    expect(nextClass(slots, working, queued, reserved, found)).toBe(next);
    if (delay) expect(found).toEqual(delay);
    else expect(found.priority).toBe(-1);
  });

  it("serves low after medium in example 1, and five low jobs at once in example 2", () => {
    expect(nextClass(16, [5, 0, 1, 0], [0, 0, 0, 9], [0, 0, 0, 0])).toBe(LOW);
    const working = [5, 0, 0, 0];
    while (nextClass(16, working, [0, 0, 0, 9], [0, 2, 4, 0]) === LOW) working[LOW]++;
    expect(working[LOW]).toBe(5);
  });

  it("serves nothing when every slot is taken", () => {
    expect(nextClass(4, [4, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0])).toBe(NOTHING);
  });

  it("serves the highest class first without reservations", () => {
    expect(nextClass(4, [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0])).toBe(CRITICAL);
  });
});

describe("reservation warnings", () => {
  it("name the class that threads = 8 with medium = 10 leaves nothing", () => {
    expect(reservationWarnings(8, [0, 1, 10, 0])).toEqual([
      "charon.processor.priority_threads { high = 1, medium = 10 } reserves all 8 threads: " +
        "low priority jobs will never run, lower the reservation or raise charon.threads",
    ]);
  });

  it("count the threads that are always busy", () => {
    expect(reservationWarnings(16, [0, 1, 10, 0], [5, 0, 0, 0])).toEqual([
      "charon.processor.priority_threads { high = 1, medium = 10 } reserves all 11 of 16 threads that are not always busy: " +
        "low priority jobs will never run, lower the reservation or raise charon.threads",
    ]);
    expect(reservationWarnings(4, [0, 0, 0, 0], [5, 0, 0, 0])[0]).toMatch(/^charon.threads = 4 leaves no thread for jobs/);
  });

  it("say nothing about the first user's 32 threads", () => {
    expect(reservationWarnings(32, [0, 1, 10, 0], [5, 0, 0, 0])).toEqual([]);
  });

  it("agree with the rule: a class is reported exactly if it is never served on an idle daemon", () => {
    for (let slots = 1; slots <= 6; slots++) {
      for (let code = 0; code < 256; code++) {
        const reserved = [code & 3, (code >> 2) & 3, (code >> 4) & 3, (code >> 6) & 3] as const;
        const starved = [0, 1, 2, 3].filter((c) => {
          const queued = [0, 0, 0, 0];
          queued[c] = 1;
          return nextClass(slots, [0, 0, 0, 0], queued, reserved) === NOTHING;
        });
        const warning = reservationWarnings(slots, reserved).join();
        const reported = ["critical", "high", "medium", "low"].flatMap((name, c) =>
          new RegExp(`threads: .*\\b${name}\\b.* priority jobs`).test(warning) ? [c] : [],
        );
        expect(reported, `${slots} ${reserved.join("/")}`).toEqual(starved);
      }
    }
  });
});
