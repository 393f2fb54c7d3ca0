import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import type { LogRecord } from "@cygnet/plugin-api";
import { LevelTable, LineFormat, LineSink } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-log-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Messages as they are logged, and as a peer would like them to be: with line feeds, escape sequences, C1 controls, and far too long. */
const message = fc.oneof(
  { arbitrary: fc.string(), weight: 8 },
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u009b31mred", "two\nlines", "tab\there", "nothing\0", "\ud800", "\u00a0\u0080"),
  { arbitrary: fc.constantFrom("x".repeat(9000), "y\n".repeat(30_000), `${"z".repeat(70_000)}\u001b`), weight: 1 },
);
const someRecord = fc.record({
  group: fc.constantFrom(LogGroup.IKE, LogGroup.NET, LogGroup.ENC),
  level: fc.constant(1),
  message,
  thread: fc.integer({ min: 0, max: 300 }),
  ikeSaId: fc.constant(0),
  ikeSaName: fc.constant(""),
  timeMs: fc.integer({ min: 1_790_000_000_000, max: 1_790_000_002_000 }),
});

describe("a log file", () => {
  it("holds the lines of every message in order, however they were collected", async () => {
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(someRecord, { maxLength: 150 }), async (records: LogRecord[]) => {
        const path = join(folder, `${files++}.log`);
        const clock = new VirtualClock();
        const options = { timeFormat: "%T" };
        const sink = LineSink.file(path, true, {
          levels: new LevelTable(),
          timers: clock,
          onTrouble: ({ error }) => expect.fail(error),
          ...options,
        });
        for (const record of records) sink.write(record);
        await sink.end();
        const format = new LineFormat(options);
        const expected = records.map((record) => format.format(record)).join("");
        expect(readFileSync(path).equals(Buffer.from(expected, "utf8"))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
