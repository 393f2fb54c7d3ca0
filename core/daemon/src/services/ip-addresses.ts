import { SystemError } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { execFile } from "node:child_process";

/** Changes that one call of `ip` makes at most. */
const MAX_BATCH = 256;

/** Runs `ip -force -batch -` with these lines. @returns what it printed on standard error */
export type RunIp = (lines: string) => Promise<string>;

interface Change {
  readonly line: string;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** Adds addresses to interfaces and removes them, with `ip`: what is asked for while it runs is done in one go afterwards. */
export class IpAddresses {
  /** Interfaces by what we have added to them. */
  readonly #added = new Map<string, string>();
  #waiting: Change[] = [];
  #isRunning = false;

  constructor(private readonly runIp: RunIp = systemIp) {}

  /** @throws {SystemError} CYG_KERNEL_ADDRESS with what `ip` says */
  async add(address: Host, prefix: number, interfaceName: string): Promise<void> {
    const place = `${address}/${prefix}`;
    // Without duplicate address detection it can be used at once.
    await this.#change(`address add ${place} dev ${interfaceName}${address.family === 6 ? " nodad" : ""}`);
    this.#added.set(place, interfaceName);
  }

  /** Removes what was added, and nothing else. @throws {SystemError} CYG_KERNEL_ADDRESS */
  async delete(address: Host, prefix: number): Promise<void> {
    const place = `${address}/${prefix}`;
    const interfaceName = this.#added.get(place);
    if (interfaceName === undefined) return;
    this.#added.delete(place);
    await this.#change(`address delete ${place} dev ${interfaceName}`);
  }

  #change(line: string): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line, done, failed });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        settle(batch, await this.runIp(batch.map(({ line }) => `${line}\n`).join("")));
      } catch (error) {
        for (const { failed } of batch) failed(error as Error);
      }
    }
    this.#isRunning = false;
  }
}

/** What went wrong is followed by the number of its line: `Command failed -:3`. */
function settle(batch: readonly Change[], output: string): void {
  const reasons = new Map<number, string>();
  let reason = "";
  for (const text of output.split("\n")) {
    const failed = /^Command failed -:(\d+)$/.exec(text);
    if (failed) reasons.set(Number(failed[1]), reason);
    reason = failed ? "" : `${reason} ${text}`.trim();
  }
  batch.forEach(({ line, done, failed }, i) => {
    const found = reasons.get(i + 1);
    if (found === undefined) done();
    else failed(new SystemError("CYG_KERNEL_ADDRESS", "ip", "EIO", `ip ${line}: ${found}`));
  });
}

const systemIp: RunIp = (lines) =>
  new Promise((resolve, reject) => {
    const child = execFile("ip", ["-force", "-batch", "-"], (error, _output, errors) => {
      if (error && typeof error.code !== "number")
        reject(new SystemError("CYG_KERNEL_ADDRESS", "ip", String(error.code), `running ip failed: ${error.message}`));
      else resolve(errors);
    });
    // It may end before it has read everything; how it ended says why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(lines);
  });
