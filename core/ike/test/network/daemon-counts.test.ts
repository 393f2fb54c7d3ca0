import { Host } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { DaemonCounts } from "../../src/network/daemon-counts.js";

/** So many shards of a daemon. */
function shards(count: number): DaemonCounts[] {
  const memory = DaemonCounts.memory(count, 0x5eed);
  return Array.from({ length: count }, (_, shard) => new DaemonCounts(memory, shard));
}

describe("counts of the daemon", () => {
  it("have half-open IKE_SAs as a whole and by address, whatever the port", () => {
    const [counts] = shards(1);
    for (const [text, port] of [
      ["192.0.2.1", 500],
      ["192.0.2.1", 4500],
      ["2001:db8::1", 500],
    ] as const) {
      counts.enter(Host.of(text, port));
    }
    expect(counts.halfOpen).toBe(3);
    expect(counts.halfOpenOf(Host.of("192.0.2.1", 9))).toBe(2);
    counts.leave(Host.of("192.0.2.1", 4500));
    counts.leave(Host.of("2001:db8::1", 1));
    expect(counts.halfOpenOf(Host.of("192.0.2.1"))).toBe(1);
    expect(counts.halfOpenOf(Host.of("2001:db8::1"))).toBe(0);
    expect(counts.halfOpen).toBe(1);
  });

  it("never go below zero", () => {
    const [counts] = shards(1);
    counts.leave(Host.of("192.0.2.1"));
    expect(counts.halfOpen).toBe(0);
  });

  it("have a part that we initiated ourselves", () => {
    const [counts] = shards(1);
    counts.initiated(1);
    counts.enter(Host.of("192.0.2.1"));
    expect([counts.halfOpen, counts.connecting]).toEqual([1, 2]);
    counts.initiated(-1);
    expect([counts.halfOpen, counts.connecting]).toEqual([1, 1]);
  });

  it("are the sums over all shards, and lose what was a shard's that is gone", () => {
    const [first, second, third] = shards(3);
    const peer = Host.of("192.0.2.1");
    for (const counts of [first, second, second]) counts.enter(peer);
    third.initiated(1);
    for (const counts of [first, second, third]) counts.changed(1);
    first.setJobs(5);
    third.setJobs(7);
    for (const counts of [first, second, third]) {
      expect([counts.halfOpen, counts.connecting, counts.halfOpenOf(peer), counts.ikeSas]).toEqual([3, 4, 3, 3]);
    }
    expect([first, second, third].map((counts) => counts.jobsElsewhere)).toEqual([7, 12, 5]);
    expect(second.ownIkeSas).toBe(1);
    second.clear();
    expect([first.halfOpen, first.connecting, first.halfOpenOf(peer), first.ikeSas]).toEqual([1, 2, 1, 2]);
  });

  it("put different addresses into different buckets, all but a few", () => {
    const [counts] = shards(1);
    const peers = Array.from({ length: 1000 }, (_, i) => Host.of(`10.0.${i >> 8}.${i & 255}`));
    for (const peer of peers) counts.enter(peer);
    expect(peers.filter((peer) => counts.halfOpenOf(peer) > 1).length).toBeLessThan(200);
    expect(peers.every((peer) => counts.halfOpenOf(peer) < 5)).toBe(true);
  });
});
