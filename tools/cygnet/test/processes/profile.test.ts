import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLI, CliProcess, run, testFolder, writeConf } from "./cli-process.js";

/** A folder with a daemon that runs in it, and `ipsec` for it. */
async function daemon(lines: readonly string[] = []) {
  const folder = testFolder();
  const conf = writeConf(folder, lines);
  const running = new CliProcess(["charon", "--conf", conf, "--piddir", folder]);
  await running.ready();
  return { running, args: (...words: string[]) => ["ipsec", "--piddir", folder, "--strongswan-conf", conf, ...words] };
}

describe("charon.profile = yes", () => {
  it("prints the profile to the log and to the error output when the daemon ends", async () => {
    const { running } = await daemon(["profile = yes"]);
    running.kill("SIGTERM");
    expect(await running.ended).toBe(0);
    expect(running.errors).toMatch(/^Profile of [^]*\nthread [^]*\njob slots [^]*\nsocket [^]*\n\S.*\.\n$/);
    for (const line of running.errors.split("\n")) expect(line === "" || running.output.includes(`[JOB] ${line}\n`)).toBe(true);
  });

  it("does so below a starter in the foreground, too", async () => {
    const folder = testFolder();
    const conf = join(folder, "ipsec.conf");
    writeFileSync(conf, "conn a\n\tleft=127.0.0.1\n\tright=127.0.0.9\n\tauthby=secret\n\tauto=add\n");
    // The shards may be behind control, which has the definitions first.
    const strongswanConf = writeConf(folder, ["profile = yes", "shards = 2"]);
    const starter = new CliProcess([
      ...["ipsec", "--piddir", folder, "--strongswan-conf", strongswanConf],
      ...["start", "--nofork", "--conf", conf],
    ]);
    await starter.says("output", /added configuration 'a'/);
    starter.kill("SIGINT");
    expect(await starter.ended).toBe(0);
    expect(starter.errors).toMatch(/^Profile of /m);
    expect(starter.output).toContain("[JOB] Profile of ");
  });
});

describe("cygnet ipsec profile", () => {
  it("prints tables and what stands out, and what the daemon says with --json", async () => {
    const { running, args } = await daemon();
    const tables = await run(args("profile"));
    expect([tables.code, tables.errors]).toEqual([0, ""]);
    expect(tables.output).toMatch(/^Profile of [^]*\nthread [^]*\njob slots [^]*\nsocket [^]*\n\S.*\.\n$/);
    const json = await run(args("profile", "--json"));
    const { shardCount, shards } = JSON.parse(json.output) as { shardCount: number; shards: { shard: number }[] };
    // A shard for each CPU, and one of the 16 job slots at least for each shard.
    expect(shardCount).toBe(Math.min(availableParallelism(), 16));
    expect(shards.map(({ shard }) => shard)).toEqual(Array.from({ length: shardCount }, (_, shard) => shard));
    expect((await run(args("stroke", "profile"))).output).toMatch(/^\{"elapsedMs":/);
    running.kill("SIGTERM");
    await running.ended;
  });

  it("tells the threads of shards apart, and what control asked of them", async () => {
    const { running, args } = await daemon(["shards = 2", "profile = yes", "load = random nonce openssl socket-default stroke"]);
    await run(args("profile"));
    const { output } = await run(args("profile"));
    const rows = output.split("\n").map((line) => line.split(/ {2,}/)[0]);
    expect(rows).toEqual(expect.arrayContaining(["control", "shard 0", "shard 1", "waits of control", "link: profile"]));
    running.kill("SIGTERM");
    expect(await running.ended).toBe(0);
    expect(running.errors).toMatch(/^Profile of [^]*\nshard 0 [^]*\nshard 1 /);
  });

  it("goes on with --watch until Ctrl-C, which is no failure", async () => {
    const { running, args } = await daemon();
    const watching = new CliProcess(args("profile", "--watch", "0.01"));
    await watching.says("output", /^Profile of [^]*\nProfile of [^]*\nProfile of /);
    watching.kill("SIGINT");
    expect(await watching.ended).toBe(0);
    expect(watching.errors).toBe("");
    expect(watching.output).not.toContain("\x1b");
    running.kill("SIGTERM");
    await running.ended;
  });

  it("ends with --watch when the daemon does, or nobody reads it any more", async () => {
    const { running, args } = await daemon();
    const command = [process.execPath, CLI, ...args("profile", "--watch", "0.01")].map((word) => `'${word}'`).join(" ");
    const piped = await promisify(execFile)("sh", ["-c", `{ ${command}; echo "ended with $?" >&2; } | head -n 1`]);
    expect(piped).toEqual({ stdout: expect.stringMatching(/^Profile of .*\n$/), stderr: "ended with 0\n" });
    const watching = new CliProcess(args("profile", "--watch", "0.01"));
    await watching.says("output", /Profile of /);
    running.kill("SIGTERM");
    expect(await watching.ended).toBe(255);
    expect(watching.errors).toMatch(/stroke (socket|connection)/);
    await running.ended;
  });

  it("says that no daemon runs, with 7, and that another one cannot tell, with 1", async () => {
    const folder = testFolder();
    const absent = await run(["ipsec", "--piddir", folder, "profile"]);
    expect([absent.code, absent.errors]).toEqual([7, `charon is not running: there is no '${folder}/charon.pid'\n`]);
    // As strongSwan's daemon does with a message that it does not know.
    const other = createServer((socket) => socket.on("data", () => socket.end()));
    onTestFinished(() => void other.close());
    const path = join(folder, "other.ctl");
    await new Promise<void>((resolve) => other.listen(path, resolve));
    const answer = await run(["ipsec", "--piddir", folder, "--socket", path, "profile"]);
    expect([answer.code, answer.errors]).toEqual([
      1,
      `the daemon at '${path}' does not tell profiles: it is strongSwan's, or of another release\n`,
    ]);
  });
});
