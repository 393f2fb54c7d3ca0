import type { MaybePromise, ShardProfile, ThreadProfile } from "@cygnet/plugin-api";
import { ThreadMeter, WaitTimes } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";
import { DaemonProfiler } from "../src/control/daemon-profiler.js";
import type { ShardPort } from "../src/link.js";

const measured = new Pair().moon.shard.profile();
const ownThread = new ThreadMeter().profile().thread;

/** The profile of a shard, by default on a thread of its own. */
function profile(shard: number, thread: Partial<ThreadProfile> = { thread: 100 + shard }): ShardProfile {
  return { ...measured, shard, thread: { ...measured.thread, ...thread } };
}

function setup(...answers: (() => MaybePromise<ShardProfile>)[]) {
  const timers = new VirtualClock();
  const waits = new WaitTimes();
  const shards = answers.map((answer) => ({ profile: answer }) as Partial<ShardPort> as ShardPort);
  waits.record(waits.kind("link", "count"), 1);
  return { timers, profiler: new DaemonProfiler({ shards, thread: { meter: new ThreadMeter(), waits, timers } }) };
}

describe("DaemonProfiler", () => {
  it("has the profiles of all shards, and what control waited for", async () => {
    const { profiler, timers } = setup(
      () => profile(0),
      async () => profile(1),
    );
    const { shards, shardCount, control } = await profiler.profile();
    expect(shards.map(({ shard }) => shard)).toEqual([0, 1]);
    expect(shardCount).toBe(2);
    expect(control.waits).toMatchObject([{ on: "link", name: "count" }]);
    expect(timers.armedTimers).toBe(0);
  });

  it("does not tell the waits of a thread twice that control shares with its shard", async () => {
    const { profiler } = setup(() => profile(0, { thread: ownThread }));
    expect((await profiler.profile()).control.waits).toEqual([]);
  });

  it("leaves out a shard that does not answer, in the end, and one that is gone", async () => {
    const { profiler, timers } = setup(
      () => new Promise<never>(() => undefined),
      () => profile(1),
      () => Promise.reject(new Error("shard 2 is gone")),
    );
    const asked = profiler.profile();
    await Promise.resolve();
    timers.advance(10_000);
    const { shards, shardCount } = await asked;
    expect([shards.map(({ shard }) => shard), shardCount]).toEqual([[1], 3]);
  });
});
