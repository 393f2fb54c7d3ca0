import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guestReason, runInGuest } from "../user-mode-linux/guest.js";
import { TIMESCALE } from "./harness/deadline.js";
import { LIBRESWAN, STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PATIENCE_MS = 900_000;
const reason = guestReason();
const VITEST =
  "node_modules/vitest/vitest.mjs run --configLoader runner --config test/interop/esp/vitest.config.ts --reporter verbose";

/** The guest's nf_tables has no tables of IPv4, which iptables would put its rules into. */
const LEGACY_IPTABLES =
  'mkdir "$WORK/bin"; ln -s "$(command -v iptables-legacy)" "$WORK/bin/iptables"; export PATH="$WORK/bin:$PATH"';

describe.skipIf(reason !== undefined)(`packets in tunnels${reason ? ` (skipped: ${reason})` : ""}`, () => {
  it("cross between cygnet, strongSwan and the kernel's ESP", { timeout: (PATIENCE_MS + 30_000) * TIMESCALE }, async () => {
    const { code, output } = await runInGuest(`${LEGACY_IPTABLES}; ${process.execPath} ${VITEST} | cat; exit \${PIPESTATUS[0]}`, {
      patienceMs: PATIENCE_MS,
      // Home is another folder there.
      env: { TIMESCALE: String(TIMESCALE * 10), CYGNET_LIBRESWAN: LIBRESWAN },
    });
    expect(code, output).toBe(0);
    // libreswan need not be there.
    expect(output).toMatch(existsSync(LIBRESWAN) ? /Tests {2}25 passed/ : /Tests {2}20 passed/);
  });
});
