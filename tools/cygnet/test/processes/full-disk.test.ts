import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeStrokeMessage, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import { strokeRequest } from "@cygnet/starter";
import { expect, it } from "vitest";
import { CliProcess, lines, testFolder, writeConf } from "./cli-process.js";

/** A disk of four pages. */
const DISK_BYTES = 16 * 1024;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("skipped: only root can mount a small disk");

const unknown = (number: number): Uint8Array =>
  encodeStrokeMessage({ type: StrokeMessageType.INITIATE, outputVerbosity: -1, fields: { name: `unknown-${number}` } });

/** A daemon whose log files are on a small disk, which nobody else sees. */
class SmallDisk {
  readonly folder = testFolder();
  readonly daemon: CliProcess;
  #requests = 0;

  constructor(logs: readonly string[]) {
    const disk = join(this.folder, "disk");
    mkdirSync(disk);
    const conf = writeConf(this.folder, [`filelog {\n${logs.join("\n").replaceAll("DISK", disk)}\n}`]);
    const mounted = ["unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=${DISK_BYTES} t ${disk} && exec "$@"`, "sh"];
    this.daemon = new CliProcess(["charon", "--conf", conf, "--piddir", this.folder], {}, mounted);
  }

  /** A file on the disk, as the daemon has it. */
  path(name: string): string {
    return `/proc/${this.daemon.child.pid}/root${join(this.folder, "disk", name)}`;
  }

  /** Has lines logged until something is so. */
  async logUntil(isSo: () => boolean): Promise<void> {
    while (!isSo()) await strokeRequest(`unix://${join(this.folder, "charon.ctl")}`, unknown(++this.#requests));
  }

  /** Takes all that is left. */
  fill(): void {
    try {
      writeFileSync(this.path("filler"), Buffer.alloc(DISK_BYTES));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
    expect(statSync(this.path("filler")).size).toBeLessThan(DISK_BYTES);
  }
}

it.skipIf(!isRoot)("a full disk under a log costs lines of that log, which are counted, and nothing else", async () => {
  const disk = new SmallDisk(["small { path = DISK/charon.log", "default = 1", "flush_line = yes }"]);
  const { daemon } = disk;
  await daemon.ready();
  disk.fill();
  await disk.logUntil(() => daemon.output.includes("writing log to"));
  const full = readFileSync(disk.path("charon.log"), "utf8");
  rmSync(disk.path("filler"));
  await disk.logUntil(() => daemon.output.includes("works again"));
  const told = lines(daemon.output).filter((line) => line.includes("writing log to"));
  const path = join(disk.folder, "disk/charon.log");
  expect(told).toEqual([
    `00[DMN] writing log to ${path} failed: ENOSPC`,
    expect.stringMatching(/00\[DMN\] writing log to \S+ works again, \d+ messages are missing$/),
  ]);
  await disk.logUntil(() => readFileSync(disk.path("charon.log"), "utf8").includes("works again"));
  const text = readFileSync(disk.path("charon.log"), "utf8");
  await disk.logUntil(() => daemon.output.includes(lines(text).at(-1)!));
  // What the disk took is still there. A line that it took in part is on a line of its own.
  expect(text.startsWith(full)).toBe(true);
  const all = lines(daemon.output);
  const kept = lines(text).filter((line) => all.includes(line));
  expect(lines(text).length - kept.length).toBe(full.endsWith("\n") ? 0 : 1);
  const missing = Number(/(\d+) messages are missing/.exec(text)![1]);
  expect(missing).toBeGreaterThan(0);
  expect(kept).toHaveLength(all.indexOf(kept.at(-1)!) + 1 - missing);
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});

it.skipIf(!isRoot)("trouble with the only log is told on the error output", async () => {
  const disk = new SmallDisk(["stdout { path = DISK/charon.log", "}"]);
  const { daemon } = disk;
  await daemon.ready();
  disk.fill();
  await disk.logUntil(() => daemon.errors !== "");
  rmSync(disk.path("filler"));
  await disk.logUntil(() => lines(daemon.errors).length > 1);
  expect(lines(daemon.errors)).toEqual([
    expect.stringMatching(/^writing log to \S+ failed: ENOSPC$/),
    expect.stringMatching(/^writing log to \S+ works again, \d+ messages are missing$/),
  ]);
  expect(existsSync(disk.path("charon.log"))).toBe(true);
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});
