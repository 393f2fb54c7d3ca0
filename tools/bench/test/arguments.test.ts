import { describe, expect, it } from "vitest";
import { CollectingTerminal } from "@cygnet/command/testing";
import { isWanted, parseBenchArguments } from "../src/bench-arguments.js";
import { benchCommand } from "../src/bench-command.js";

const LAUNCHER = "/nowhere/cygnet.js";

/** The names that `--list` prints. */
async function list(...argv: string[]): Promise<string[]> {
  const terminal = new CollectingTerminal();
  expect(await benchCommand(["--list", ...argv], terminal, LAUNCHER)).toBe(0);
  return terminal.output.trimEnd().split("\n");
}

describe("arguments of bench", () => {
  it("default to all rows, ten thousand sessions and three runs", () => {
    expect(parseBenchArguments([])).toEqual({
      list: false,
      only: [],
      sessions: 10_000,
      runs: 3,
      json: undefined,
      peer: undefined,
      help: false,
    });
  });

  it("take several patterns", () => {
    expect(parseBenchArguments(["--only", "setup.*", "--only=micro.dh.*"]).only).toEqual(["setup.*", "micro.dh.*"]);
  });

  it.each([
    [["--sessions", "0"], "--sessions: '0' is not a number from 1 to 1000000"],
    [["--sessions", "1e3"], "--sessions: '1e3' is not a number from 1 to 1000000"],
    [["--runs", "101"], "--runs: '101' is not a number from 1 to 100"],
    [["--peer", "libreswan"], "--peer: 'libreswan' is not strongswan, the only one there is"],
    [["--json", "/nowhere/x.json"], "--json: '/nowhere/x.json' cannot be written: "],
    [["--no-such"], "Unknown option '--no-such'"],
    [["setup.*"], "Unexpected argument 'setup.*'"],
  ])("refuse %j in one line", (argv, message) => {
    expect(() => parseBenchArguments(argv)).toThrow(expect.objectContaining({ code: "CYG_CLI_USAGE" }));
    expect(() => parseBenchArguments(argv)).toThrow(message);
  });

  it("refuse a pattern that no row has", async () => {
    await expect(list("--only", "setup.psk-modp769.*")).rejects.toThrow(
      "--only: no row is named like 'setup.psk-modp769.*', see --list",
    );
  });
});

describe("--only", () => {
  it.each([
    ["setup.psk-modp768.per_second", "setup.psk-modp768.*", true],
    ["setup.psk-modp768.per_second", "*per_second", true],
    ["setup.psk-modp768.per_second", "setup", false],
    ["setupXpsk", "setup.psk", false],
    ["control.p99_ms", "control.p99_ms", true],
  ])("of %s by %s: %s", (name, glob, is) => {
    expect(isWanted(name, [glob])).toBe(is);
    expect(isWanted(name, ["nothing", glob])).toBe(is);
    expect(isWanted(name, [])).toBe(true);
  });

  it("picks rows, not only whole measurements", async () => {
    expect(await list("--only", "setup.*.per_second")).toEqual(
      ["psk-modp768", "psk-x25519", "psk-modp2048", "psk-ecp256"].map((key) => `setup.${key}.per_second`),
    );
  });
});

it("names each row once, among them those that releases are compared by", async () => {
  const names = await list();
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining([
      ...["psk-modp768", "psk-x25519", "psk-modp2048", "psk-ecp256"].flatMap((key) =>
        ["responder_cpu_us", "initiator_cpu_us", "per_second"].map((last) => `setup.${key}.${last}`),
      ),
      "memory.250k.rss_bytes_per_sa",
      "stall.250k.max_ms",
      "overload.2x.goodput_ratio",
      "overload.5x.goodput_ratio",
      "overload.2x.dpd_p99_ms",
      "overload.5x.dpd_p99_ms",
      "overload.2x.delete_p99_ms",
      "overload.5x.delete_p99_ms",
      "flood.100k.rss_bytes",
      "initiators10.dropped",
      "shards2.speedup",
      "shards4.speedup",
      "control.p99_ms",
    ]),
  );
});
