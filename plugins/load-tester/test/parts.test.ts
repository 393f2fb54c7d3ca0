import { Host, SystemError } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressRange } from "../src/address-range.js";
import { FakeKernel } from "../src/fake-kernel.js";
import { LatencyHistogram } from "../src/latency-histogram.js";
import { NullKeyExchange } from "../src/null-key-exchange.js";
import { formatNumbers } from "../src/number-format.js";
import { Pauses } from "../src/pauses.js";
import { Selectors } from "../src/selectors.js";
import { ManualScheduler, settle } from "./fakes.js";

describe("number format", () => {
  it.each([
    ["user-%d-%d@example.org", "user-2-3@example.org"],
    ["%05d/%3u/100%%", "00002/  3/100%"],
    ["all the same", "all the same"],
    ["%i", "2"],
  ])("of %s is %s", (format, text) => {
    expect(formatNumbers("initiator_id", format, [2, 3])).toBe(text);
  });

  it.each(["%s", "100%", "%d%d%d", "%ld", "%-5d", "%999d"])("refuses %s", (format) => {
    expect(() => formatNumbers("initiator_id", format, [2, 3])).toThrow(
      expect.objectContaining({ code: "CYG_LOAD_TESTER_FORMAT", message: expect.stringContaining(`initiator_id: '${format}'`) }),
    );
  });
});

describe("latency histogram", () => {
  it("gives exact percentiles within one percent, whatever the values", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value);
        const sorted = [...values].sort((a, b) => a - b);
        for (const percent of [0, 1, 50, 90, 99, 99.9, 100]) {
          const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1];
          expect(Math.abs(histogram.percentile(percent) - exact)).toBeLessThanOrEqual(exact / 100);
        }
        expect(histogram.min).toBe(sorted[0]);
        expect(histogram.max).toBe(sorted.at(-1));
        expect(histogram.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 3);
      }),
    );
  });

  it("has each value in one bucket, and buckets that follow each other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
        const histogram = new LatencyHistogram();
        histogram.record(value);
        const [{ from, to, count }] = histogram.buckets();
        expect(count).toBe(1);
        expect(from <= value && value < to).toBe(true);
        expect(to - from).toBeLessThanOrEqual(Math.max(1, from / 100));
      }),
    );
  });

  it("counts what others have counted as if it had done so itself", () => {
    const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 50 });
    const histogramOf = (all: readonly number[]): LatencyHistogram => {
      const histogram = new LatencyHistogram();
      for (const value of all) histogram.record(value);
      return histogram;
    };
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (parts) => {
        const merged = new LatencyHistogram();
        for (const part of parts) merged.add(structuredClone(histogramOf(part).counts()));
        expect(merged.counts()).toEqual(histogramOf(parts.flat()).counts());
      }),
    );
  });

  it("keeps what is longer than its buckets in the last one, and knows it exactly as the maximum", () => {
    const histogram = new LatencyHistogram();
    histogram.record(1e12);
    histogram.record(-5);
    expect(histogram.max).toBe(1e12);
    expect(histogram.min).toBe(0);
    expect(histogram.buckets().map(({ count }) => count)).toEqual([1, 1]);
  });

  it("is all zeros without values", () => {
    const { min, max, mean, count } = new LatencyHistogram();
    expect([min, max, mean, count, new LatencyHistogram().percentile(50)]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("fake kernel", () => {
  it("counts SPIs from 1 in the byte order of x86", () => {
    const kernel = new FakeKernel();
    const spis = Array.from({ length: 256 }, () => kernel.getSpi().toString(16).padStart(8, "0"));
    expect([spis[0], spis[1], spis[254], spis[255]]).toEqual(["01000000", "02000000", "ff000000", "00010000"]);
  });

  it("has no SPI on two shards", () => {
    const spis = [0, 1, 2].map((shard) => {
      const kernel = new FakeKernel({ shard, shards: 3 });
      return Array.from({ length: 3 }, () => kernel.getSpi() >>> 24);
    });
    expect(spis).toEqual([
      [1, 4, 7],
      [2, 5, 8],
      [3, 6, 9],
    ]);
  });

  it("does everything but counting and compressing", () => {
    const kernel = new FakeKernel();
    expect(kernel.addSa()).toBeUndefined();
    expect(kernel.querySa()).toMatchObject({ bytes: 0, packets: 0 });
    expect(kernel.querySa().lastUseMs).toBeLessThan(Date.now());
    expect(kernel.updateSa()).toBeUndefined();
    expect([kernel.requiresUdpEncap, kernel.raisesExpires]).toEqual([false, false]);
    expect(() => kernel.getCpi()).toThrow(SystemError);
  });
});

describe("MODP_NULL", () => {
  it("takes empty values and nothing else", () => {
    const method = new NullKeyExchange();
    const none = new Uint8Array(0);
    method.generate(none, none);
    expect([method.privateBytes, method.publicBytes, method.responseBytes, method.secretBytes]).toEqual([0, 0, 0, 0]);
    expect(method.respond(none, none, none) && method.derive(none, none, none)).toBe(true);
    expect(method.respond(new Uint8Array(1), none, none) || method.derive(none, new Uint8Array(1), none)).toBe(false);
  });
});

describe("traffic selectors", () => {
  it("are dynamic without an option", () => {
    expect(new Selectors().forInitiation(undefined)).toEqual(["dynamic"]);
    expect(new Selectors().forInitiation(" , ")).toEqual(["dynamic"]);
  });

  it("have another unique port for each initiation, and any for the responder", () => {
    const selectors = new Selectors();
    const option = "10.0.0.0/8[tcp/%unique], %dynamic[udp/53], fec0::/16[17/%opaque]";
    const rest = ["dynamic[udp/53]", "fec0::/16[17/%opaque]"];
    expect(selectors.forInitiation(option)).toEqual(["10.0.0.0/8[tcp/1025]", ...rest]);
    expect(selectors.forInitiation(option)).toEqual(["10.0.0.0/8[tcp/1026]", ...rest]);
    expect(selectors.forResponder(option)).toEqual(["10.0.0.0/8[tcp/%any]", ...rest]);
    for (let i = 1027; i <= 65_535; i++) selectors.forInitiation("%dynamic[6/%unique]");
    expect(selectors.forInitiation(option)[0]).toBe("10.0.0.0/8[tcp/1025]");
  });
});

describe("address range", () => {
  const take = (range: AddressRange | undefined, count: number) => Array.from({ length: count }, () => range?.take()?.toString());

  it.each([
    ["10.0.0.0/30", ["10.0.0.1", "10.0.0.2", undefined]],
    ["10.0.0.77/30", ["10.0.0.77", "10.0.0.78", undefined]],
    ["10.0.0.4/31", ["10.0.0.4", "10.0.0.5", undefined]],
    ["10.0.0.4", ["10.0.0.4", undefined]],
    ["10.0.0.254 - 10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1", undefined]],
    ["fec0::ffff-fec0::1:1", ["fec0::ffff", "fec0::1:0", "fec0::1:1", undefined]],
    ["fec0::/64", ["fec0::1", "fec0::2"]],
  ])("%s has %j", (text, addresses) => {
    expect(take(AddressRange.parse(text), addresses.length)).toEqual(addresses);
  });

  it.each(["", "rw", "10.0.0.0/33", "10.0.0.9-10.0.0.1", "10.0.0.1-fec0::1", "1.2.3.4/8/8", "a-b-c", "%any", "%config"])(
    "refuses '%s'",
    (text) => {
      expect(AddressRange.parse(text)).toBeUndefined();
    },
  );

  it("hands out again what came back, when all others are taken", () => {
    const range = AddressRange.parse("10.0.0.1-10.0.0.2")!;
    const first = range.take()!;
    range.giveBack(first);
    expect(take(range, 3)).toEqual(["10.0.0.2", "10.0.0.1", undefined]);
    range.giveBack(Host.of("10.0.0.1"));
    expect(take(range, 1)).toEqual(["10.0.0.1"]);
  });
});

describe("pauses", () => {
  it("end with their time, when woken, and at once after a stop", async () => {
    const scheduler = new ManualScheduler();
    const pauses = new Pauses(scheduler);
    const ended: string[] = [];
    const pause = (name: string, ms: number) => void pauses.sleep(ms).then(() => ended.push(name));
    pause("none", 0);
    pause("short", 10);
    pause("long", 1000);
    await settle(1);
    expect(ended).toEqual(["none"]);
    scheduler.advance(10);
    await settle(1);
    expect(ended).toEqual(["none", "short"]);
    pauses.wake();
    await settle(1);
    expect(ended).toEqual(["none", "short", "long"]);
    pauses.stop();
    pause("late", 1000);
    await settle(1);
    expect(ended.at(-1)).toBe("late");
    expect(scheduler.pending).toBe(0);
  });
});
