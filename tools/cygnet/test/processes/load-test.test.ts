import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { daemonSettings, freePorts, parseLoadTestArguments, sidePaths } from "@cygnet/load-test";
import type { Summary } from "@cygnet/load-test";
import { CliProcess, run, testFolder } from "./cli-process.js";

const KEYS = [
  "sessions",
  "established",
  "failed",
  "seconds",
  "setups_per_second",
  "setup_ms",
  "responder",
  "initiator",
  "datagrams_dropped",
  "retransmissions",
];
const readJson = (path: string): Summary => JSON.parse(readFileSync(path, "utf8")) as Summary;

/** A load test whose temporary folder is in `folder`, to see that nothing is left. */
const inFolder = (folder: string) => ({ env: { ...process.env, TMPDIR: folder } });

describe("cygnet load-test", () => {
  it("sets up the sessions between two daemons, tells how it went, and leaves nothing behind", async () => {
    const folder = testFolder();
    const json = join(folder, "result.json");
    const { code, output, errors } = await run(
      ["load-test", "--sessions", "20", "--initiators", "3", "--json", json],
      inFolder(folder),
    );
    expect([code, output]).toEqual([0, expect.stringContaining("20 of 20 set up, 0 failed")]);
    expect(errors).toMatch(
      / s {2}20\/20 set up, 0 failed, \d+\/s, 0 half-open, jobs queued: responder 0\/0\/0\/0, initiator 0\/0\/0\/0, 0 datagrams dropped$/m,
    );
    expect(output).toMatch(/Security Associations \(20 up, 0 connecting\):\n {3}load-test\[20\]: ESTABLISHED/);
    expect(output).toContain("10.0.0.0/8: 16777214/20/0");
    expect(output.match(/ESTABLISHED/g)).toHaveLength(20);
    const result = readJson(json);
    expect(Object.keys(result)).toEqual(KEYS);
    expect(Object.keys(result.setup_ms)).toEqual(["p50", "p95", "p99", "max"]);
    expect(result).toMatchObject({ sessions: 20, established: 20, failed: 0, datagrams_dropped: 0 });
    for (const side of [result.responder, result.initiator]) {
      expect(Object.keys(side)).toEqual(["cpu_us_per_sa", "rss_bytes_per_sa"]);
      for (const figure of Object.values(side)) expect(figure).toBeGreaterThanOrEqual(0);
    }
    expect(result.setup_ms.p50).toBeGreaterThan(0);
    expect(result.setup_ms.max).toBeGreaterThanOrEqual(result.setup_ms.p99);
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("ends at Ctrl-C with the summary so far, and leaves no process and no folder", async () => {
    const folder = testFolder();
    const json = join(folder, "result.json");
    const test = new CliProcess(["load-test", "--sessions", "100000", "--delay", "20", "--json", json], inFolder(folder));
    await test.says("errors", /[1-9]\d*\/100000 set up/);
    const [temporary] = readdirSync(folder);
    const pids = ["initiator", "responder"].map((role) =>
      Number(readFileSync(join(folder, temporary, role, "charon.pid"), "utf8")),
    );
    test.kill("SIGINT");
    expect(await test.ended).toBe(1);
    const { established, failed } = readJson(json);
    expect(established).toBeGreaterThan(0);
    expect(failed).toBe(0);
    expect(test.output).toContain(`${established} of 100000 set up`);
    expect(test.output).toMatch(/ {2}\.\.\. and \d+ more IKE_SAs?\n/);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("drives a gateway, whose figures it cannot know", async () => {
    const folder = testFolder();
    const [port] = await freePorts(1);
    const own = { role: "responder", folder: join(folder, "gateway"), port, natPort: 0 } as const;
    mkdirSync(own.folder);
    const addresses = { initiator: "0.0.0.0", responder: "127.0.0.1", responderPort: port };
    writeFileSync(sidePaths(own.folder).conf, daemonSettings(own, addresses, parseLoadTestArguments([])));
    const gateway = new CliProcess(["charon", "--conf", sidePaths(own.folder).conf, "--piddir", own.folder]);
    await gateway.ready();
    const json = join(folder, "result.json");
    const { code, output } = await run(["load-test", "--sessions", "4", "--responder", `127.0.0.1[${port}]`, "--json", json]);
    expect([code, output]).toEqual([0, expect.stringContaining("statusall of the initiator:\nStatus of IKE charon daemon")]);
    expect(readJson(json)).toMatchObject({
      established: 4,
      failed: 0,
      responder: { cpu_us_per_sa: null, rss_bytes_per_sa: null },
    });
  });

  it("ends with 1 when sessions fail, here because nobody answers", async () => {
    const folder = testFolder();
    const conf = join(folder, "own.conf");
    writeFileSync(conf, "charon {\n  retransmit_timeout = 0.05\n  retransmit_tries = 1\n}\n");
    const [port] = await freePorts(1);
    const json = join(folder, "result.json");
    const args = ["--sessions", "3", "--conf", conf, "--responder", `127.0.0.1[${port}]`, "--json", json, "--no-statusall"];
    const { code, output } = await run(["load-test", ...args], inFolder(folder));
    expect([code, output]).toEqual([1, expect.stringContaining("0 of 3 set up, 3 failed")]);
    expect(output).toContain("failed because of:  giving up after 1 retransmits 3\n");
    expect(readJson(json)).toMatchObject({ established: 0, failed: 3, retransmissions: 3, initiator: { cpu_us_per_sa: null } });
  });

  it("refuses an algorithm that no plugin of the daemons has, with 2", async () => {
    const folder = testFolder();
    const { code, output, errors } = await run(["load-test", "--proposal", "aes128-sha1-gost256"], inFolder(folder));
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toBe("cygnet load-test: --proposal: no plugin that is loaded has 'gost256' of 'aes128-sha1-gost256'\n");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("ends with 1 when IKE_SAs are set up without their CHILD_SAs, and hands on what the daemons warn of", async () => {
    const conf = join(testFolder(), "own.conf");
    writeFileSync(conf, "charon { plugins { load-tester { mode = sideways } } }\n");
    const args = ["--sessions", "2", "--esp", "serpent-sha1", "--conf", conf, "--no-statusall"];
    const { code, output, errors } = await run(["load-test", ...args]);
    expect([code, output]).toEqual([1, expect.stringContaining("2 of 2 set up, 0 failed")]);
    expect(output).toContain("without a CHILD_SA: NO_PROPOSAL_CHOSEN 2\n");
    expect(errors).toContain("both daemons: load-tester mode 'sideways' is unknown, using tunnel\n");
  });

  it("hands on why a daemon does not start: own settings that are broken are 2, with file and line", async () => {
    const folder = testFolder();
    const conf = join(folder, "own.conf");
    writeFileSync(conf, "charon {\n  threads = many\n}\n");
    const { code, errors } = await run(["load-test", "--sessions", "1", "--conf", conf], inFolder(folder));
    expect(code).toBe(2);
    expect(errors).toMatch(
      /^the (initiator|responder) did not start:\n.*own\.conf:2:3: charon\.threads: 'many' is not a number\n$/,
    );
    expect(readdirSync(folder)).toEqual(["own.conf"]);
  });

  it("keeps settings and logs where it is told to", async () => {
    const folder = join(testFolder(), "kept");
    const { code, output } = await run(["load-test", "--sessions", "1", "--no-statusall", "--keep-logs", folder]);
    expect([code, output]).toEqual([0, expect.stringContaining(`settings and logs are kept in ${folder}`)]);
    for (const role of ["initiator", "responder"]) {
      const paths = sidePaths(join(folder, role));
      expect(existsSync(paths.conf)).toBe(true);
      expect(readFileSync(paths.log, "utf8")).toMatch(/IKE_SA load-test\[1\] established between/);
    }
  });
});
