import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OwnTags } from "../src/leftovers/own-tags.js";
import { RunRecord } from "../src/leftovers/run-record.js";

describe("tags", () => {
  const tags = new OwnTags(0x12345678);

  it("differ by SPI, protocol and seed, and are never 0, which others have", () => {
    const all = Array.from({ length: 10_000 }, (_, i) => tags.sa(0xc0000000 + i, 50));
    expect(new Set(all).size).toBeGreaterThan(9990);
    expect(all).not.toContain(0);
    expect(all.every((tag) => Number.isInteger(tag) && tag > 0 && tag <= 0xffffffff)).toBe(true);
    expect(tags.sa(0xc0000000, 50)).not.toBe(tags.sa(0xc0000000, 108));
    expect(tags.sa(0xc0000000, 50)).not.toBe(new OwnTags(0x12345679).sa(0xc0000000, 50));
  });

  it("of SAs tell the shard, and that those of others are nobody's", () => {
    const [spi, protocol] = [0xc0000007, 50];
    for (const shard of [0, 1, 63]) {
      const tag = new OwnTags(0x12345678, shard).sa(spi, protocol);
      expect(tags.shardOf(tag, spi, protocol)).toBe(shard);
      expect(tags.shardOf(tag, spi + 1, protocol)).toBeUndefined();
      expect(new OwnTags(0x12345679).shardOf(tag, spi, protocol)).toBeUndefined();
    }
    expect(tags.shardOf(0, spi, protocol)).toBeUndefined();
  });

  it("of policies have the direction in the lowest three bits, as the kernel wants it", () => {
    for (const direction of [0, 1, 2]) {
      const tag = tags.policy("out 4 0", direction);
      expect(tag & 7).toBe(direction);
      expect(tag).toBeGreaterThanOrEqual(8);
    }
    expect(tags.policy("a", 0)).not.toBe(tags.policy("b", 0));
  });
});

describe("the record of a run", () => {
  let folder: string;
  const lines: string[] = [];
  const log = { enabled: () => true, log: (_group: unknown, _level: unknown, message: string) => void lines.push(message) };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cyg-record-"));
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (name = "charon.kernel-netlink"): RunRecord => new RunRecord(join(folder, name), log);
  const address = { kind: "address", address: "10.3.0.1", prefix: 32, interfaceIndex: 7, shard: 0 } as const;

  it("has the same seed for all threads, and for the next daemon", () => {
    const seed = open().seed();
    expect(open().seed()).toBe(seed);
    expect(open("other").seed()).not.toBe(seed);
  });

  it("gives a new seed where the old one is no seed", () => {
    const record = open();
    record.seed();
    writeFileSync(join(folder, "charon.kernel-netlink/seed"), "no seed");
    expect(record.seed()).toBe(open().seed());
  });

  it("keeps notes until they are deleted, and leaves out what is half written", () => {
    const record = open();
    record.seed();
    record.add(address);
    const rule = { kind: "rule", family: 6, table: 220, priority: 220 } as const;
    record.add(rule);
    writeFileSync(join(folder, "charon.kernel-netlink/address-10.3.0.2"), '{"kind":"addr');
    expect(open().notes()).toEqual([address, rule]);
    record.delete(address);
    record.delete(rule);
    expect(readdirSync(join(folder, "charon.kernel-netlink"))).toEqual(["address-10.3.0.2", "seed"]);
  });

  it("that cannot be kept is one line in the log, and a seed for this time", () => {
    writeFileSync(join(folder, "file"), "");
    const record = open("file/folder");
    expect(record.seed()).not.toBe(record.seed());
    record.add(address);
    expect(record.notes()).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("what is in the kernel cannot be recorded");
  });
});
