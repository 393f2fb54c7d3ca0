import { LOG_GROUPS, LogGroup } from "@cygnet/plugin-api";
import type { LogRecord, LogSink } from "@cygnet/plugin-api";
import { LevelTable, LogManager, parseGroup } from "@cygnet/runtime";
import type { AdjustableSink } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { describe, expect, it } from "vitest";

class TableSink implements AdjustableSink {
  readonly messages: string[] = [];
  readonly levels = new LevelTable();

  level(group: LogGroup): number {
    return this.levels.get(group);
  }

  setLevel(group: LogGroup | undefined, level: number): void {
    this.levels.set(group, level);
  }

  write(record: LogRecord): void {
    this.messages.push(record.message);
  }
}

describe("log manager", () => {
  it("is enabled for what any sink wants, per group", () => {
    const log = new LogManager(new VirtualClock());
    expect(log.enabled(LogGroup.IKE, 0)).toBe(false);
    const sink = new TableSink();
    const undo = log.addSink(sink);
    expect(log.enabled(LogGroup.IKE, 1)).toBe(true);
    expect(log.enabled(LogGroup.IKE, 2)).toBe(false);
    log.setLevel(LogGroup.KNL, 3);
    expect(log.enabled(LogGroup.KNL, 3)).toBe(true);
    expect(log.enabled(LogGroup.IKE, 3)).toBe(false);
    log.setLevel(undefined, -1);
    for (let group = 0; group < LOG_GROUPS; group++) expect(log.enabled(group, 0)).toBe(false);
    log.setLevel(undefined, 99);
    expect(log.enabled(LogGroup.IKE, 4)).toBe(true);
    undo();
    expect(log.enabled(LogGroup.IKE, 0)).toBe(false);
  });

  it("keeps attached sinks when the others are replaced", () => {
    const log = new LogManager(new VirtualClock());
    const [configured, attached, next] = [new MemorySink(), new MemorySink(), new MemorySink()];
    log.addSink(configured);
    const detach = log.attach(attached);
    expect(log.replaceSinks([next])).toEqual([configured]);
    log.log(LogGroup.CFG, 1, "one");
    detach();
    log.log(LogGroup.CFG, 1, "two");
    expect([configured, attached, next].map((sink) => sink.lines.length)).toEqual([0, 1, 2]);
    log.attach(attached);
    expect(log.replaceSinks([])).toEqual([next]);
  });

  it("gives each sink only what it wants", () => {
    const log = new LogManager(new VirtualClock());
    const quiet = new TableSink();
    quiet.levels.set(undefined, 0);
    const loud = new MemorySink();
    log.addSink(quiet);
    log.addSink(loud);
    log.log(LogGroup.IKE, 0, "audit");
    log.log(LogGroup.IKE, 2, "detail");
    expect(quiet.messages).toEqual(["audit"]);
    expect(loud.lines).toEqual(["00[IKE0] audit", "00[IKE2] detail"]);
  });

  it("writes thread and IKE_SA of the job at work, and none after it", () => {
    const log = new LogManager(new VirtualClock());
    const sink = new MemorySink();
    log.addSink(sink);
    log.enterJob(7);
    log.log(LogGroup.NET, 1, "received");
    log.setContext(12, "");
    log.log(LogGroup.IKE, 1, "unnamed");
    log.setContext(12, "home");
    log.log(LogGroup.IKE, 1, "named");
    log.clearContext();
    log.log(LogGroup.JOB, 1, "cleared");
    log.setContext(12, "home");
    log.leaveJob();
    log.log(LogGroup.DMN, 1, "idle");
    expect(sink.lines).toEqual([
      "07[NET1] received",
      "07[IKE1] <12> unnamed",
      "07[IKE1] <home|12> named",
      "07[JOB1] cleared",
      "00[DMN1] idle",
    ]);
  });

  it("lets observers follow one IKE_SA up to their own level, and costs nothing when they are gone", () => {
    const log = new LogManager(new VirtualClock());
    log.addSink(new TableSink());
    const seen: string[] = [];
    const undo = log.observe(3, 2, (record) => seen.push(record.message));
    const undoOther = log.observe(3, 1, (record) => seen.push(`other ${record.message}`));
    expect(log.enabled(LogGroup.IKE, 2)).toBe(true);
    log.setContext(3, "home");
    log.log(LogGroup.IKE, 1, "one");
    log.log(LogGroup.IKE, 2, "two");
    log.log(LogGroup.IKE, 3, "three");
    log.setContext(4, "office");
    log.log(LogGroup.IKE, 1, "another SA");
    undoOther();
    log.setContext(3, "home");
    log.log(LogGroup.IKE, 1, "last");
    undo();
    undo();
    log.log(LogGroup.IKE, 1, "unseen");
    expect(seen).toEqual(["one", "other one", "two", "last"]);
    expect(log.enabled(LogGroup.IKE, 2)).toBe(false);
  });

  it("survives sinks and observers that throw, and says so once", async () => {
    const log = new LogManager(new VirtualClock());
    const broken: LogSink = {
      level: () => 1,
      write: () => {
        throw new Error("no space");
      },
    };
    const good = new MemorySink();
    log.addSink(broken);
    log.addSink(good);
    log.log(LogGroup.IKE, 1, "a");
    log.log(LogGroup.IKE, 1, "b");
    await Promise.resolve();
    expect(good.lines).toEqual(["00[IKE1] a", "00[IKE1] b", "00[LIB1] a log sink failed: Error: no space"]);
  });

  it("keeps the record of a message apart from one that a sink logs meanwhile", () => {
    const log = new LogManager(new VirtualClock());
    const after: string[] = [];
    log.addSink({
      level: () => 1,
      write: (record) => {
        if (record.message === "outer") log.log(LogGroup.LIB, 1, "inner");
      },
    });
    log.addSink({ level: () => 1, write: (record) => void after.push(record.message) });
    log.log(LogGroup.IKE, 1, "outer");
    expect(after).toEqual(["inner", "outer"]);
  });

  it("knows strongSwan's groups by their keys", () => {
    expect(parseGroup("ike")).toBe(LogGroup.IKE);
    expect(parseGroup("LIB")).toBe(LogGroup.LIB);
    expect(parseGroup("any")).toBeUndefined();
  });
});
