import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import { LevelTable, LineSink, LogManager } from "@cygnet/runtime";
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

function setup() {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const others = new MemorySink();
  const sink = LineSink.file(pipe, true, { levels: new LevelTable(), timers: clock, log });
  log.addSink(sink);
  /** Reads until `done`, letting the writer try again in between. */
  const readUntil = async (done: (text: string) => boolean): Promise<string> => {
    let text = "";
    await expect
      .poll(
        () => {
          text += drain();
          clock.advance(100);
          return done(text);
        },
        { interval: 1, timeout: 20_000 },
      )
      .toBe(true);
    return text;
  };
  return { log, others, sink, readUntil };
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
});
