import { guestReason, runInGuest } from "@cygnet/test/user-mode-linux/guest";
import { describe, expect, it } from "vitest";
import { KERNEL_TESTS, TIMESCALE } from "./kernel-tests.js";

const PATIENCE_MS = 600_000;
const reason = guestReason();

describe.skipIf(reason !== undefined)(`on a kernel with ESP, in user-mode Linux${reason ? ` (skipped: ${reason})` : ""}`, () => {
  it("passes the conformance suite and all else that needs one", { timeout: (PATIENCE_MS + 30_000) * TIMESCALE }, async () => {
    const node = [process.execPath, ...KERNEL_TESTS].join(" ");
    const { code, output } = await runInGuest(`${node} | cat; exit \${PIPESTATUS[0]}`, {
      patienceMs: PATIENCE_MS,
      env: { TIMESCALE: String(TIMESCALE * 10) },
    });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Test Files {2}4 passed/);
    // The one of a kernel without ESP.
    expect(output).toMatch(/ 1 skipped/);
  });
});
