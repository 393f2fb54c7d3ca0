import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const VITEST = ["node_modules/vitest/vitest.mjs", "run", "--configLoader", "runner", "--reporter", "default"];
const CONFIG = ["--config", "plugins/kernel-libipsec/test/kernel/vitest.config.ts"];
const TIMESCALE = Number(process.env["TIMESCALE"] ?? 1);
const isPossible =
  process.getuid?.() === 0 && existsSync("/dev/net/tun") && spawnSync("unshare", ["-n", "ip", "link"]).status === 0;
const reason = isPossible ? "" : " (skipped: needs root, network namespaces and /dev/net/tun)";

describe.skipIf(!isPossible)(`with a TUN device, in a network namespace${reason}`, () => {
  it("passes the tests that need one", { timeout: 120_000 * TIMESCALE }, () => {
    const { status, stdout, stderr } = spawnSync("unshare", ["-n", process.execPath, ...VITEST, ...CONFIG], {
      encoding: "utf8",
      cwd: REPOSITORY,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toMatch(/Test Files {2}1 passed/);
  });
});
