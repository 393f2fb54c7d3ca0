import { JobPriority } from "@cygnet/plugin-api";
import type { Job } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { FirstMessages } from "../../src/network/first-messages.js";
import type { ProcessMessageJob } from "../../src/network/process-message-job.js";

interface FakeJob {
  readonly name: string;
  isDetached: boolean;
  detach(): void;
}

function setup(maxAgeMs = 4000) {
  const clock = { nowMs: 0, wallMs: 0 };
  const lines: string[] = [];
  const queued: string[] = [];
  const shed: string[] = [];
  let auths = 0;
  const nameOf = (job: Job | ProcessMessageJob): string => job.name;
  const messages = new FirstMessages({
    clock,
    log: { enabled: () => true, log: (_group, _level, message) => void lines.push(message) },
    processor: {
      queue: (job) => void queued.push(nameOf(job)),
      queued: (priority) => (priority === JobPriority.LOW ? auths : 0),
    },
    maxAgeMs: () => maxAgeMs,
    shed: (job) => void shed.push(nameOf(job)),
  });
  const add = (name: string): FakeJob => {
    const job: FakeJob = { name, isDetached: false, detach: () => void (job.isDetached = true) };
    messages.add(job as unknown as ProcessMessageJob);
    return job;
  };
  return { clock, lines, queued, shed, messages, add, busy: (count: number) => void (auths = count) };
}

describe("first messages", () => {
  it("go to the processor at once as long as few handshakes wait to be finished", () => {
    const { queued, messages, add, busy } = setup();
    busy(15);
    expect(add("a").isDetached).toBe(false);
    add("b");
    expect([queued, messages.held]).toEqual([["a", "b"], 0]);
  });

  it("wait while many do, as copies, and then come in order", () => {
    const { clock, queued, messages, add, busy } = setup();
    busy(16);
    expect(add("a").isDetached).toBe(true);
    clock.nowMs += 100;
    busy(0);
    // Nobody overtakes.
    add("b");
    expect([queued, messages.held]).toEqual([[], 2]);
    messages.release();
    expect([queued, messages.held]).toEqual([["a", "b"], 0]);
  });

  it("are let go in small numbers, so that what they begin can be finished", () => {
    const { queued, messages, add, busy } = setup();
    busy(16);
    for (let i = 0; i < 40; i++) add(`${i}`);
    messages.release();
    expect(queued).toEqual([]);
    busy(3);
    messages.release();
    expect(queued).toHaveLength(16);
    messages.release();
    messages.release();
    expect(queued).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
  });

  it("come newest first once the oldest has waited for long", () => {
    const { clock, queued, messages, add, busy } = setup();
    busy(16);
    add("old");
    clock.nowMs += 600;
    add("new");
    busy(0);
    messages.release();
    expect(queued).toEqual(["new", "old"]);
  });

  it("are given up when their sender has sent them again, or too many wait", () => {
    const { clock, lines, queued, shed, messages, add, busy } = setup(1000);
    busy(16);
    for (let i = 0; i < 4097; i++) add(`${i}`);
    expect(shed).toEqual(["0"]);
    expect(messages.held).toBe(4096);
    clock.nowMs += 900;
    add("late");
    clock.nowMs += 101;
    messages.release();
    expect([messages.held, shed.length]).toEqual([1, 4097]);
    expect(lines).toEqual(["ignoring 4095 IKE_SA_INITs that waited too long, there is too much to do"]);
    busy(0);
    messages.release();
    expect(queued).toEqual(["late"]);
  });
});
