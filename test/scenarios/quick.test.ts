import { describe, expect, it } from "vitest";
import { obstacle, readPending, runScenario } from "./scenarios.mjs";
import type { Run } from "./scenarios.mjs";

/** What `npm test` runs of the scenarios: each kind of configuration and each side. `npm run scenarios` runs all. */
const QUICK: readonly Run[] = [
  { name: "ikev2-stroke/net2net-psk", side: "all" },
  { name: "ikev2-stroke/rw-psk-ipv4", side: "moon" },
  { name: "ikev2-stroke/net2net-psk", side: "peers" },
  { name: "ikev2/net2net-psk", side: "moon" },
  { name: "ikev2/rw-psk-fqdn", side: "peers" },
  { name: "ikev2/nat-rw-psk", side: "all" },
  { name: "ikev2/trap-any", side: "all" },
  { name: "ikev2/rw-cert", side: "moon" },
  { name: "ipv6/rw-psk-ikev2", side: "peers" },
  { name: "libipsec/net2net-cert", side: "all" },
];

/** A guest takes about a minute; the first one makes all certificates, which takes another. */
const LIMIT_MS = 360_000 * Number(process.env["TIMESCALE"] ?? 1);

const reason = obstacle();
const pending = readPending();

describe("scenarios of strongSwan", () => {
  it.for(QUICK)("$name passes with cygnet on $side", { timeout: LIMIT_MS }, async ({ name, side }, { skip }) => {
    if (reason !== undefined) skip(reason);
    const lacking = pending.reasonOf(name, side);
    if (lacking !== undefined) skip(`pending: ${lacking}`);
    expect(await runScenario(name, side, undefined)).toEqual({ name, side, result: "PASS", reason: "" });
  });
});
