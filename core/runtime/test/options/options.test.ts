import { double, flag, int, list, section, text, time, u64, word } from "@cygnet/plugin-api";
import { FILELOG_OPTIONS, OptionError, PROCESSOR_OPTIONS, describeOptions, readOptions, readReservations } from "@cygnet/runtime";
import { parseSettings } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { describe, expect, it } from "vitest";

const TABLE = {
  enable: flag(true, "On."),
  count: int(3, "How many.", { min: 1, max: 10 }),
  factor: double(1.8, "Base."),
  delay: time(240, "Pause."),
  name: text(undefined, "Name."),
  mode: word(["fast", "slow"], "fast", "Pace."),
  names: list(["a"], "Names."),
  seed: u64(7n, "Seed."),
  addrs: section("Addresses."),
};

const charon = (content: string): SettingsView =>
  parseSettings(`charon {\n${content}\n}`, { file: "s.conf" }).settings.section("charon");

const view = (content: string): SettingsView => charon(`plugins {\n x {\n${content}\n} }`).section("plugins.x");

describe("reading options", () => {
  it("gives defaults for what is absent or cleared", () => {
    expect(readOptions(TABLE, view("count =\n name ="))).toEqual({
      enable: true,
      count: 3,
      factor: 1.8,
      delay: 240,
      name: undefined,
      mode: "fast",
      names: ["a"],
      seed: 7n,
      addrs: undefined,
    });
  });

  it("gives typed values", () => {
    const values = readOptions(
      TABLE,
      view(
        "enable = no\n count = 0x0a\n factor = 2.5\n delay = 4 hours\n name = some  text\n mode = slow\n names = b, c d,e\n" +
          "seed = 18446744073709551615\n addrs {\n eth0 = 10.0.0.0/8\n }",
      ),
    );
    const { addrs, ...plain } = values;
    expect(plain).toEqual({
      enable: false,
      count: 10,
      factor: 2.5,
      delay: 14_400,
      name: "some text",
      mode: "slow",
      names: ["b", "c", "d", "e"],
      seed: 2n ** 64n - 1n,
    });
    expect(addrs?.entries()).toEqual([["eth0", "10.0.0.0/8"]]);
  });

  it.each([
    ["enable = maybe", "'maybe' is not yes or no"],
    ["count = 5s", "'5s' is not a number"],
    ["count = 0", "0 is out of range, it must be at least 1 and at most 10"],
    ["count = 11", "11 is out of range, it must be at least 1 and at most 10"],
    ["factor = 50%", "'50%' is not a number"],
    ["factor = nan", "'nan' is not a number"],
    ["delay = 1w", "'1w' is not a time such as 30s, 5m, 4h or 1d"],
    ["mode = medium", "'medium' is none of fast, slow"],
    ["seed = many", "'many' is not an unsigned number"],
  ])("refuses '%s' with place and reason", (line, reason) => {
    const key = line.split(" ")[0];
    try {
      readOptions(TABLE, view(line));
      expect.fail("accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({ code: "CYG_OPTION_VALUE", key: `charon.plugins.x.${key}`, file: "s.conf", line: 4 });
      expect((error as OptionError).message).toMatch(new RegExp(`^s\\.conf:4:\\d+: charon\\.plugins\\.x\\.${key}: `));
      expect((error as OptionError).message).toContain(reason);
    }
  });

  it.each([
    ["enable = on", "'on' is neither yes nor no, the default 'yes' is used", { enable: true }],
    ["enable = OFF", "'OFF' is neither yes nor no, the default 'yes' is used", { enable: true }],
    ["jitter = 50", "50 is more than 20, which is used", { jitter: 20 }],
    ["size = 10", "10 is less than 256, which is used", { size: 256 }],
  ])("goes on with '%s' as strongSwan does, and says so with the place", (line, problem, expected) => {
    const warnings: string[] = [];
    const table = {
      enable: TABLE.enable,
      jitter: int(0, "Percent.", { max: 20, capped: true }),
      size: int(1280, "Octets.", { min: 256, capped: true, orZero: true }),
    };
    expect(readOptions(table, view(line), (message) => warnings.push(message))).toMatchObject(expected);
    expect(warnings).toEqual([expect.stringMatching(/^s\.conf:4:\d+: charon\.plugins\.x\.\w+: /)]);
    expect(warnings[0]).toContain(problem);
    expect(readOptions(table, view("size = 0"), (message) => warnings.push(message)).size).toBe(0);
    expect(warnings).toHaveLength(1);
  });

  it("reads all words for yes and no that strongSwan does", () => {
    for (const [word, expected] of [
      ...["1", "yes", "true", "enabled", "Yes", "TRUE"].map((word) => [word, true] as const),
      ...["0", "no", "false", "disabled", "No", "FALSE"].map((word) => [word, false] as const),
    ]) {
      expect(readOptions({ enable: flag(!expected, "On.") }, view(`enable = ${word}`)).enable, word).toBe(expected);
    }
  });

  it("reads keys of subsections, such as the reservations", () => {
    const settings = charon("threads = 32\n processor {\n priority_threads {\n high = 1\n medium = 10\n } }");
    expect(readReservations(settings)).toEqual({ threads: 32, reservations: [0, 1, 10, 0] });
    expect(readReservations(charon(""))).toEqual({ threads: 16, reservations: [0, 0, 0, 0] });
    expect(() => readReservations(charon("threads = 0"))).toThrow("charon.threads: 0 is out of range");
  });
});

describe("describing options", () => {
  it("makes a table per section, sorted by option", () => {
    expect(
      describeOptions([
        {
          section: "charon.plugins.x",
          description: "The plugin x.",
          options: { b: TABLE.count, a: TABLE.mode, c: TABLE.delay, d: TABLE.names },
        },
        { section: "charon.plugins.none", options: {} },
      ]),
    ).toBe(
      "## charon.plugins.x\n\nThe plugin x.\n\n" +
        "| option | type | default | reload | meaning |\n| --- | --- | --- | --- | --- |\n" +
        "| `a` | `fast`, `slow` | fast | no | Pace. |\n" +
        "| `b` | int 1..10 | 3 | no | How many. |\n" +
        "| `c` | time | 240s | no | Pause. |\n" +
        "| `d` | list | a | no | Names. |\n",
    );
  });

  it("covers the tables of this package", () => {
    const text = describeOptions([
      { section: "charon", options: PROCESSOR_OPTIONS },
      { section: "charon.filelog.NAME", options: FILELOG_OPTIONS },
    ]);
    expect(text).toContain("| `processor.priority_threads.medium` | int 0.. | 0 | no |");
    expect(text).toContain("| `append` | bool | yes | yes |");
  });
});
