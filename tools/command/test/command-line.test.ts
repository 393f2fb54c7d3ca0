import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandLineError, optionWords, parseOptions, readOptionFile } from "../src/command-line.js";
import type { OptionRule } from "../src/command-line.js";

const RULES: readonly OptionRule[] = [
  { name: "child", letter: "c", takesValue: true, description: "" },
  { name: "child-id", letter: "C", takesValue: true, description: "" },
  { name: "raw", letter: "r", takesValue: false, description: "" },
  { name: "pretty", letter: "P", takesValue: false, description: "" },
  { name: "timeout", letter: "t", takesValue: true, description: "" },
  { name: "options", letter: "+", takesValue: true, description: "" },
];

function parse(argv: readonly string[], files: Readonly<Record<string, string>> = {}): ReturnType<typeof parseOptions> {
  return parseOptions(RULES, argv, (file) => optionWords(files[file] ?? ""));
}

describe("options", () => {
  it.each([[["--child", "a"]], [["--child=a"]], [["-ca"]], [["-c", "a"]], [["-rca"]], [["-r", "-Pc", "a"]]])(
    "%j names the child",
    (argv) => {
      expect(parse(argv).text("child")).toBe("a");
    },
  );

  it("may be as short as they are unique", () => {
    expect(parse(["--pre", "--child-i", "7"]).number("child-id")).toBe(7);
    expect(() => parse(["--chi", "7"])).toThrow("ambiguous");
  });

  it("take values that look like options", () => {
    expect(parse(["--timeout", "-1"]).number("timeout")).toBe(-1);
  });

  it.each([
    [["--bogus"], "unrecognized option '--bogus'"],
    [["-x"], "invalid option -- 'x'"],
    [["--child"], "option '--child' requires an argument"],
    [["--raw=1"], "option '--raw' doesn't allow an argument"],
    [["extra"], "unexpected argument 'extra'"],
    [["--"], "unrecognized option '--'"],
  ])("%j is refused: %s", (argv, message) => {
    expect(() => parse(argv)).toThrow(new CommandLineError(message));
  });

  it("come from files, too, where quotes keep blanks", () => {
    const files = { a: `--child "with blanks" # a comment\n-+ b`, b: "--raw\n" };
    const options = parse(["--options", "a", "-P"], files);
    expect([options.text("child"), options.has("raw"), options.has("pretty")]).toEqual(["with blanks", true, true]);
    expect(() => parse(["-+", "a"], { a: "-+ a" })).toThrow("includes itself");
    expect(() => parse(["-+", "a"], { a: `--child "open` })).toThrow("unterminated quote");
  });

  it("give values or the error, whatever the arguments", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("--child", "-c", "-rP", "--raw", "-"))), (argv) => {
        try {
          parse(argv);
        } catch (error) {
          expect(error).toBeInstanceOf(CommandLineError);
        }
      }),
    );
  });

  it("may be repeated, and keep their order", () => {
    const options = parse(["-c", "a", "-r", "-c", "b"]);
    expect([options.text("child"), options.all("child"), options.all("timeout")]).toEqual(["b", ["a", "b"], []]);
    expect(options.inOrder.map(([name]) => name)).toEqual(["child", "raw", "child"]);
  });

  it("of a file that cannot be read are an error with the reason", () => {
    expect(() => readOptionFile("/nonexistent/options")).toThrow("'/nonexistent/options': No such file or directory");
  });
});
