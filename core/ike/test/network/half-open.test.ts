import { Host } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { HalfOpenCounts } from "../../src/network/half-open.js";

describe("half-open counts", () => {
  it("are kept as a whole and by address, whatever the port", () => {
    const counts = new HalfOpenCounts();
    for (const [text, port] of [
      ["192.0.2.1", 500],
      ["192.0.2.1", 4500],
      ["2001:db8::1", 500],
    ] as const) {
      counts.enter(Host.of(text, port));
    }
    expect(counts.total).toBe(3);
    expect(counts.of(Host.of("192.0.2.1", 9))).toBe(2);
    counts.leave(Host.of("192.0.2.1", 4500));
    counts.leave(Host.of("2001:db8::1", 1));
    expect(counts.of(Host.of("192.0.2.1"))).toBe(1);
    expect(counts.of(Host.of("2001:db8::1"))).toBe(0);
    expect(counts.total).toBe(1);
  });

  it("never go below zero", () => {
    const counts = new HalfOpenCounts();
    counts.leave(Host.of("192.0.2.1"));
    expect(counts.total).toBe(0);
  });

  it("have a part that we initiated ourselves", () => {
    const counts = new HalfOpenCounts();
    counts.initiated(1);
    counts.enter(Host.of("192.0.2.1"));
    expect([counts.total, counts.both]).toEqual([1, 2]);
    counts.initiated(-1);
    expect([counts.total, counts.both]).toEqual([1, 1]);
  });
});
