import { describe, expect, it } from "vitest";

import { ConfigError, parseSettings } from "../src/index.js";
import { memoryFiles } from "./memory-files.js";
import { treeOf } from "./tree.js";
import type { Tree } from "./tree.js";

interface Example {
  readonly claim: string;
  readonly input: string;
  readonly tree?: Tree;
  readonly messages?: readonly string[];
}

const examples: readonly Example[] = [
  { claim: "1: sections nest", input: "a {\n b { c = 1 }\n}", tree: { "a {}": { "b {}": { c: "1" } } } },
  {
    claim: "2: a value ends at a comment, a section may follow in the next line",
    input: "charon { load = aes sha1   # x\n plugins { x { y = z } } }",
    tree: { "charon {}": { load: "aes sha1", "plugins {}": { "x {}": { y: "z" } } } },
  },
  { claim: "3: one setting a line", input: "a { b = 1 c = 2 }", tree: { "a {}": { b: "1 c = 2" } } },
  {
    claim: "4: words and strings are joined by one blank",
    input: 'k = pre "quo ted"post   end',
    tree: { k: "pre quo ted post end" },
  },
  { claim: "5: blanks in quotes are kept", input: 'k = "one    two"', tree: { k: "one    two" } },
  { claim: "6: escapes in quotes are decoded", input: String.raw`a = "t\tn\nq\"b\\x\q"`, tree: { a: 't\tn\nq"b\\xq' } },
  { claim: "7: backslashes outside quotes are plain", input: String.raw`e = C:\path\n`, tree: { e: "C:\\path\\n" } },
  { claim: "8: a backslash joins lines in quotes", input: 'd = "joined \\\n   line"', tree: { d: "joined    line" } },
  { claim: "9: a comment needs no blank before it", input: "a = before#after", tree: { a: "before" } },
  {
    claim: "10: no value clears, an empty string is a value",
    input: 's { a =\n b = ""\n c = x\n c =\n }',
    tree: { "s {}": { a: null, b: "", c: null } },
  },
  {
    claim: "11: a repeated section is merged, a repeated key keeps its place",
    input: "s { a = 1\n b = 2 }\ns { a = 3\n c = 4 }",
    tree: { "s {}": { a: "3", b: "2", c: "4" } },
  },
  { claim: "12: a key and a section may share a name", input: "x = val\nx { y = 1 }", tree: { x: "val", "x {}": { y: "1" } } },
  { claim: "13: a line break may precede the brace", input: "a\n{\n b = 1\n}", tree: { "a {}": { b: "1" } } },
  {
    claim: "14: a line break may not precede the value",
    input: "b =\n2",
    messages: ["syntax error, unexpected end of file, expecting : or '{' or '='"],
  },
  {
    claim: "15: punctuation in values is literal",
    input: "a = a=b=c\nb = x{y\nc = a,b:c.d",
    tree: { a: "a=b=c", b: "x{y", c: "a,b:c.d" },
  },
  {
    claim: "16: a brace closes the section from within a value",
    input: "s { a = foo}\nt = x",
    tree: { "s {}": { a: "foo" }, t: "x" },
  },
  {
    claim: "17: names have no dots",
    input: "a.b = 1",
    messages: ["FILE:1: syntax error, unexpected ., expecting : or '{' or '='"],
  },
  {
    claim: "18: a brace too many is refused",
    input: "a { b = 1 }\n}",
    messages: ["FILE:2: syntax error, unexpected '}', expecting end of file or NAME or NEWLINE"],
  },
  {
    claim: "19: names are not quoted",
    input: '"a" = 1',
    messages: [
      "FILE:1: unexpected string detected",
      "FILE:1: syntax error, unexpected STRING_ERROR, expecting end of file or NAME or NEWLINE",
    ],
  },
  {
    claim: "20: there is no +=",
    input: "a += 2",
    messages: ["FILE:1: syntax error, unexpected NAME, expecting : or '{' or '='"],
  },
  {
    claim: "24: an include stands for its content",
    input: "m { include inc/10-a.conf }",
    tree: { "m {}": { k1: "inc1", "sec {}": { a: "fromA" } } },
  },
  {
    claim: "25: a variable reference is no syntax",
    input: "b = ${var} rest",
    messages: ["FILE:1: syntax error, unexpected '}', expecting end of file or NAME or NEWLINE"],
  },
  { claim: "26: a semicolon separates nothing", input: "a = 1; b = 2", tree: { a: "1; b = 2" } },
];

const readInclude = memoryFiles({ "./inc/10-a.conf": "k1 = inc1\nsec { a = fromA }\n" });

describe("worked examples", () => {
  it.each(examples.filter(({ tree }) => tree !== undefined))("$claim", ({ input, tree }) => {
    const { settings, warnings } = parseSettings(input, { file: "FILE", readInclude });
    expect(treeOf(settings)).toEqual(tree);
    expect(warnings).toEqual([]);
  });

  it.each(examples.filter(({ messages }) => messages !== undefined))("$claim", ({ input, messages }) => {
    const error = catchError(() => parseSettings(input, { file: "FILE", readInclude }));
    expect(error.messages).toEqual([...messages!, "invalid config file 'FILE'"]);
  });

  it("10: enumeration lists only what is set", () => {
    const { settings } = parseSettings('s { a =\n b = ""\n c = x\n c =\n }');
    expect(settings.entries("s")).toEqual([["b", ""]]);
    expect(settings.getString("s.a", "default")).toBe("default");
    expect(settings.getString("s.b", "default")).toBe("");
  });

  it("21: own values come first and a cleared key hides the referenced one", () => {
    const { settings } = parseSettings("base { x = 1\n y = 2\n z = 3 }\nc : base { y = 22\n z = }");
    expect(settings.entries("c")).toEqual([
      ["y", "22"],
      ["x", "1"],
    ]);
    expect(settings.getString("c.z")).toBeUndefined();
  });

  it("22: references are searched from left to right", () => {
    expect(parseSettings("one { b = 1 } two { b = 2 }\nt : two, one { }").settings.getString("t.b")).toBe("2");
  });

  it("23: a reference may come before what it refers to", () => {
    expect(parseSettings("t : later { }\nlater { a = 9 }").settings.getInt("t.a")).toBe(9);
  });
});

function catchError(run: () => void): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
