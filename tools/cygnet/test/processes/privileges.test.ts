import { chmodSync, chownSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CliProcess, run, testFolder, writeConf } from "./cli-process.js";

/** Number of the user nobody and of its group. */
const NOBODY = 65534;
const isRoot = process.getuid!() === 0;

const charon = (conf: string, folder: string): string[] => ["charon", "--conf", conf, "--piddir", folder];

/** A folder that everybody may look into. */
function openFolder(): string {
  const folder = testFolder();
  chmodSync(folder, 0o755);
  return folder;
}

/** A line of `/proc/PID/status`, its words. */
function status(pid: number, key: string): string[] {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${key}:`));
  return line!
    .split(/\s+/)
    .slice(1)
    .filter((word) => word !== "");
}

describe.skipIf(!isRoot)("charon.user, which only root can change to", () => {
  it("runs the daemon without any privilege, and leaves it what it needs to reload and to stop", async () => {
    const folder = openFolder();
    const log = join(folder, "charon.log");
    const conf = writeConf(folder, ["user = nobody", `filelog { file { path = ${log}`, "flush_line = yes } }"]);
    const daemon = new CliProcess(charon(conf, folder));
    await daemon.ready();
    const pid = daemon.child.pid!;
    const four = Array.from({ length: 4 }, () => String(NOBODY));
    expect([status(pid, "Uid"), status(pid, "Gid")]).toEqual([four, four]);
    expect(status(pid, "Groups")).toEqual([String(NOBODY)]);
    for (const set of ["CapInh", "CapPrm", "CapEff"]) expect(status(pid, set)).toEqual(["0000000000000000"]);
    await daemon.says("output", /00\[LIB\] dropped capabilities, running as uid 65534, gid 65534\n/);
    expect([statSync(log).uid, statSync(join(folder, "charon.ctl")).uid]).toEqual([NOBODY, NOBODY]);
    daemon.kill("SIGHUP");
    await daemon.says("output", /Reloading configuration/);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(daemon.errors).toBe("");
    expect(readFileSync(log, "utf8")).toMatch(/Reloading configuration[^]*SIGTERM received, shutting down/);
    // The folder is root's, so what cannot be removed is emptied, or taken over by the next daemon.
    expect(readFileSync(join(folder, "charon.pid"), "utf8")).toBe("");
    const next = new CliProcess(charon(conf, folder));
    await next.ready();
    expect(next.errors).toBe("");
    next.kill("SIGTERM");
    expect(await next.ended).toBe(0);
  });

  it("removes pid file and control socket where the folder is the user's", async () => {
    const folder = openFolder();
    chownSync(folder, NOBODY, NOBODY);
    const daemon = new CliProcess(charon(writeConf(folder, [`user = ${NOBODY}`, `group = ${NOBODY}`]), folder));
    await daemon.ready();
    expect(["charon.pid", "charon.ctl"].map((name) => existsSync(join(folder, name)))).toEqual([true, true]);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(["charon.pid", "charon.ctl"].map((name) => existsSync(join(folder, name)))).toEqual([false, false]);
  });

  it("is refused to others than root in one line, with code 66", async () => {
    const folder = openFolder();
    chownSync(folder, NOBODY, NOBODY);
    const conf = writeConf(folder, ["user = root", "plugins { stroke { socket = tcp://127.0.0.1:0 } }"]);
    const { code, errors } = await run(charon(conf, folder), { uid: NOBODY, gid: NOBODY });
    expect(errors).toBe("changing to user 0, group 0 failed: EPERM\n");
    expect(code).toBe(66);
    expect(existsSync(join(folder, "charon.pid"))).toBe(false);
  });
});
