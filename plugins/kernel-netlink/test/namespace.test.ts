import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { KERNEL_TESTS, TIMESCALE } from "./kernel-tests.js";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const isPossible = process.getuid?.() === 0 && spawnSync("unshare", ["-n", "ip", "link"]).status === 0;
const reason = isPossible ? "" : " (skipped: needs root and network namespaces)";

describe.skipIf(!isPossible)(`on the kernel of this machine, in a network namespace${reason}`, () => {
  it("passes the tests that need one, those of SAs if it has ESP", { timeout: 120_000 * TIMESCALE }, () => {
    const { status, stdout, stderr } = spawnSync("unshare", ["-n", process.execPath, ...KERNEL_TESTS], {
      encoding: "utf8",
      cwd: REPOSITORY,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toMatch(/Test Files {2}4 passed/);
  });
});
