import { describe, expect, it } from "vitest";
import { testConfig } from "../../src/starter/config-test.js";
import { daemonArguments } from "../../src/starter/daemon-arguments.js";
import { parseStarterOptions, StarterUsageError } from "../../src/starter/starter-options.js";
import { load, MAIN, memoryFiles } from "../helpers.js";

describe("parseStarterOptions", () => {
  it("knows every option", () => {
    expect(parseStarterOptions([])).toEqual({
      nofork: false,
      autoUpdateSec: 0,
      logLevel: 1,
      attachGdb: false,
      daemon: "charon",
      conf: undefined,
      conftest: false,
      help: false,
    });
    expect(
      parseStarterOptions("--nofork --auto-update 5 --debug-more --attach-gdb --daemon foo --conf=/x --conftest".split(" ")),
    ).toEqual({
      nofork: true,
      autoUpdateSec: 5,
      logLevel: 3,
      attachGdb: true,
      daemon: "foo",
      conf: "/x",
      conftest: true,
      help: false,
    });
    expect(["--debug", "--debug-all", "--nolog"].map((o) => parseStarterOptions([o]).logLevel)).toEqual([2, 4, -1]);
  });

  it.each([[["--foo"]], [["--conf"]], [["--auto-update", "x"]], [["--auto-update", "0"]], [["--daemon", "../x"]], [["x"]]])(
    "refuses %j",
    (argv) => {
      expect(() => parseStarterOptions(argv)).toThrow(StarterUsageError);
    },
  );
});

describe("testConfig", () => {
  const run = (conf: string): { valid: boolean; lines: string[] } => {
    const lines: string[] = [];
    return { valid: testConfig(MAIN, (line) => lines.push(line), { files: memoryFiles({ [MAIN]: conf }) }), lines };
  };
  it("ends with the verdict", () => {
    expect(run("conn a\n left=1.2.3.4\n")).toEqual({ valid: true, lines: ["config OK"] });
    expect(run("conn a\n foo=x\n")).toEqual({
      valid: true,
      lines: [`# unknown keyword 'foo' (${MAIN}:2)`, "### 1 parsing error (0 fatal) ###", "config OK"],
    });
    expect(run("x")).toEqual({
      valid: false,
      lines: [`${MAIN}:1: syntax error, unexpected STRING`, `invalid config file '${MAIN}'`, "config invalid!"],
    });
  });
});

describe("daemonArguments", () => {
  const args = (debug: string): unknown =>
    daemonArguments(load(`config setup\n charondebug="${debug}"\n`).config.setup, { useSyslog: true });
  it("turns charondebug into options and returns what it cannot use", () => {
    expect(args(" ike  2,knl -1, foo, bar 1, cfg x,,")).toEqual({
      args: ["--use-syslog", "--debug-ike", "2", "--debug-knl", "-1"],
      ignored: ["foo", "bar 1", "cfg x"],
    });
  });
});
