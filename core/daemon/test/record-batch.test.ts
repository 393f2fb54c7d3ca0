import type { LogRecord } from "@cygnet/plugin-api";
import fc from "fast-check";
import { expect, it } from "vitest";
import { RecordPacker, unpackRecords } from "../src/threads/record-batch.js";

const record: fc.Arbitrary<LogRecord> = fc.record({
  group: fc.nat(18),
  level: fc.integer({ min: 0, max: 4 }),
  message: fc.string({ unit: "binary" }),
  thread: fc.nat(64),
  ikeSaId: fc.nat(),
  ikeSaName: fc.string(),
  timeMs: fc.double({ min: 0, max: 2e12, noNaN: true }),
});

it("log records come out of a batch as they went in, also across threads", () => {
  const packer = new RecordPacker();
  fc.assert(
    fc.property(fc.array(record, { maxLength: 200, size: "max" }), (records) => {
      const firsts = records.map((each) => packer.add(each));
      expect(firsts).toEqual(records.map((_, index) => index === 0));
      const batch = packer.take();
      expect(batch === undefined).toBe(records.length === 0);
      expect(packer.take()).toBeUndefined();
      const unpacked: LogRecord[] = [];
      if (batch) unpackRecords(structuredClone(batch), (each) => unpacked.push(each));
      expect(unpacked).toEqual(records);
    }),
    { numRuns: 30 },
  );
});
