import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LogGroup } from "@cygnet/plugin-api";
import { LevelTable, LineSink, LogManager, logTroubles } from "@cygnet/runtime";
import type { LogTrouble } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let pipe: string;
let reader: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-pipe-"));
  pipe = join(folder, "log.pipe");
  execFileSync("mkfifo", [pipe]);
  reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
});

afterEach(() => {
  closeSync(reader);
  rmSync(folder, { recursive: true });
});

/** What lies in the pipe now. */
function drain(): string {
  const chunk = Buffer.alloc(65_536);
  let text = "";
  for (;;) {
    let count: number;
    try {
      count = readSync(reader, chunk);
    } catch {
      return text;
    }
    if (count === 0) return text;
    text += chunk.toString("latin1", 0, count);
  }
}

/** Whether something was written; takes an octet of it. */
function hasBegun(): boolean {
  try {
    return readSync(reader, Buffer.alloc(1)) === 1;
  } catch {
    return false;
  }
}

function setup() {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const others = new MemorySink();
  const troubles = logTroubles(log);
  const onTrouble = (trouble: LogTrouble): void => troubles.report(0, trouble);
  const sink = LineSink.file(pipe, true, { levels: new LevelTable(), timers: clock, onTrouble });
  log.addSink(sink);
  /** Reads until `done`, letting the writer try again in between. */
  const readUntil = async (done: (text: string) => boolean): Promise<string> => {
    let text = "";
    for (const end = Date.now() + 25_000; !done(text) && Date.now() < end;) {
      text += drain();
      // Not much faster than real time, which the threads that write need on a busy machine: the sink gives a reader up after a second.
      clock.advance(4);
      await sleep(1);
    }
    expect(done(text)).toBe(true);
    return text;
  };
  return { clock, log, others, sink, readUntil };
}

describe("a log whose reader is slow", () => {
  it("gets every line in order once it reads", async () => {
    const { log, sink, readUntil } = setup();
    let expected = "";
    for (let i = 0; i < 5000; i++) {
      const line = `line ${i} ${"x".repeat(60)}`;
      expected += `00[IKE] ${line}\n`;
      log.log(LogGroup.IKE, 1, line);
    }
    log.flush();
    expect((await readUntil((text) => text.length >= expected.length)) === expected).toBe(true);
    await sink.end();
  });

  it("loses what is beyond the backlog, whole lines only, and is told how many", async () => {
    const { log, others, sink, readUntil } = setup();
    log.addSink(others);
    const line = "y".repeat(10_000);
    const total = 2000;
    for (let i = 0; i < total; i++) log.log(LogGroup.IKE, 1, line);
    others.lines.length = 0;
    log.flush();
    const text = await readUntil((all) => all.includes("messages are missing"));
    const lines = text.slice(0, -1).split("\n");
    const kept = lines.filter((one) => one === `00[IKE] ${line}`).length;
    expect(kept).toBe(lines.length - 1);
    expect(kept).toBeGreaterThan(800);
    expect(kept).toBeLessThan(total);
    expect(others.messages(LogGroup.DMN)).toEqual([`writing log to ${pipe} works again, ${total - kept} messages are missing`]);
    await sink.end();
  });

  it("that nobody reads at all holds up the end for a second only", async () => {
    const { clock, log, sink } = setup();
    for (let i = 0; i < 3000; i++) log.log(LogGroup.IKE, 1, "z".repeat(60));
    let isEnded = false;
    const ended = sink.end().then(() => (isEnded = true));
    await expect.poll(hasBegun, { interval: 1 }).toBe(true);
    let waitedMs = 0;
    await expect
      .poll(
        () => {
          clock.advance(100);
          waitedMs += 100;
          return isEnded;
        },
        { interval: 1 },
      )
      .toBe(true);
    await ended;
    expect(waitedMs).toBeGreaterThanOrEqual(1000);
    // Nor is the descriptor written to afterwards, when its number may be another file's.
    drain();
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(drain()).toBe("");
  });

  it("that is read slowly gets the rest at the end, however long that takes", async () => {
    const { log, sink, readUntil } = setup();
    const line = "z".repeat(60);
    for (let i = 0; i < 20_000; i++) log.log(LogGroup.IKE, 1, line);
    const ended = sink.end();
    const text = await readUntil((all) => all.length >= 20_000 * `00[IKE] ${line}\n`.length);
    await ended;
    expect(text.match(/z\n/g)).toHaveLength(20_000);
  });
});
