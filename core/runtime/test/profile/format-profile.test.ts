import type { DaemonProfile, PluginTimeProfile } from "@cygnet/plugin-api";
import { formatProfile, profileSince, sumJobs, sumWaits } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { daemon, job, shard, spans, thread, wait } from "./profiles.js";

describe("formatProfile", () => {
  it("prints aligned tables, and that nothing stands out", () => {
    const profile = daemon([shard(0, { waits: [wait("peer", "IKE_AUTH", spans(40, 12, 1, 100))] })]);
    expect(formatProfile(profile).join("\n")).toMatchInlineSnapshot(`
      "Profile of 10.0 s, 1.50 s CPU time of the process, 8 of 8 CPUs usable, the machine 50 % busy

      thread            busy  saturated  GCs  GC time      p99      max
      control, shard 0  10 %       0 us   10  10.0 ms  1.00 ms  1.00 ms

      job slots  total  idle now  held at a time  none free   max  queued now  timers
      shard 0       16        11             0.0       0 us  0 us     0/0/0/3       7

      jobs of shard 0  count  failed  queued p50     p99     max  ran p50      p99      max   total  share  slots
      process-message    100       0      500 us  500 us  500 us  2.00 ms  2.00 ms  2.00 ms  200 ms  2.0 %    0.0

      waits of shard 0  count  failed  pending  at a time      p50      p99      max
      peer: IKE_AUTH       40       0        1        0.1  12.0 ms  12.0 ms  12.0 ms

      socket        received  forwarded  sent  dropped  shed  send errors  queued now   most   buffer
      0.0.0.0[500]      1000          0  1000        0     0            0           0  2 KiB  4.0 MiB

      No single cause stands out."
    `);
  });

  it("prints each shard and all of them together, and what does not answer", () => {
    const shards = [shard(0, { thread: thread(1, 5000) }), shard(1, { thread: thread(2, 4000) })];
    const lines = formatProfile(daemon(shards, { shardCount: 3 }));
    expect(lines[0]).toContain("1 of 3 shards did not answer");
    expect(lines.filter((line) => line.includes("process-message")).map((line) => line.split(/ +/)[1])).toEqual([
      "100",
      "100",
      "200",
    ]);
    expect(lines.filter((line) => /^(control|shard \d) .* %/.test(line)).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ["control", "10 %"],
      ["shard 0", "50 %"],
      ["shard 1", "40 %"],
    ]);
  });
});

describe("the code of plugins", () => {
  const code = (plugin: string, what: string, count: number, ms: number): PluginTimeProfile => ({
    plugin,
    what,
    run: spans(count, ms),
  });

  it("is listed by what it took, without what took less than a moment", () => {
    const plugins = [code("aes", "register", 1, 0.4), code("acme", "register", 1, 20), code("acme", "job sync", 10, 4)];
    const rows = (profile: DaemonProfile) => formatProfile(profile).filter((line) => /^(code|acme|aes)/.test(line));
    expect(
      rows(
        daemon([shard(0, { thread: thread(0, 1000, { plugins }) })], {
          control: { thread: thread(0, 1000, { plugins }), waits: [] },
        }),
      ),
    ).toEqual([
      "code of plugins  count  ran p50      p99      max    total",
      "acme: job sync      10  4.00 ms  4.00 ms  4.00 ms  40.0 ms",
      "acme: register       1  20.0 ms  20.0 ms  20.0 ms  20.0 ms",
    ]);
    const onShards = daemon([shard(0, { thread: thread(1, 1000, { plugins }) })]);
    expect(
      rows(onShards)
        .slice(1)
        .map((line) => line.split(/ {2,}/)[0]),
    ).toEqual(["acme: job sync on shard 0", "acme: register on shard 0"]);
  });

  it("counts from the earlier profile on", () => {
    const at = (count: number) =>
      daemon([], { control: { thread: thread(0, 1000, { plugins: [code("acme", "job sync", count, 4)] }), waits: [] } });
    expect(profileSince(at(5), at(2)).control.thread.plugins).toMatchObject([
      { plugin: "acme", run: { count: 3, totalUs: 12_000 } },
    ]);
    expect(profileSince(at(5), at(5)).control.thread.plugins).toEqual([]);
  });
});

describe("sumJobs and sumWaits", () => {
  it("add up what has the same name", () => {
    const jobs = sumJobs([[job("a", spans(2, 3)), job("b", spans(1, 1))], [job("a", spans(1, 5), spans(0, 0, 1, 10))]]);
    expect(jobs).toMatchObject([
      { name: "a", count: 2, run: { count: 3, totalUs: 11_000, maxUs: 5000 }, held: { pending: 1, pendingUs: 10_000 } },
      { name: "b", count: 1 },
    ]);
    const waits = sumWaits([[wait("kernel", "add SA", spans(1, 1))], [wait("kernel", "add SA", spans(2, 1))]]);
    expect(waits).toMatchObject([{ on: "kernel", name: "add SA", time: { count: 3, totalUs: 3000 } }]);
  });
});

describe("profileSince", () => {
  it("is empty between equal profiles", () => {
    const profile = daemon([shard(0, { waits: [wait("kernel", "add SA", spans(3, 1))] })]);
    const nothing = profileSince(profile, profile);
    expect(nothing).toMatchObject({ elapsedMs: 0, host: { processMs: 0 }, control: { thread: { busyMs: 0, gc: { maxUs: 0 } } } });
    expect(nothing.shards).toMatchObject([{ jobs: [], waits: [], sockets: [{ received: 0, bufferBytes: 4_194_304 }] }]);
  });

  it("has what came in between, with a maximum of that time", () => {
    const before = daemon([shard(0, { jobs: [job("a", spans(1, 50))] })]);
    const both = sumJobs([[job("a", spans(1, 50))], [job("a", spans(10, 2)), job("new", spans(1, 1))]]);
    const now = daemon([shard(0, { jobs: both })], { elapsedMs: 12_000 });
    const { elapsedMs, shards } = profileSince(now, before);
    expect(elapsedMs).toBe(2000);
    expect(shards[0].jobs).toMatchObject([
      { name: "a", count: 10, run: { count: 10, totalUs: 20_000, maxUs: 2048 } },
      { name: "new", count: 1 },
    ]);
  });

  it("tells what fell into the time between of something that goes on all the while", () => {
    const at = (ms: number) => daemon([shard(0, { waits: [wait("kernel", "add SA", spans(0, 0, 1, ms))] })], { elapsedMs: ms });
    const [{ waits }] = profileSince(at(5000), at(3000)).shards;
    expect(waits).toMatchObject([{ time: { count: 0, pending: 1, pendingUs: 2_000_000 } }]);
  });

  it("counts a shard that was started anew from its start", () => {
    const before = daemon([shard(0, { thread: thread(1, 5000) })]);
    const now = daemon([shard(0, { thread: { ...thread(2, 100), elapsedMs: 200 } })]);
    expect(profileSince(now, before).shards[0]).toEqual(now.shards[0]);
  });
});
