import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import { LogManager, configureLog, logTroubles } from "@cygnet/runtime";
import type { LogTrouble } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { afterEach, beforeEach, expect, it } from "vitest";
import { unpackRecords } from "../src/threads/record-batch.js";
import type { RecordBatch } from "../src/threads/record-batch.js";
import { ShardLog } from "../src/threads/shard-log.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-shard-log-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, "charon.log");
const linesOf = (file: string): string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);

/** Control's log with a file, and that of a shard whose first job slot is number 5. */
function setup(options = "append = no") {
  const clock = new VirtualClock();
  const control = new LogManager(clock);
  const configure = (): Promise<void> =>
    configureLog({
      log: control,
      charon: parseSettings(`charon { filelog { a { path = ${path()}\n${options} } } }`, { file: "c" }).settings.section(
        "charon",
      ),
      timers: clock,
      troubles: logTroubles(control),
      syslog: () => expect.fail("nothing is for the system log"),
    });
  void configure();
  const relayed: RecordBatch[] = [];
  const troubles: LogTrouble[] = [];
  const log = new LogManager(clock, 4);
  const shard = new ShardLog({
    log,
    timers: clock,
    demand: structuredClone(control.demand()),
    relay: (records) => {
      relayed.push(structuredClone(records));
      unpackRecords(records, (record) => control.relay(record));
    },
    trouble: (trouble) => troubles.push(trouble),
  });
  const adjusted: Promise<void>[] = [];
  control.onDemand(() => adjusted.push(shard.adjust(structuredClone(control.demand()))));
  const close = async (): Promise<void> => {
    await Promise.all(adjusted);
    await log.close();
    await control.close();
  };
  return { control, log, configure, relayed, troubles, adjusted, close };
}

it("a shard writes its lines to the log file by itself, with its own numbers of threads, and hands none over", async () => {
  const { control, log, relayed, close } = setup();
  control.log(LogGroup.DMN, 1, "control's");
  log.enterJob(2);
  log.log(LogGroup.IKE, 1, "the shard's");
  log.log(LogGroup.IKE, 2, "too much");
  await close();
  expect(linesOf(path()).toSorted()).toEqual(["00[DMN] control's", "06[IKE] the shard's"]);
  expect(relayed).toEqual([]);
});

it("levels that are changed while it runs are a shard's as well", async () => {
  const { control, log, close } = setup();
  control.setLevel(LogGroup.IKE, 2);
  log.log(LogGroup.IKE, 2, "now wanted");
  control.setLevel(undefined, -1);
  log.log(LogGroup.IKE, 0, "no more");
  await close();
  expect(linesOf(path())).toEqual(["00[IKE] now wanted"]);
});

it("a file that was moved is opened anew with control's, and what came before is in the old one", async () => {
  const { log, configure, adjusted, close } = setup("append = yes");
  log.log(LogGroup.IKE, 1, "before");
  renameSync(path(), `${path()}.1`);
  await configure();
  await Promise.all(adjusted);
  log.log(LogGroup.IKE, 1, "after");
  await close();
  expect(linesOf(`${path()}.1`)).toEqual(["00[IKE] before"]);
  expect(linesOf(path())).toEqual(["00[IKE] after"]);
});

it("who listens on control gets a shard's messages once, and only while he listens", async () => {
  const { control, log, relayed, close } = setup();
  const sink = new MemorySink(2);
  const stop = control.addSink(sink);
  log.log(LogGroup.IKE, 2, "heard");
  await new Promise((resolve) => setImmediate(resolve));
  stop();
  log.log(LogGroup.IKE, 1, "unheard");
  await new Promise((resolve) => setImmediate(resolve));
  await close();
  expect(sink.messages(LogGroup.IKE)).toEqual(["heard"]);
  expect(relayed).toHaveLength(1);
  expect(linesOf(path())).toEqual(["00[IKE] unheard"]);
});

it("a file that a shard cannot open is told of, and the log goes on", async () => {
  const { control, log, troubles, adjusted, close } = setup();
  rmSync(folder, { recursive: true });
  control.replaceSinks(control.sinks);
  await Promise.all(adjusted);
  log.log(LogGroup.IKE, 1, "nowhere");
  expect(troubles).toEqual([{ target: path(), error: "ENOENT", lost: 0 }]);
  await close();
  // The folder is what the next line of the test's end removes.
  folder = mkdtempSync(join(tmpdir(), "cygnet-shard-log-"));
});
