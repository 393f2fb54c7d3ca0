import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ConfigError, loadSettings, parseSettings } from "../src/index.js";
import type { ParseResult, Settings, SettingsMessage } from "../src/index.js";
import { memoryFiles } from "./memory-files.js";
import { treeOf } from "./tree.js";
import type { Tree } from "./tree.js";

interface Case {
  readonly name: string;
  readonly input: string;
  readonly ok: boolean;
  readonly tree?: Tree;
  readonly files?: Readonly<Record<string, string>>;
  readonly log?: readonly string[];
  readonly lookups?: readonly string[];
}

// Recorded from the settings parser of strongSwan 6.0.6; its "description" explains the notation.
const { cases } = JSON.parse(readFileSync(new URL("vectors/settings-cases.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

type Load = (input: string, files: Readonly<Record<string, string>>) => ParseResult;

/** Compares everything a vector says. Returns how many claims that were. */
function check(vector: Case, file: string, load: Load): number {
  let result: ParseResult | undefined;
  let error: ConfigError | undefined;
  try {
    result = load(vector.input, vector.files ?? {});
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    error = thrown;
  }
  const expectedLog = (vector.log ?? []).map((line) => line.replaceAll("FILE", file).replaceAll("DIR", dirname(file)));
  expect(printLog(result?.warnings ?? error!.log)).toEqual(expectedLog);
  if (!vector.ok) {
    expect(error).toMatchObject({ code: "CYG_SETTINGS_SYNTAX" });
    expect(error!.messages).toEqual(error!.log.map(({ message }) => message));
    return 2;
  }
  expect(treeOf(result!.settings)).toEqual(vector.tree);
  expect(
    result!.settings.print() === "" ? [] : [parseSettings(result!.settings.print()).settings.equals(result!.settings)],
  ).not.toContain(false);
  let { settings } = result!;
  for (const lookup of vector.lookups ?? []) settings = checkLookup(settings, lookup);
  return 2 + (vector.lookups?.length ?? 0);
}

function printLog(log: readonly SettingsMessage[]): string[] {
  return log.filter(({ level }) => level <= 1).map(({ level, message }) => `LOG[${level}] ${message}`);
}

function checkLookup(settings: Settings, lookup: string): Settings {
  const fallback = /^add_fallback\((.*) -> (.*)\)$/.exec(lookup);
  if (fallback !== null) return settings.withFallback(fallback[1], fallback[2]);
  expect(evaluate(settings, lookup), lookup).toBe(lookup);
  return settings;
}

/** Makes the calls that a line of the vectors names and prints the results as that line does. */
function evaluate(settings: Settings, lookup: string): string {
  const [, call, written] = /^(\w+)\(([^,)]*)/.exec(lookup)!;
  // The keys of strongSwan's API are format strings.
  const key = written.replaceAll("%%", "%");
  switch (call) {
    case "get_str": {
      const text = settings.getString(key);
      return `get_str(${written})=${text === undefined ? "null" : quote(text)}`;
    }
    case "get_bool":
      return `get_bool(${written},def=yes)=${Number(settings.getBool(key, true))} (def=no)=${Number(settings.getBool(key, false))}`;
    case "get_int":
      return `get_int(${written},def=-99)=${settings.getInt(key, -99)}`;
    case "get_time":
      return `get_time(${written},def=77)=${settings.getTime(key, 77)}`;
    case "get_double":
      return `get_double(${written},def=7.5)=${settings.getDouble(key, 7.5)}`;
    case "sections": {
      const names = settings.sections(key).map((name) => `${name} `);
      const values = settings.entries(key).map(([name, value]) => `${name}=${value}; `);
      return `sections(${written})=[${names.join("")}] kv(${written})=[${values.join("")}]`;
    }
    default:
      throw new Error(`unknown lookup ${lookup}`);
  }
}

function quote(text: string): string {
  const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"' };
  return `"${text.replace(/[\\\t\n\r"]/g, (c) => escapes[c])}"`;
}

describe("every recorded strongSwan case", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "cygnet-settings-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("is there", () => {
    expect(cases).toHaveLength(67);
  });

  it.each(cases)("$name gives the same tree, messages and lookups from memory", (vector) => {
    const file = "conf/strongswan.conf";
    const claims = check(vector, file, (input, files) => {
      const named = Object.fromEntries(Object.entries(files).map(([name, text]) => [`conf/${name}`, text]));
      return parseSettings(input, { file, readInclude: memoryFiles(named) });
    });
    expect(claims).toBeGreaterThanOrEqual(2);
  });

  it.each(cases)("$name gives the same tree, messages and lookups from disk", (vector) => {
    const file = join(directory, vector.name, "strongswan.conf");
    check(vector, file, (input, files) => {
      for (const [name, text] of Object.entries({ ...files, "strongswan.conf": input })) {
        const path = join(directory, vector.name, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      return loadSettings(file);
    });
  });
});
