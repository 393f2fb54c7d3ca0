import { JobPriority } from "@cygnet/plugin-api";
import type { Job } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FirstMessages } from "../../src/network/first-messages.js";
import type { ProcessMessageJob } from "../../src/network/process-message-job.js";

interface FakeJob {
  readonly name: string;
  isDetached: boolean;
  turn: { began(): void } | undefined;
  detach(): void;
}

function setup(maxAgeMs = 4000) {
  const clock = { nowMs: 0, wallMs: 0 };
  const lines: string[] = [];
  const queued: string[] = [];
  const shed: string[] = [];
  const inProcessor: FakeJob[] = [];
  let auths = 0;
  const nameOf = (job: Job | ProcessMessageJob): string => job.name;
  const messages = new FirstMessages({
    clock,
    log: { enabled: () => true, log: (_group, _level, message) => void lines.push(message) },
    processor: {
      queue: (job) => {
        queued.push(nameOf(job));
        inProcessor.push(job as unknown as FakeJob);
      },
      queued: (priority) => (priority === JobPriority.LOW ? auths : 0),
    },
    maxAgeMs: () => maxAgeMs,
    shed: (job) => void shed.push(nameOf(job)),
  });
  const add = (name: string): FakeJob => {
    const job: FakeJob = { name, isDetached: false, turn: undefined, detach: () => void (job.isDetached = true) };
    messages.add(job as unknown as ProcessMessageJob);
    return job;
  };
  /** Ends a turn in which the processor worked on so many. */
  const turn = (worked = Infinity): void => {
    for (const job of inProcessor.splice(0, worked)) job.turn?.began();
    messages.release();
  };
  return { clock, lines, queued, shed, messages, add, turn, busy: (count: number) => void (auths = count) };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

describe("first messages", () => {
  it("go to the processor at once as long as few handshakes wait to be finished", () => {
    const { queued, messages, add, busy } = setup();
    busy(15);
    expect(add("a").isDetached).toBe(false);
    add("b");
    expect([queued, messages.held]).toEqual([["a", "b"], 0]);
  });

  it("wait while many do, and then come in order", () => {
    const { clock, queued, messages, add, turn, busy } = setup();
    busy(16);
    add("a");
    clock.nowMs += 100;
    busy(0);
    // Nobody overtakes.
    add("b");
    expect([queued, messages.held]).toEqual([[], 2]);
    turn();
    expect([queued, messages.held]).toEqual([["a", "b"], 0]);
  });

  it("are let go in small numbers, so that what they begin can be finished", () => {
    const { queued, messages, add, turn, busy } = setup();
    busy(16);
    for (const name of numbers(40)) add(name);
    turn();
    expect(queued).toEqual([]);
    busy(3);
    turn();
    expect(queued).toHaveLength(16);
    turn(0);
    expect(queued).toHaveLength(16);
    turn(10);
    expect(queued).toHaveLength(26);
    turn();
    expect([queued, messages.held]).toEqual([numbers(40), 0]);
  });

  it("wait beyond what the processor works on in a turn", () => {
    const { queued, add, turn } = setup();
    for (const name of numbers(20)) add(name);
    expect(queued).toEqual(numbers(16));
    turn();
    expect(queued).toEqual(numbers(20));
  });

  it("are copied when many wait, so that sockets have slots to read into", () => {
    const { add, turn, messages } = setup();
    const jobs = numbers(16 + 96 + 10).map(add);
    expect(jobs.map(({ isDetached }) => isDetached)).toEqual(jobs.map((_, i) => i >= 16 + 96));
    turn();
    expect(messages.held).toBe(90);
    expect(numbers(7).map((name) => add(name).isDetached)).toEqual([false, false, false, false, false, false, true]);
  });

  it("are given up when their sender has sent them again", () => {
    const { clock, lines, queued, shed, messages, add, turn, busy } = setup(1000);
    busy(16);
    for (const name of numbers(300)) add(name);
    clock.nowMs += 900;
    add("late");
    clock.nowMs += 101;
    turn();
    expect([messages.held, shed]).toEqual([1, numbers(300)]);
    expect(lines).toEqual(["ignoring 300 IKE_SA_INITs that waited too long, there is too much to do"]);
    busy(0);
    turn();
    expect(queued).toEqual(["late"]);
  });

  it("have a line in the log once a second at most when they are given up", () => {
    const { clock, lines, messages, add, turn, busy } = setup(1000);
    busy(16);
    for (let i = 0; i < 400; i++) {
      clock.nowMs += 10;
      add(`${i}`);
      turn();
    }
    expect(lines).toEqual(
      [1, 100, 100].map((count) => `ignoring ${count} IKE_SA_INITs that waited too long, there is too much to do`),
    );
    expect(messages.held).toBe(101);
  });

  it("have room for a burst, as long as it is not known how fast they go", () => {
    const { messages, add, busy } = setup();
    expect(messages.room).toBe(16_384);
    busy(16);
    for (let i = 0; i < 1000; i++) add(`${i}`);
    expect(messages.room).toBe(15_384);
  });

  it("have room for as many as go within three quarters of the time their senders wait, once some waited for a quarter of it", () => {
    const { clock, messages, add, turn } = setup(4000);
    const go = (): void => {
      clock.nowMs += 10;
      turn(10);
    };
    // Ten in a turn of 10 ms: 3,000 in three seconds.
    for (const name of numbers(4050)) add(name);
    while (clock.nowMs < 1000) go();
    expect(messages.held + messages.room).toBe(16_384);
    go();
    expect([messages.held > 3000, messages.room]).toEqual([true, 0]);
    while (messages.held > 2900) go();
    expect(messages.held + messages.room).toBe(3000);
  });

  it("have some room however slowly they go", () => {
    const { clock, messages, add, turn } = setup(4000);
    for (const name of numbers(600)) add(name);
    for (let i = 0; i < 11; i++) {
      clock.nowMs += 100;
      turn(1);
    }
    expect(messages.room).toBe(0);
    clock.nowMs += 2901;
    turn(0);
    expect(messages.held).toBe(0);
    for (const name of numbers(100)) add(name);
    clock.nowMs += 1001;
    expect([messages.held, messages.room]).toEqual([100, 156]);
  });

  it("all come to their turn or are given up, in the order in which they came, whatever the load is", () => {
    const step = fc.record({ come: fc.nat(40), worked: fc.nat(30), auths: fc.nat(20), afterMs: fc.nat(300) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { clock, queued, shed, messages, add, turn, busy } = setup(1000);
        let count = 0;
        const isLet = (): boolean => messages.room > 0;
        for (const { come, worked, auths, afterMs } of steps) {
          busy(auths);
          for (let i = 0; i < come && isLet(); i++) add(`${count++}`);
          clock.nowMs += afterMs;
          turn(worked);
        }
        busy(0);
        while (messages.held > 0) turn();
        expect([...queued, ...shed].toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(count));
        for (const names of [queued, shed]) expect(names).toEqual(names.toSorted((a, b) => Number(a) - Number(b)));
      }),
    );
  });
});
