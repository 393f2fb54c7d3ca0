import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

/*
 * Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer beside the normal one and runs the package's other tests on it.
 * The sanitizers' runtime has to be loaded before node, which is not built with it.
 */
const NATIVE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ADDON = join(NATIVE, "build-sanitize/build/Release/cygnet.node");
const STAMP = join(NATIVE, "build-sanitize/build/cygnet-build.json");
const TIMESCALE = Number(process.env["TIMESCALE"] ?? 1);

const runtimes = ["libasan.so", "libubsan.so"].map(runtimePath);
const isInner = process.env["CYGNET_SANITIZED"] !== undefined;
const reason = isInner ? "this is the sanitized run" : runtimes.includes(undefined) ? "no g++ with its sanitizer libraries" : "";

/** The library that the compiler would link, undefined when it has none. */
function runtimePath(name: string): string | undefined {
  const { stdout } = spawnSync(process.env["CXX"] ?? "g++", [`-print-file-name=${name}`], { encoding: "utf8" });
  const path = stdout?.trim();
  return path && path !== name && existsSync(path) ? path : undefined;
}

/** Runs node with the sanitizers loaded. V8 never frees what it allocates at start, so leaks are not looked for. */
function sanitized(...args: string[]): { status: number | null; signal: string | null; output: string } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: dirname(NATIVE),
    maxBuffer: 64 << 20,
    env: {
      ...process.env,
      LD_PRELOAD: runtimes.join(":"),
      ASAN_OPTIONS: "detect_leaks=0:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1",
      UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1:exitcode=98",
      CYGNET_NATIVE: ADDON,
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      CYGNET_SANITIZED: "1",
      TIMESCALE: String(TIMESCALE * 5),
    },
  });
  return { status, signal, output: `${stdout}${stderr}` };
}

describe.skipIf(reason !== "")(`the addon under sanitizers${reason && ` (skipped: ${reason})`}`, () => {
  const build = (): void => {
    const { status, stderr } = spawnSync(process.execPath, [join(NATIVE, "scripts/build.mjs"), "--sanitize"], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  };
  beforeAll(build, 600_000 * TIMESCALE);

  it("is not built again while its sources are the same", { timeout: 600_000 * TIMESCALE }, () => {
    const before = statSync(STAMP).mtimeMs;
    build();
    expect(statSync(STAMP).mtimeMs).toBe(before);
  });

  it("is watched: a read behind an allocation ends the process with a report", () => {
    const { status, output } = sanitized("-e", `require(${JSON.stringify(ADDON)}).sanitizerProbe("address")`);
    expect(output).toContain("AddressSanitizer: heap-buffer-overflow");
    expect(status).toBe(99);
  });

  it("is watched: a signed overflow ends the process with a report", () => {
    const { status, output } = sanitized("-e", `require(${JSON.stringify(ADDON)}).sanitizerProbe("undefined")`);
    expect(output).toContain("signed integer overflow");
    expect(status).not.toBe(0);
  });

  it("passes the package's tests", { timeout: 600_000 * TIMESCALE }, () => {
    const vitest = join(dirname(NATIVE), "node_modules/vitest/vitest.mjs");
    const { status, output } = sanitized(
      vitest,
      "run",
      "--dir",
      "native",
      "--exclude",
      "**/sanitize/**",
      "--reporter",
      "default",
    );
    expect(output).not.toMatch(/AddressSanitizer|runtime error/);
    expect(status, output.slice(-4000)).toBe(0);
    expect(output).toMatch(/Tests {2}\d+ passed/);
  });
});
