import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CliProcess, run, testFolder } from "./cli-process.js";

const KEYS = ["name", "value", "unit", "lower_is_better", "at_least", "aim", "runs"];
const NAMES = ["responder_cpu_us", "initiator_cpu_us", "per_second"].map((last) => `setup.psk-modp768.${last}`);

interface ReadRow {
  readonly name: string;
  readonly value: number;
  readonly runs: readonly number[];
}
const readRows = (path: string): ReadRow[] => JSON.parse(readFileSync(path, "utf8")) as ReadRow[];
const inFolder = (folder: string) => ({ env: { ...process.env, TMPDIR: folder } });

describe("cygnet bench", () => {
  it("measures, writes its rows, and leaves nothing behind", async () => {
    const folder = testFolder();
    const json = join(folder, "rows.json");
    const args = ["bench", "--only", "setup.psk-modp768.*", "--sessions", "200", "--runs", "1", "--json", json];
    const { code, output, errors } = await run(args, inFolder(folder));
    expect([code, errors]).toEqual([0, expect.stringContaining("setup.psk-modp768.responder_cpu_us ... run 1 of 1")]);
    const rows = readRows(json);
    expect(rows.map(({ name }) => name)).toEqual(NAMES);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(KEYS);
      expect(row.runs).toEqual([row.value]);
      expect(row.value).toBeGreaterThan(0);
      expect(output).toContain(row.name);
    }
    expect(readdirSync(folder)).toEqual(["rows.json"]);
  });

  it("sets up IKE_SAs with paced initiators, too", async () => {
    const folder = testFolder();
    const json = join(folder, "rows.json");
    const args = ["bench", "--only", "memory.*", "--only", "stall.*", "--sessions", "20", "--runs", "1", "--json", json];
    const { code, errors } = await run(args, inFolder(folder));
    expect([code, errors]).toEqual([0, expect.any(String)]);
    expect(readRows(json)).toEqual([
      expect.objectContaining({ name: "memory.250k.rss_bytes_per_sa", note: "500 IKE_SAs" }),
      expect.objectContaining({ name: "stall.250k.max_ms", note: "500 IKE_SAs" }),
    ]);
  });

  it("ends at Ctrl-C with the rows so far, and leaves no process and no folder", async () => {
    const folder = testFolder();
    const json = join(folder, "rows.json");
    const args = ["bench", "--only", "setup.psk-modp768.*", "--sessions", "50", "--runs", "100", "--json", json];
    const bench = new CliProcess(args, inFolder(folder));
    await bench.says("errors", /run 3 of 100/);
    bench.kill("SIGINT");
    expect(await bench.ended).toBe(1);
    expect(bench.errors).toContain("interrupted");
    expect(readRows(json).map(({ name, runs }) => [name, runs.length])).toEqual(NAMES.map((name) => [name, 2]));
    expect(readdirSync(folder)).toEqual(["rows.json"]);
    expect(processesIn(folder)).toEqual([]);
  });

  it("refuses wrong options in one line", async () => {
    const { code, output, errors } = await run(["bench", "--sessions", "many"]);
    expect([code, output, errors]).toEqual([2, "", "cygnet bench: --sessions: 'many' is not a number from 1 to 1000000\n"]);
  });
});

/** Processes whose command line names a folder. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(folder);
      } catch {
        return false;
      }
    });
}
