import { describe, expect, it } from "vitest";
import { guestReason, runInGuest } from "../user-mode-linux/guest.js";
import { TIMESCALE } from "./harness/deadline.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PATIENCE_MS = 600_000;
const reason = guestReason();
const VITEST =
  "node_modules/vitest/vitest.mjs run --configLoader runner --config test/interop/esp/vitest.config.ts --reporter verbose";

describe.skipIf(reason !== undefined)(`packets in tunnels${reason ? ` (skipped: ${reason})` : ""}`, () => {
  it("cross between cygnet, strongSwan and the kernel's ESP", { timeout: (PATIENCE_MS + 30_000) * TIMESCALE }, async () => {
    const { code, output } = await runInGuest(`${process.execPath} ${VITEST} | cat; exit \${PIPESTATUS[0]}`, {
      patienceMs: PATIENCE_MS,
      env: { TIMESCALE: String(TIMESCALE * 10) },
    });
    expect(code, output).toBe(0);
    expect(output).toMatch(/Tests {2}11 passed/);
  });
});
