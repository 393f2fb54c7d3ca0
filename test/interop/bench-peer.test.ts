import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Background, attempt } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { LogFile } from "./harness/log-file.js";
import { afterTest } from "./harness/pair.js";
import { CYGNET, STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

interface ReadRow {
  readonly name: string;
  readonly value: number;
  readonly note: string;
}

/** A folder that the bench puts its own into. */
function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-bench-peer-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Something of each process there is; those that go by meanwhile are left out. */
function ofProcesses<T>(read: (folder: string) => T): T[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [read(`/proc/${pid}`)];
      } catch {
        return [];
      }
    });
}

const namespace = (folder: string): string => readlinkSync(`${folder}/ns/net`);
const OURS = namespace("/proc/self");
/** The network namespaces of a process' children that are not ours. */
function namespacesOf(pid: number): string[] {
  const found = ofProcesses((folder) => {
    const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`${folder}/status`, "utf8"))?.[1];
    return Number(parent) === pid ? namespace(folder) : OURS;
  });
  return [...new Set(found)].filter((each) => each !== OURS);
}
/** Those in which somebody is. */
function inUse(namespaces: readonly string[]): string[] {
  const all = new Set(ofProcesses(namespace));
  return namespaces.filter((each) => all.has(each));
}
const argumentsFor = (sessions: number, runs: number): string[] => [
  CYGNET,
  "bench",
  ...["--peer", "strongswan", "--only", "setup.psk-x25519.*", "--sessions", String(sessions), "--runs", String(runs)],
];

/** A bench that has started daemons and has much to do. */
async function busyBench(folder: string) {
  const output = new LogFile(join(folder, "output"));
  const bench = new Background(process.execPath, argumentsFor(100_000, 1), { output: output.path, env: { TMPDIR: folder } });
  afterTest(async () => void (await bench.stop()));
  await until(
    () => `the daemons of the bench\n${output.text}`,
    () => namespacesOf(bench.pid).length === 2 && readdirSync(folder).length > 1,
  );
  return { bench, output, namespaces: namespacesOf(bench.pid) };
}

describe("cygnet bench --peer strongswan", () => {
  it("drives strongSwan and cygnet with the same initiator, and says what either's kernel was", async () => {
    const folder = benchFolder();
    const json = join(folder, "rows.json");
    const args = [...argumentsFor(50, 1), "--json", json];
    const { code, stdout, stderr } = await attempt(process.execPath, args, { env: { TMPDIR: folder }, patienceMs: 60_000 });
    expect([code, stdout]).toEqual([0, expect.stringContaining("setup.psk-x25519.strongswan.per_second")]);
    expect(stderr).toContain("run 1 of 1");
    const rows = JSON.parse(readFileSync(json, "utf8")) as ReadRow[];
    const last = ["responder_cpu_us", "initiator_cpu_us", "per_second"];
    expect(rows.map(({ name }) => name)).toEqual([
      ...last.map((word) => `setup.psk-x25519.${word}`),
      ...last.map((word) => `setup.psk-x25519.strongswan.${word}`),
      "setup.psk-x25519.strongswan.responder_cpu_ratio",
    ]);
    expect(rows[0]!.note).toContain("cygnet with the fake kernel");
    expect(rows[3]!.note).toContain("strongSwan with kernel-libipsec");
    for (const { value } of rows.filter(({ name }) => name.endsWith("per_second"))) expect(value).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(["rows.json"]);
  });

  it("leaves no namespace, process or folder at Ctrl-C", async () => {
    const folder = benchFolder();
    const { bench, output, namespaces } = await busyBench(folder);
    bench.signal("SIGINT");
    expect(await bench.ended).toBe(1);
    expect(output.text).toContain("interrupted");
    expect([namespaces.length, inUse(namespaces)]).toEqual([2, []]);
    expect(readdirSync(folder)).toEqual(["output"]);
  });

  it("leaves no namespace and no process when it is killed", async () => {
    const { bench, namespaces } = await busyBench(benchFolder());
    bench.signal("SIGKILL");
    await bench.ended;
    expect(namespaces).toHaveLength(2);
    await until("all that was in its namespaces to be gone", () => inUse(namespaces).length === 0);
  });
});
