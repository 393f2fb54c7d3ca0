import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import { buildNoEsp } from "./harness/no-esp.js";
import { Pair, afterTest } from "./harness/pair.js";
import type { Keywords } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

// kernel-libipsec has tunnels only.
const LOAD = "random nonce aes sha1 sha2 hmac kdf gmp openssl kernel-netlink socket-default stroke";
const DYNAMIC: Keywords = { leftsubnet: "%dynamic", rightsubnet: "%dynamic" };
const MOON = `${HOSTS.moon.v4}/32`;
const SUN = `${HOSTS.sun.v4}/32`;

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  const start = async (moonConn: Keywords, sunConn: Keywords): Promise<Pair> => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const strongswan = { load: LOAD, preload: await buildNoEsp(folder) };
    return Pair.start({
      moon,
      sun,
      conn: { type: "transport", mobike: "no" },
      moonSetup: moon === "strongswan" ? strongswan : {},
      sunSetup: sun === "strongswan" ? strongswan : {},
      moonConn,
      sunConn,
    });
  };
  const established = async (pair: Pair): Promise<void> => {
    await pair.moon.up();
    await pair.sun.log.seen(/CHILD_SA net\{\d+\} established/);
    expect(await pair.moon.sas()).toMatch(/INSTALLED, TRANSPORT/);
    expect(await pair.moon.sas()).toContain(`net{1}:   ${MOON} === ${SUN}`);
    expect(await pair.sun.sas()).toMatch(/INSTALLED, TRANSPORT/);
    expect(await pair.sun.sas()).toContain(`net{1}:   ${SUN} === ${MOON}`);
  };

  it.each([
    ["nothing more is configured", DYNAMIC, DYNAMIC],
    [
      "a network is configured on one side",
      { ...DYNAMIC, rightsubnet: "192.0.2.0/24" },
      { ...DYNAMIC, leftsubnet: "192.0.2.0/24" },
    ],
    ["everything is configured", { leftsubnet: "0.0.0.0/0", rightsubnet: "0.0.0.0/0" }, DYNAMIC],
    ["a NAT is pretended", { ...DYNAMIC, forceencaps: "yes" }, DYNAMIC],
  ] as const)("agrees on transport mode between the hosts where %s", async (_, moonConn, sunConn) => {
    await established(await start(moonConn, sunConn));
  });

  it("refuses networks that the hosts are not in", async () => {
    const pair = await start({}, {});
    await expect(pair.moon.up()).rejects.toThrow("received TS_UNACCEPTABLE notify, no CHILD_SA built");
    // strongSwan sends no selectors at all then.
    await pair.sun.log.seen(/^traffic selectors .*=== .*unacceptable$/);
    for (const end of [pair.moon, pair.sun]) expect(await end.sas()).toContain("(1 up, 0 connecting)");
  });
});
