import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ConfigError, Settings, parseSettings, printSettings } from "../src/index.js";
import type { SettingsObject } from "../src/index.js";

function parse(text: string): Settings {
  return parseSettings(text, { file: "f" }).settings;
}

function errorOf(text: string): ConfigError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

describe("syntax errors", () => {
  // The messages are those of strongSwan 5.9.8; the last column is where the error object points.
  it.each<[string, string, number, number]>([
    ["a : { }", "f:1: syntax error, unexpected '{', expecting NAME", 1, 5],
    ["a :\n\n\n = 1", "f:4: syntax error, unexpected '=', expecting NAME", 4, 2],
    ["a : .b { }", "f:1: syntax error, unexpected ., expecting NAME", 1, 5],
    ["a : b. { }", `f:1: syntax error, unexpected ., expecting "," or '{'`, 1, 6],
    ["a : b..c { }", `f:1: syntax error, unexpected ., expecting "," or '{'`, 1, 6],
    ["a : b .\n c {}", `f:1: syntax error, unexpected ., expecting "," or '{'`, 1, 7],
    ["a : b, { }", "f:1: syntax error, unexpected '{', expecting NAME", 1, 8],
    ["a : b c { }", `f:1: syntax error, unexpected NAME, expecting "," or '{'`, 1, 7],
    ["a : b : c {}", `f:1: syntax error, unexpected :, expecting "," or '{'`, 1, 7],
    ["a : b", `syntax error, unexpected end of file, expecting "," or '{'`, 1, 6],
    ["s { , }", `f:1: syntax error, unexpected ",", expecting NAME or NEWLINE or '}'`, 1, 5],
    ["s { x }", "f:1: syntax error, unexpected '}', expecting : or '{' or '='", 1, 7],
    ["a = \n = 2", "f:2: syntax error, unexpected '=', expecting end of file or NAME or NEWLINE", 2, 2],
    ['a = "x\ny" }', "f:2: syntax error, unexpected '}', expecting end of file or NAME or NEWLINE", 2, 4],
    ['a = "x\\\ny" }', "f:2: syntax error, unexpected '}', expecting end of file or NAME or NEWLINE", 2, 4],
    ['s { a = x "foo\n', "f:2: syntax error, unexpected STRING_ERROR, expecting NAME or NEWLINE or '}'", 1, 11],
    ['a = "foo\\', "f:1: syntax error, unexpected STRING_ERROR, expecting end of file or NAME or NEWLINE", 1, 5],
    ['\ninclude "x\n', "f:3: syntax error, unexpected STRING_ERROR, expecting end of file or NAME or NEWLINE", 2, 9],
    ["include\t\t= 1", "f:1: syntax error, unexpected '=', expecting end of file or NAME or NEWLINE", 1, 10],
  ])("in %j: %s", (text, message, line, column) => {
    const error = errorOf(text);
    expect(error.messages.at(-2)).toBe(message);
    expect(error.messages.at(-1)).toBe("invalid config file 'f'");
    expect(error).toMatchObject({ code: "CYG_SETTINGS_SYNTAX", file: "f", line, column });
    expect(error.message).toContain(`f:${line}:${column}: syntax error`);
  });

  it("name the section that is still open at the end", () => {
    expect(errorOf("a = 1\n b { c {\n").message).toBe(
      "f:3:1: syntax error, unexpected end of file, expecting NAME or NEWLINE or '}'; section 'c' opened at f:2:6 is still open",
    );
  });

  it("carry the warnings that came before them", () => {
    expect(errorOf("include x\n}").messages).toHaveLength(3);
  });
});

describe("values", () => {
  it.each([
    ["a = b\rc\rd\n", "b c d"],
    ["a == b\n", "= b"],
    ['a = "" x ""\n', " x "],
    ['a = x\\"y"\n', "x\\ y"],
    ['a = "x\ry\r\nz"\n', "xy\nz"],
    ['a = "x\\\ry"\n', "x\ry"],
    ['a = "x\\\r\ny"\n', "xy"],
    ["a\n\n#c\n= x\fy\vz\n", "x\fy\vz"],
  ])("%j is %j", (text, value) => expect(parse(text).getString("a")).toBe(value));
});

// Names as files may have them, with those that mean something elsewhere.
const name = fc.oneof(
  fc.constantFrom("a", "b", "include", "included", "+", ";", "'", "\\", "é", "__proto__", "%s", "\0"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((s) => !/[\s"#.,:={}]/.test(s)),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('"', "\\", "\n", "\r", "\t", " ", "#", "}", "{", "=", "n", "x"), maxLength: 12 }),
);
const { tree } = fc.letrec<{ tree: SettingsObject }>((tie) => ({
  tree: fc.dictionary(name, fc.oneof({ depthSize: "small" }, text, fc.constant(null), tie("tree")), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}));
const reference = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const sectionWithReferences = fc.tuple(name, reference).map(([section, paths]) => {
  // A line feed between name and colon keeps "include" from being taken for the keyword.
  return `${section}\n: ${paths.map((path) => path.join(".")).join(" , ")} { }\n`;
});

describe("printing", () => {
  it("gives text that parses to the same tree, with odd strings, references and cleared keys", () => {
    fc.assert(
      fc.property(tree, fc.array(sectionWithReferences, { maxLength: 4 }), (object, extra) => {
        const settings = Settings.fromObject(object).overlay(parse(extra.join("")));
        const again = parse(printSettings(settings));
        expect(again.equals(settings)).toBe(true);
        expect(printSettings(again)).toBe(printSettings(settings));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps sections and references called include apart from the keyword", () => {
    const settings = parse("include{ a = 1 }\nx { include\n: include, include.y { include = 2\n include\n= \n} }");
    expect(parse(printSettings(settings)).equals(settings)).toBe(true);
    expect(printSettings(settings)).toContain("include: include, include.y {");
  });
});

describe("any input", () => {
  const piece = fc.constantFrom(
    ...' |\n|\t|\r|=|{|}|:|,|.|"|#|\\|a|b |a = 1\n|s {\n|}\n|t : s, a.b {|include |include|include x\n|"q" |\\\n|\0|é|\ud800'.split(
      "|",
    ),
  );
  const input = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
  );

  it("parses or is refused with a position inside it, and what parses can be printed and parsed again", () => {
    fc.assert(
      fc.property(input, (source) => {
        let settings: Settings;
        try {
          settings = parse(source);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.file).toBe("f");
          const line = source.split("\n")[error.line - 1];
          expect(line).toBeDefined();
          expect(error.column).toBeGreaterThanOrEqual(1);
          expect(error.column).toBeLessThanOrEqual(line.length + 1);
          return;
        }
        expect(parse(printSettings(settings)).equals(settings)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  // Quadratic work on inputs of this size would take minutes, which the test timeout turns into a failure.
  const big = 1_000_000;
  it.each<[string, string, boolean]>([
    ["comments", "#\n".repeat(big), true],
    ["one long comment", `#${"x".repeat(big)}`, true],
    ["blanks behind a name", `a${" ".repeat(big)}= 1`, true],
    ["blanks behind include", `include${" ".repeat(big)}= 1`, false],
    ["escapes", `a = "${"\\x".repeat(big)}"`, true],
    ["an open string of escapes", `a = "${"\\\n".repeat(big)}`, false],
    ["words", `a = ${"x ".repeat(big)}`, true],
    ["words and quotes without blanks", `a = ${'x""'.repeat(big)}`, true],
    ["one reference of many names", `a : b${".b".repeat(big)} { }`, true],
    ["many references", `a : b${",b".repeat(big)} { }`, true],
    ["include keywords without pattern", "include \n".repeat(100_000), true],
    ["the same key again and again", "a = 1\n".repeat(300_000), true],
    ["different keys", Array.from({ length: 200_000 }, (_, i) => `k${i} = ${i}\n`).join(""), true],
  ])("is read in linear time: %s", (_claim, source, isAccepted) => {
    if (!isAccepted) expect(() => parse(source)).toThrow(ConfigError);
    else expect(parse(source)).toBeInstanceOf(Settings);
  });

  it("may nest ten thousand levels deep, through every operation", () => {
    const depth = 10_000;
    const settings = parse("s {".repeat(depth) + "k = 1\n" + "}".repeat(depth));
    const path = [...Array.from({ length: depth }, () => "s"), "k"];
    expect(settings.getInt(path)).toBe(1);
    expect(parse(printSettings(settings)).equals(settings)).toBe(true);
    expect(Settings.fromData(structuredClone(settings.toData())).equals(settings)).toBe(true);
    expect(settings.overlay(settings).equals(settings)).toBe(true);
    expect(settings.withFallback("s", "t").getInt(path.slice(1))).toBeUndefined();
    let levels = 0;
    for (const node of settings.walk()) levels = Math.max(levels, node.path.length);
    expect(levels).toBe(depth + 1);
    let object: SettingsObject = { k: 1 };
    for (let i = 0; i < depth; i++) object = { s: object };
    expect(Settings.fromObject(object).equals(settings)).toBe(true);
    expect(errorOf("s {".repeat(depth)).messages[0]).toBe(
      "syntax error, unexpected end of file, expecting NAME or NEWLINE or '}'",
    );
  });
});
