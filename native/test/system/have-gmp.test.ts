import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("libgmp is told of in one plain digit, also where colours are forced", () => {
  const script = fileURLToPath(new URL("../../scripts/have-gmp.mjs", import.meta.url));
  const { stdout } = spawnSync(process.execPath, [script], { encoding: "utf8", env: { ...process.env, FORCE_COLOR: "1" } });
  expect(stdout).toMatch(/^[01]$/);
});
