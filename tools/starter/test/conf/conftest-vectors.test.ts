import { describe, expect, it } from "vitest";
import { IpsecConfError } from "../../src/conf/ipsec-conf-error.js";
import { load, MAIN, vectors } from "../helpers.js";

interface Case {
  readonly conf: string;
  readonly valid: boolean;
  readonly lines: readonly string[];
}
const { cases } = vectors<{ cases: Case[] }>("conftest-cases.json");

/**
 * What strongSwan counts differently: it names the line behind the one with the fault, and repeats itself for strings. It has nothing to say of
 * what this release does not do.
 */
const comparable = (lines: readonly string[]): string[] =>
  lines
    .map((line) => line.replaceAll(MAIN, "FILE").replace(/^FILE:\d+: /, ""))
    .filter((line) => line !== "syntax error, unexpected STRING_ERROR" && !line.startsWith("# no effect in this release"))
    .map((line) => line.replaceAll(/(matching|pattern) '[^']*'/g, "$1 PATTERN"));

function run(conf: string): { valid: boolean; lines: string[] } {
  try {
    const loaded = load(conf);
    return { valid: loaded.fatal === 0, lines: loaded.messages.flatMap((m) => m.text.split("\n")) };
  } catch (error) {
    if (!(error instanceof IpsecConfError)) throw error;
    return { valid: false, lines: error.messages.map((m) => m.text) };
  }
}

describe("starter --conftest of strongSwan 5.9.8", () => {
  it.each(cases.map((c) => [c.conf, c] as const))("agrees on %j", (_conf, expected) => {
    const actual = run(expected.conf);
    expect(actual.valid).toBe(expected.valid);
    expect(comparable(actual.lines)).toEqual(comparable(expected.lines));
  });
});
