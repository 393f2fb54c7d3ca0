import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildXstate } from "./xstate.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
/** Of Debian's package user-mode-linux. */
const KERNEL = "linux.uml";
const MODULES = "/usr/lib/uml/modules";
/** Files in memory, of which what is used counts. */
const MEMORY = "1500M";
const TIMESCALE = Number(process.env["TIMESCALE"] ?? 1);

/** How a command in a guest ended. */
export interface GuestOutcome {
  readonly code: number;
  /** What it printed. */
  readonly output: string;
}

export interface GuestOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Before `TIMESCALE`; the guest is killed then. */
  readonly patienceMs: number;
}

/** Why there can be no guest on this machine, undefined where there can. */
export function guestReason(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can do this";
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, KERNEL))) || !existsSync(MODULES))
    return "user-mode Linux is not installed (Debian's packages user-mode-linux and kmod)";
  if (spawnSync("cc", ["--version"]).status !== 0) return "no C compiler";
  return undefined;
}

/**
 * Runs a shell command in a user-mode Linux guest: a kernel of its own that has ESP, as a process of this machine. It sees the files of the host,
 * which it cannot write to, and is in the folder of the repository; `$TMPDIR` and `$WORK` are there to be written to. One processor, some ten times
 * slower than the host.
 *
 * @throws {Error} with what the kernel printed, when the guest does not come to its end
 */
export async function runInGuest(command: string, { env = {}, patienceMs }: GuestOptions): Promise<GuestOutcome> {
  const work = mkdtempSync(join(tmpdir(), "cyg-uml-"));
  try {
    prepare(work, command, env);
    const console_ = await boot(work, buildXstate(work), patienceMs * TIMESCALE);
    const read = (name: string): string => (existsSync(join(work, name)) ? readFileSync(join(work, name), "utf8") : "");
    const [code, output] = [read("code"), read("output")];
    if (code === "") throw new Error(`the guest did not come to its end\n${console_}\n${output}`);
    return { code: Number(code), output };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function prepare(work: string, command: string, env: Readonly<Record<string, string>>): void {
  mkdirSync(join(work, "modules/lib"), { recursive: true });
  symlinkSync(MODULES, join(work, "modules/lib/modules"));
  writeFileSync(join(work, "modprobe"), `#!/bin/sh\nexec /sbin/modprobe -d ${work}/modules "$@"\n`, { mode: 0o755 });
  writeFileSync(join(work, "command"), `${command}\n`);
  const quoted = Object.entries({ NO_COLOR: "1", ...env }).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(join(work, "environment"), `PATH="$PATH:${process.execPath.replace(/\/[^/]*$/, "")}"\n${quoted.join("")}`);
}

/** Resolves with what the kernel printed, when it has halted. */
function boot(work: string, xstate: string, limitMs: number): Promise<string> {
  const options = [`mem=${MEMORY}`, "root=/dev/root", "rootfstype=hostfs", "ro", "quiet", "con=null", "con0=null,fd:1"];
  const own = [`init=${join(HERE, "init.sh")}`, `uml_dir=${work}/uml`, `WORK=${work}`, `REPOSITORY=${REPOSITORY}`];
  return new Promise((resolve, reject) => {
    // A group of its own: the guest's processes are processes here, too.
    const child = spawn(KERNEL, [...options, ...own], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LD_PRELOAD: xstate },
    });
    let printed = "";
    const take = (text: Buffer): void => void (printed = (printed + text.toString("latin1")).slice(-20_000));
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const kill = (): void => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // Gone already.
      }
    };
    const timer = setTimeout(kill, limitMs);
    process.once("exit", kill);
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      process.off("exit", kill);
      kill();
      resolve(printed);
    });
  });
}
