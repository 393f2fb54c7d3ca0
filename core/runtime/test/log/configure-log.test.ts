import { existsSync, fstatSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import { LevelTable, LineSink, LogManager, OptionError, configureLog, logTroubles } from "@cygnet/runtime";
import type { LogSetup, SyslogTransport } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

class MemorySyslog implements SyslogTransport {
  readonly entries: string[] = [];
  ended = 0;

  constructor(readonly identifier: string) {}

  send(priority: number, line: string): void {
    this.entries.push(`${priority} ${line}`);
  }

  end(): Promise<void> {
    this.ended++;
    return Promise.resolve();
  }
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-log-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function setup(text: string, changes: Partial<LogSetup> = {}) {
  const clock = new VirtualClock(new Date(2026, 10, 22, 17, 36, 43, 876).getTime());
  const log = new LogManager(clock);
  const transports: MemorySyslog[] = [];
  const options: LogSetup = {
    log,
    charon: parseSettings(text, { file: "strongswan.conf" }).settings.section("charon"),
    timers: clock,
    troubles: logTroubles(log),
    syslog: (identifier) => {
      const transport = new MemorySyslog(identifier);
      transports.push(transport);
      return transport;
    },
    ...changes,
  };
  return { log, clock, options, transports, configure: () => configureLog(options) };
}

const read = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("file logs", () => {
  it("write what their levels want, with all line options", async () => {
    const { log, configure } = setup(`charon { filelog {
      a { path = ${folder}/a.log
          default = 1
          ike = 2
          knl = -1
          time_format = %b %e %T
          time_add_ms = yes
          log_level = yes
          ike_name = yes }
      json { path = ${folder}/b.log
          json = yes
          default = 0 } } }`);
    await configure();
    log.setContext(1, "home");
    log.log(LogGroup.IKE, 2, "two");
    log.log(LogGroup.IKE, 3, "three");
    log.log(LogGroup.KNL, 0, "audit");
    log.log(LogGroup.CFG, 1, "multi\nline");
    await log.close();
    expect(read("a.log")).toBe(
      "Nov 22 17:36:43.876 00[IKE2] <home|1> two\n" +
        "Nov 22 17:36:43.876 00[CFG1] <home|1> multi\n" +
        "Nov 22 17:36:43.876 00[CFG1] <home|1> line\n",
    );
    expect(JSON.parse(read("b.log"))).toMatchObject({ group: "KNL", level: 0, msg: "audit" });
    expect(statSync(join(folder, "a.log")).mode & 0o007).toBe(0);
  });

  it("append by default, and empty the file at each configuration with append = no", async () => {
    writeFileSync(join(folder, "a.log"), "old\n");
    writeFileSync(join(folder, "b.log"), "old\n");
    const { log, configure } = setup(`charon { filelog {
      a { path = ${folder}/a.log }
      b { path = ${folder}/b.log
          append = no } } }`);
    await configure();
    log.log(LogGroup.IKE, 1, "first");
    await configure();
    log.log(LogGroup.IKE, 1, "second");
    await log.close();
    expect(read("a.log")).toBe("old\n00[IKE] first\n00[IKE] second\n");
    expect(read("b.log")).toMatch(/^(00\[IKE\] first\n)?00\[IKE\] second\n$/);
    expect(read("b.log")).not.toContain("old");
  });

  it("keep the order of many lines through buffer, backlog and flushes", async () => {
    const { log, configure } = setup(`charon { filelog { a { path = ${folder}/a.log } } }`);
    await configure();
    let expected = "";
    for (let i = 0; i < 20_000; i++) {
      const message = `line ${i} äöü ${"x".repeat(i % 50)}`;
      expected += `00[IKE] ${message}\n`;
      log.log(LogGroup.IKE, 1, message);
      if (i % 1000 === 0) log.flush();
    }
    const huge = "y".repeat(200_000);
    log.log(LogGroup.IKE, 1, huge);
    log.log(LogGroup.IKE, 1, "last");
    await log.close();
    expect(read("a.log") === `${expected}00[IKE] ${huge}\n00[IKE] last\n`).toBe(true);
  });

  it("write at once before a process ends", async () => {
    const { log, configure } = setup(`charon { filelog { a { path = ${folder}/a.log } } }`);
    await configure();
    log.log(LogGroup.DMN, 1, "SIGTERM received, shutting down");
    log.flushSync();
    expect(read("a.log")).toBe("00[DMN] SIGTERM received, shutting down\n");
    await log.close();
  });

  it("report a file that cannot be opened to the others and go on", async () => {
    const { log, configure } = setup(`charon { filelog {
      bad { path = ${folder}/missing/x.log }
      good { path = ${folder}/a.log } } }`);
    await configure();
    await log.close();
    expect(read("a.log")).toBe(`00[DMN] opening file ${folder}/missing/x.log for logging failed: ENOENT\n`);
  });

  it.skipIf(!existsSync("/dev/full"))("report a full disk once, and throw nothing", async () => {
    const { log, configure } = setup(`charon { filelog {
      full { path = /dev/full\n flush_line = yes }
      good { path = ${folder}/a.log } } }`);
    await configure();
    const [full] = log.sinks;
    for (let i = 0; i < 5; i++) {
      log.log(LogGroup.IKE, 1, `line ${i}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await full.end?.();
    await log.close();
    const lines = read("a.log").split("\n");
    expect(lines.filter((line) => line.includes("/dev/full"))).toEqual(["00[DMN] writing log to /dev/full failed: ENOSPC"]);
    expect(lines.filter((line) => line.startsWith("00[IKE]"))).toHaveLength(5);
  });

  it("leave an unusable value out of effect and say where it is", async () => {
    const good = setup(`charon { filelog { a { path = ${folder}/a.log } } }`);
    await good.configure();
    const cases: [string, string][] = [
      ["ike = loud", "charon.filelog.a.ike: 'loud' is not a number"],
      ["append = maybe", "charon.filelog.a.append: 'maybe' is not yes or no"],
      ["time_precision = ns", "charon.filelog.a.time_precision: 'ns' is none of none, ms, us"],
    ];
    for (const [line, message] of cases) {
      const { options } = setup(`charon {\n filelog {\n a {\n  path = ${folder}/a.log\n  ${line}\n } } }`);
      try {
        await configureLog({ ...options, log: good.log });
        expect.fail(line);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError);
        expect(error).toMatchObject({ code: "CYG_OPTION_VALUE", file: "strongswan.conf", line: 5 });
        expect((error as OptionError).message).toContain(message);
      }
    }
    good.log.log(LogGroup.IKE, 1, "still here");
    await good.log.close();
    expect(read("a.log")).toBe("00[IKE] still here\n");
  });

  it("take a level beyond 4 for 4 and one below -1 for -1, and say so", async () => {
    const { log, configure } = setup(`charon { filelog { a { path = ${folder}/a.log\n default = 5\n ike = -2 } } }`);
    await configure();
    log.log(LogGroup.KNL, 4, "key");
    log.log(LogGroup.IKE, 0, "audit");
    await log.close();
    expect(read("a.log").split("\n")).toEqual([
      "00[DMN] strongswan.conf:2:2: charon.filelog.a.default: 5 is more than 4, which is used",
      "00[DMN] strongswan.conf:3:2: charon.filelog.a.ike: -2 is less than -1, which is used",
      "00[KNL] key",
      "",
    ]);
  });

  it("write by themselves after a while without a flush", async () => {
    const { log, clock, configure } = setup(`charon { filelog { a { path = ${folder}/a.log } } }`);
    await configure();
    log.log(LogGroup.IKE, 1, "lonely");
    expect(clock.armedTimers).toBe(1);
    clock.advance(100);
    // The write is under way now; closing waits for it.
    await log.close();
    expect(read("a.log")).toBe("00[IKE] lonely\n");
    expect(clock.armedTimers).toBe(0);
  });
});

describe("the system log", () => {
  it("gets facilities, severities and levels from the configuration", async () => {
    const { log, transports, configure } = setup(`charon { syslog {
      identifier = vpn
      daemon { default = 1\n ike_name = yes\n log_level = yes }
      auth { default = 0\n ike = 3\n map_level = 5 } } }`);
    await configure();
    expect(transports.map(({ identifier }) => identifier)).toEqual(["vpn"]);
    log.setContext(2, "home");
    log.log(LogGroup.CFG, 1, "one\ntwo");
    log.log(LogGroup.IKE, 0, "audit");
    log.log(LogGroup.IKE, 3, "raw");
    await log.close();
    const info = (3 << 3) | 6;
    const auth = 10 << 3;
    expect(transports[0].entries).toEqual([
      `${info} 00[CFG1] <home|2> one`,
      `${info} 00[CFG1] <home|2> two`,
      `${info} 00[IKE0] <home|2> audit`,
      `${auth | 5} 00[IKE] audit`,
      `${auth | 7} 00[IKE] raw`,
    ]);
    expect(transports[0].ended).toBeGreaterThan(0);
  });

  it("is the default, with standard output unless --use-syslog, at the levels of the command line", async () => {
    const commandLine = new LevelTable(1);
    commandLine.set(LogGroup.IKE, 2);
    const { log, transports, configure } = setup("charon { }", { commandLine, useSyslog: true });
    await configure();
    expect(log.sinks).toHaveLength(2);
    log.log(LogGroup.IKE, 2, "detail");
    log.log(LogGroup.CFG, 2, "too much");
    log.log(LogGroup.IKE, 0, "audit");
    const info = (3 << 3) | 6;
    expect(transports.flatMap(({ entries }) => entries)).toEqual([
      `${info} 00[IKE] detail`,
      `${info} 00[IKE] audit`,
      `${(10 << 3) | 6} 00[IKE] audit`,
    ]);
    await log.close();

    const withOutput = setup("charon { }");
    await withOutput.configure();
    expect(withOutput.log.sinks.filter((sink) => sink instanceof LineSink)).toHaveLength(1);
    await withOutput.log.close();
  });

  it("is not used where a file is configured", async () => {
    const { log, transports, configure } = setup(`charon { filelog { a { path = ${folder}/a.log } } }`);
    await configure();
    expect(log.sinks).toHaveLength(1);
    expect(transports).toEqual([]);
    await log.close();
  });

  it("has a name for facilities that do not exist", async () => {
    const { log, configure } = setup(`charon {
      syslog { mail { } }
      filelog { a { path = ${folder}/a.log } } }`);
    await configure();
    await log.close();
    expect(read("a.log")).toContain("charon.syslog.mail: the facility is neither daemon nor auth, logger ignored");
  });
});

describe("standard output and error", () => {
  it("are loggers by the names stdout and stderr, and stay open when these are closed", async () => {
    const { log, configure } = setup("charon { filelog { stderr { default = -1 } stdout { default = -1 } } }");
    await configure();
    expect(log.sinks).toHaveLength(2);
    expect(log.enabled(LogGroup.IKE, 0)).toBe(false);
    await log.close();
    // Descriptors 1 and 2 still work.
    expect(fstatSync(1).mode).toBeGreaterThan(0);
    expect(fstatSync(2).mode).toBeGreaterThan(0);
  });
});
