import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { finished } from "node:stream/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The launcher. */
export const CLI = fileURLToPath(new URL("../../bin/cygnet.js", import.meta.url));
const COMPILED = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** A `cygnet` that runs as a process of its own, from what `npm run build` made. Killed when the test ends. */
export class CliProcess {
  readonly child: ChildProcess;
  output = "";
  errors = "";
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  #watchers: (() => void)[] = [];

  /** @param on command in front, which becomes the program: to run it somewhere */
  constructor(args: readonly string[], options: SpawnOptions = {}, on: readonly string[] = []) {
    if (!existsSync(COMPILED)) throw new Error("the command line is not built: run `npm run build` first");
    const { STRONGSWAN_CONF: _, ...env } = process.env;
    const [program, ...rest] = [...on, process.execPath, CLI, ...args];
    this.child = spawn(program!, rest, { stdio: ["ignore", "pipe", "pipe", "ipc"], env, ...options });
    this.child.stdout?.on("data", (chunk: Buffer) => this.#add("output", chunk));
    this.child.stderr?.on("data", (chunk: Buffer) => this.#add("errors", chunk));
    this.ended = this.#end();
    void this.ended.then(() => this.#wake());
    onTestFinished(async () => {
      this.child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** Settles when a daemon reports that it serves. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.once("message", () => resolve());
      void this.ended.then((end) => reject(new Error(`ended with ${end}: ${this.errors}`)));
    });
  }

  /** Settles when `output` or `errors` matches. */
  async says(where: "output" | "errors", pattern: RegExp): Promise<void> {
    while (!pattern.test(this[where])) {
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}: ${this.output}${this.errors}`);
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Not by "close", which never comes once the channel was disconnected. */
  async #end(): Promise<number | NodeJS.Signals | null> {
    const { child } = this;
    const streams = [child.stdout, child.stderr].map((stream) => stream && finished(stream));
    const end = await new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.once("exit", (code, signal) => resolve(signal ?? code)),
    );
    await Promise.all(streams);
    return end;
  }

  #add(where: "output" | "errors", chunk: Buffer): void {
    this[where] += chunk.toString("utf8");
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  options?: SpawnOptions,
): Promise<{ code: number | string | null; output: string; errors: string }> {
  const cli = new CliProcess(args, options);
  const code = await cli.ended;
  return { code, output: cli.output, errors: cli.errors };
}

/** A folder that is gone after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A strongswan.conf for a small daemon that logs to the standard output. @param lines more of the section `charon` */
export function writeConf(folder: string, lines: readonly string[] = [], name = "strongswan.conf"): string {
  const path = join(folder, name);
  const settings = [
    "load = random nonce aes sha1 sha2 hmac gmp socket-default stroke",
    "port = 0",
    "port_nat_t = 0",
    "filelog { stdout { default = 1",
    "flush_line = yes } }",
    `plugins { stroke { secrets_file = ${join(folder, "ipsec.secrets")} } }`,
  ];
  writeFileSync(path, `charon {\n${[...settings, ...lines].join("\n")}\n}\n`);
  return path;
}

/** The lines of a text. */
export const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
