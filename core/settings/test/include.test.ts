import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ConfigError, MAX_INCLUDED_FILES, MAX_INCLUDE_DEPTH, loadSettings, matchesGlob, parseSettings } from "../src/index.js";
import { memoryFiles } from "./memory-files.js";

const files = { "inc.conf": "iv = 1\n", "sp ace.conf": "sp = 1\n", "b[1].conf": "br = 1\n", "nonl.conf": "v = 1", "k.conf": "k" };

function parse(text: string, extra: Record<string, string | undefined> = {}): Record<string, string | readonly string[]> {
  const { settings, warnings } = parseSettings(text, {
    file: "main.conf",
    readInclude: memoryFiles(prefixed({ ...files, ...extra })),
  });
  return { ...Object.fromEntries(settings.entries()), log: warnings.map(({ level, message }) => `${level} ${message}`) };
}

// A main file without directory part looks in "./".
function prefixed(all: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [`./${name}`, text]));
}

describe("include", () => {
  // Read off the parser of strongSwan 5.9.8.
  it.each([
    ["goes on with the line", "include inc.conf b = 1\n", { iv: "1", b: "1" }],
    ["goes on behind a closing quote", 'include "inc.conf"b = 1\n', { iv: "1", b: "1" }],
    ["may quote the end of a pattern", 'include inc".conf"\nb=1\n', { iv: "1", b: "1" }],
    ["takes an escaped blank", "include sp\\ ace.conf\n", { sp: "1" }],
    ["takes a quoted blank", 'include "sp ace.conf"\n', { sp: "1" }],
    ["leaves a backslash to the glob", "include b\\[1\\].conf\n", { br: "1" }],
    ["drops a backslash in quotes", 'include "b\\[1\\].conf"\n', { log: ["1 no files found matching './b[1].conf'"] }],
    ["keeps a doubled backslash in quotes", 'include "b\\\\[1\\\\].conf"\n', { br: "1" }],
    ["joins lines in quotes", 'include "in\\\nc.conf"\n', { iv: "1" }],
    ["ignores carriage returns", "include inc.conf\r\nb = 1\r\n", { iv: "1", b: "1" }],
    ["stops at a comment", "include inc.conf#foo\nb=1\n", { iv: "1", b: "1" }],
    ["ends the value that the file leaves open", "include nonl.conf b = 2\n", { v: "1", b: "2" }],
    ["may provide half a statement", "include k.conf = 1\n", { k: "1" }],
    ["is a key in front of an equals sign", "include =foo.conf\n", { include: "foo.conf" }],
    ["is a key without blank", "include=1\n", { include: "1" }],
    ["is a key in front of a line break", "include\n= 1\n", { include: "1" }],
    ["may be part of a name", "included = 1\nxinclude = 2\n", { included: "1", xinclude: "2" }],
    [
      "escapes quote, hash, brace and blank only",
      'include x\\"\\#\\}\\ \\\\z\n',
      { log: ["1 no files found matching './x\"#} \\\\z'"] },
    ],
    [
      "names the pattern that matches nothing",
      "include *.nomatch\nb = 1\n",
      { b: "1", log: ["1 no files found matching './*.nomatch'"] },
    ],
    ["has no braces", 'include "{inc,nonl}.conf"\n', { log: ["1 no files found matching './{inc,nonl}.conf'"] }],
    [
      "takes a trailing blank as no pattern",
      "b = 1\ninclude  ",
      { b: "1", log: ["1 main.conf:2: no include pattern specified, ignored"] },
    ],
    [
      "takes an empty string as no pattern",
      '\ninclude "" # x\n',
      { log: ["1 main.conf:2: no include pattern specified, ignored"] },
    ],
  ])("%s", (_claim, text, expected) => {
    expect(parse(text)).toEqual({ log: [], ...expected });
  });

  it("is a name like any other in a reference list", () => {
    const { settings } = parseSettings("s : include { }\ninclude{ a = 1 }");
    expect(settings.getString("s.a")).toBe("1");
  });

  it("reports errors with the position in the included file and rejects the main file", () => {
    const load = (): unknown => parse("a = 1\ninclude bad.conf\n", { "bad.conf": "ok = \n x y\n" });
    expect(load).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_SYNTAX", file: "./bad.conf", line: 2, column: 4 }));
    expect(load).toThrow(
      expect.objectContaining({
        messages: ["./bad.conf:2: syntax error, unexpected NAME, expecting : or '{' or '='", "invalid config file 'main.conf'"],
      }),
    );
  });

  it("points at the opening quote of a string without end in an included file", () => {
    expect(() => parse("include q.conf\n", { "q.conf": 'a = 1\nb = x "c\nd\n' })).toThrow(
      expect.objectContaining({ file: "./q.conf", line: 2, column: 7 }),
    );
  });

  it("skips a match that cannot be opened, at level 2", () => {
    expect(parse("include *.conf\n", { "0.conf": undefined, "nonl.conf": undefined, "k.conf": undefined })).toMatchObject({
      iv: "1",
      log: ["2 unable to open './0.conf'", "2 unable to open './k.conf'", "2 unable to open './nonl.conf'"],
    });
  });

  it("ends a loop of files with a warning", () => {
    expect(parse("include x.conf\n", { "x.conf": "x = 1\ninclude y.conf\n", "y.conf": "y = 1\ninclude x.conf\n" })).toEqual({
      x: "1",
      y: "1",
      log: ["1 ./y.conf:2: './x.conf' includes itself, ignored"],
    });
  });

  it("ignores what is nested too deep, with a warning", () => {
    const chain = Array.from({ length: MAX_INCLUDE_DEPTH + 1 }, (_, i) => [`n${i}`, `k${i} = 1\ninclude n${i + 1}\n`]);
    const result = parse("include n0\n", Object.fromEntries(chain));
    expect(Object.keys(result)).toHaveLength(MAX_INCLUDE_DEPTH + 1);
    expect(result["log"]).toEqual([`1 ./n63:2: includes nested deeper than 64 levels, 'n64' ignored`]);
  });

  it("refuses files that double per level", () => {
    const text = Array.from({ length: 30 }, (_, i) => [`n${i}`, `include n${i + 1}\ninclude n${i + 1}\n`]);
    expect(() => parse("include n0\n", { ...Object.fromEntries(text), n30: "" })).toThrow(
      expect.objectContaining({
        code: "CYG_SETTINGS_INCLUDE_LIMIT",
        log: [{ level: 1, message: expect.stringContaining(`${MAX_INCLUDED_FILES}`) }],
      }),
    );
  });

  it("finds nothing when no file access is given", () => {
    expect(parseSettings("include x\n", { file: "/etc/a.conf" }).warnings).toEqual([
      { level: 1, message: "no files found matching '/etc/x'" },
    ]);
  });
});

describe("glob", () => {
  it.each([
    ["a.conf", "*.conf", true],
    ["a.conf", "?.con[f]", true],
    [".a.conf", "*.conf", false],
    [".a.conf", "?a.conf", false],
    [".a.conf", "[.]a.conf", false],
    [".a.conf", ".*.conf", true],
    ["inc", "[h-j]nc", true],
    ["inc", "[!a-h]nc", true],
    ["inc", "[^a-i]nc", false],
    ["inc", "[[:alpha:]]nc", true],
    ["1nc", "[[:alpha:]]nc", false],
    ["inc", "[]i]nc", true],
    ["]nc", "[]i]nc", true],
    ["-nc", "[a-]nc", true],
    ["[inc", "[inc", true],
    ["inc", "[inc", false],
    ["a*c", "a\\*c", true],
    ["abc", "a\\*c", false],
    ["abc", "a*b*c*", true],
    ["a\\", "a\\", false],
    ["", "*", true],
    ["", "", true],
  ])("%j against %j is %j", (name, pattern, expected) => {
    expect(matchesGlob(name, pattern)).toBe(expected);
  });

  it("does not backtrack over more than the last star", () => {
    expect(matchesGlob("a".repeat(5000), `${"a*".repeat(200)}b`)).toBe(false);
  });
});

describe("loading from disk", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cygnet-settings-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  it("reads the layout of the distribution packages", () => {
    mkdirSync(join(directory, "strongswan.d/charon"), { recursive: true });
    write("strongswan.d/charon/aes.conf", "aes { load = yes }\n");
    write("strongswan.d/charon/.swp.conf", "{{{");
    write("strongswan.d/charon-logging.conf", "charon { filelog { x { default = 2 } } }\n");
    const main = write(
      "strongswan.conf",
      "charon { load_modular = yes\n plugins { include strongswan.d/charon/*.conf\n } }\ninclude strongswan.d/*.conf\n",
    );
    const { settings, warnings } = loadSettings(main);
    expect(warnings).toEqual([]);
    expect(settings.getBool("charon.plugins.aes.load")).toBe(true);
    expect(settings.getInt("charon.filelog.x.default")).toBe(2);
    expect(settings.origin("charon.plugins.aes.load")).toEqual({
      file: join(directory, "strongswan.d/charon/aes.conf"),
      line: 1,
      column: 7,
    });
  });

  it("says that a missing file is missing", () => {
    const path = join(directory, "none.conf");
    expect(() => loadSettings(path)).toThrow(
      expect.objectContaining({ code: "CYG_SETTINGS_OPEN", file: path, messages: [`no files found matching '${path}'`] }),
    );
  });

  it.each(["/dev/null", tmpdir(), "bad\0name"])("refuses %j, which is no regular file", (path) => {
    expect(() => loadSettings(path)).toThrow(ConfigError);
  });

  it.each([
    ["/dev/null", "it is no regular file"],
    [tmpdir(), "it is no regular file"],
    ["/proc/self/mem", "EIO: i/o error, read"],
  ])("says why %s cannot be read, beside strongSwan's words", (path, reason) => {
    const message = `failed to open config file '${path}'`;
    expect(() => loadSettings(path)).toThrow(
      expect.objectContaining({ message: `${path}:1:1: ${message}: ${reason}`, log: [{ level: 2, message }] }),
    );
  });

  it("accepts an empty file", () => {
    expect([...loadSettings(write("empty.conf", "")).settings.walk()]).toEqual([]);
  });

  it("skips directories, dangling links and names that no file system has", () => {
    mkdirSync(join(directory, "inc/a"), { recursive: true });
    symlinkSync("nowhere", join(directory, "inc/b"));
    write("inc/c", "c = 1\n");
    const { settings, warnings } = loadSettings(write("main.conf", "include inc/*\ninclude inc/\0\n"));
    expect(settings.entries()).toEqual([["c", "1"]]);
    expect(warnings).toEqual([
      { level: 2, message: `unable to open '${directory}/inc/a'` },
      { level: 1, message: `no files found matching '${directory}/inc/\0'` },
    ]);
  });
});
