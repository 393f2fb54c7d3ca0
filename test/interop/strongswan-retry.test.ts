import { describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HALF_OPEN_PROPOSAL, leaveHalfOpen } from "./harness/half-open.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

/** 6.x speaks of key exchange methods where 5.x had DH groups. */
const REQUESTED = /^peer didn't accept (DH group|key exchange method) CURVE_25519, it requested MODP_2048$/;
const UNACCEPTABLE = /^(DH group|key exchange method) CURVE_25519 unacceptable, requesting MODP_2048$/;

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it("tries again with the group that INVALID_KE_PAYLOAD asks for", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      moonConn: { ike: "aes128-sha1-x25519-modp2048!" },
      sunConn: { ike: "aes128-sha1-modp2048!" },
    });
    await pair.moon.up();
    await pair.sun.log.seen(UNACCEPTABLE);
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ N(INVAL_KE) ]");
    await pair.moon.log.seen(REQUESTED);
    expect(await pair.moon.sas()).toContain("IKE proposal: AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048");
    expect(await pair.sun.sas()).toContain("(1 up, 0 connecting)");
  });

  it("tries again with the group that INVALID_KE_PAYLOAD asks for when a CHILD_SA is rekeyed", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      conn: { reauth: "no" },
      moonConn: { esp: "aes128-sha1-x25519-modp2048!" },
      sunConn: { esp: "aes128-sha1-modp2048!" },
    });
    await pair.moon.up();
    await pair.moon.stroke("rekey", "net{}");
    await pair.moon.log.seen(REQUESTED);
    await pair.sun.log.seen(UNACCEPTABLE);
    await pair.moon.log.seen(/^(outbound )?CHILD_SA net\{\d+\} established with SPIs/, { times: 2 });
    expect(await pair.moon.sas()).toContain("AES_CBC_128/HMAC_SHA1_96/MODP_2048");
  });

  it("returns the COOKIE that a busy responder asks for", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      conn: { ike: `${HALF_OPEN_PROPOSAL}!` },
      sunSettings: "cookie_threshold = 3\nblock_threshold = 0\n",
    });
    await leaveHalfOpen(pair.network, "moon", 3);
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ SA KE No", { times: 3 });
    await pair.moon.up();
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ N(COOKIE) ]");
    await pair.moon.log.seen("parsed IKE_SA_INIT response 0 [ N(COOKIE) ]");
    await pair.moon.log.seen(/^generating IKE_SA_INIT request 0 \[ N\(COOKIE\) SA KE No /);
    expect(await pair.sun.sas()).toContain("(1 up, 3 connecting)");
  });

  it("returns the COOKIE, and once more with the other group", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      moonConn: { ike: `aes128-sha1-x25519-modp1024!` },
      sunConn: { ike: `${HALF_OPEN_PROPOSAL}!` },
      sunSettings: "cookie_threshold = 3\nblock_threshold = 0\n",
    });
    await leaveHalfOpen(pair.network, "moon", 3);
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ SA KE No", { times: 3 });
    await pair.moon.up();
    await pair.moon.log.seen("parsed IKE_SA_INIT response 0 [ N(INVAL_KE) ]");
    await pair.moon.log.seen(/^generating IKE_SA_INIT request 0 \[ N\(COOKIE\) SA KE No /, { times: 2 });
  });

  it("is not answered at all once its address has too many IKE_SAs half open", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      conn: { ike: `${HALF_OPEN_PROPOSAL}!` },
      sunSettings: "block_threshold = 3\ncookie_threshold = 0\ncookie_threshold_ip = 0\n",
      moonSettings: "retransmit_tries = 1\n",
    });
    await leaveHalfOpen(pair.network, "moon", 3);
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ SA KE No", { times: 3 });
    await pair.moon.strokeFor("establishing connection 'net' failed", "up", "net");
    await pair.moon.log.seen("giving up after 1 retransmits");
    await pair.sun.log.seen(/^ignoring IKE_SA setup from 192\.0\.2\.1, per-IP half-open IKE_SA limit of 3 reached$/);
  });
});
