import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const FAILED = "establishing connection 'net' failed";

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it("is told AUTHENTICATION_FAILED for a wrong PSK", async () => {
    const pair = await Pair.start({ moon, sun, moonSecret: "one", sunSecret: "another" });
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen("tried 1 shared key for 'sun.example.org' - 'moon.example.org', but MAC mismatched");
    await pair.sun.log.seen("generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]");
    await pair.moon.log.seen("parsed IKE_AUTH response 1 [ N(AUTH_FAILED) ]");
    await pair.moon.log.seen("received AUTHENTICATION_FAILED notify error");
    for (const daemon of [pair.moon, pair.sun]) expect(await daemon.sas()).toContain("(0 up, 0 connecting)");
  });

  it("tells AUTHENTICATION_FAILED to a responder that proves itself with another PSK", async () => {
    const pair = await Pair.start({ moon, sun, sunConn: { leftid: "@mars.example.org" }, moonConn: { rightid: "%any" } });
    // Both fit the initiator, but this one fits the responder better.
    await pair.sun.secrets('@mars.example.org @moon.example.org : PSK "another"');
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.moon.log.seen("tried 1 shared key for 'moon.example.org' - 'mars.example.org', but MAC mismatched");
    await pair.moon.log.seen("generating INFORMATIONAL request 2 [ N(AUTH_FAILED) ]");
    await pair.sun.log.seen("parsed INFORMATIONAL request 2 [ N(AUTH_FAILED) ]");
    for (const daemon of [pair.moon, pair.sun])
      await until("the IKE_SA to go", async () => (await daemon.sas()).includes("(0 up, 0 connecting)"));
  });

  it("is told AUTHENTICATION_FAILED where no connection is for its identity", async () => {
    const pair = await Pair.start({ moon, sun, moonConn: { leftid: "@mars.example.org" } });
    await pair.moon.secrets('@mars.example.org @sun.example.org : PSK "an interoperable secret"');
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen("looking for peer configs matching 192.0.2.2[sun.example.org]...192.0.2.1[mars.example.org]");
    await pair.sun.log.seen("no matching peer config found");
    await pair.moon.log.seen("received AUTHENTICATION_FAILED notify error");
  });

  it("is told NO_PROPOSAL_CHOSEN when no IKE proposal is common", async () => {
    const pair = await Pair.start({
      moon,
      sun,
      moonConn: { ike: "aes128-sha1-modp2048!" },
      sunConn: { ike: "aes256-sha256-modp2048!" },
    });
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen("received proposals: IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048");
    await pair.sun.log.seen("configured proposals: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048");
    await pair.sun.log.seen("received proposals unacceptable");
    await pair.sun.log.seen("generating IKE_SA_INIT response 0 [ N(NO_PROP) ]");
    await pair.moon.log.seen("parsed IKE_SA_INIT response 0 [ N(NO_PROP) ]");
    await pair.moon.log.seen("received NO_PROPOSAL_CHOSEN notify error");
    for (const daemon of [pair.moon, pair.sun]) expect(await daemon.sas()).toContain("(0 up, 0 connecting)");
  });

  it("is told NO_PROPOSAL_CHOSEN when no address has a connection", async () => {
    const pair = await Pair.start({ moon, sun, sunConn: { right: "192.0.2.77" } });
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen(/^no IKE config found for 192\.0\.2\.2\.\.\.192\.0\.2\.1, sending NO_PROPOSAL_CHOSEN$/);
    await pair.moon.log.seen("received NO_PROPOSAL_CHOSEN notify error");
  });

  it("keeps the IKE_SA when no ESP proposal is common", async () => {
    const pair = await Pair.start({ moon, sun, moonConn: { esp: "aes128-sha1!" }, sunConn: { esp: "aes256-sha256!" } });
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen("received proposals: ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ");
    await pair.sun.log.seen("configured proposals: ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ");
    await pair.sun.log.seen("no acceptable proposal found");
    await pair.sun.log.seen("failed to establish CHILD_SA, keeping IKE_SA");
    await pair.moon.log.seen(/^parsed IKE_AUTH response 1 \[ IDr AUTH .*N\(NO_PROP\) \]$/);
    await pair.moon.log.seen("received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built");
    await pair.moon.log.seen("failed to establish CHILD_SA, keeping IKE_SA");
    for (const daemon of [pair.moon, pair.sun]) expect(await daemon.sas()).toContain("(1 up, 0 connecting)");
  });

  it("keeps the IKE_SA when the traffic selectors are unacceptable", async () => {
    const pair = await Pair.start({ moon, sun, moonConn: { leftsubnet: "10.9.0.0/16" } });
    await pair.moon.strokeFor(FAILED, "up", "net");
    await pair.sun.log.seen("traffic selectors 10.2.0.0/16 === 10.9.0.0/16 unacceptable");
    await pair.sun.log.seen("failed to establish CHILD_SA, keeping IKE_SA");
    await pair.moon.log.seen(/^parsed IKE_AUTH response 1 \[ IDr AUTH .*N\(TS_UNACCEPT\) \]$/);
    await pair.moon.log.seen("received TS_UNACCEPTABLE notify, no CHILD_SA built");
    for (const daemon of [pair.moon, pair.sun]) expect(await daemon.sas()).toContain("(1 up, 0 connecting)");
  });

  it("takes the part of its traffic selectors that the responder allows", async () => {
    const pair = await Pair.start({ moon, sun, moonConn: { leftsubnet: "10.0.0.0/8", rightsubnet: "10.2.0.0/24,10.4.0.0/16" } });
    await pair.moon.up();
    expect(await pair.moon.sas()).toContain("10.1.0.0/16 === 10.2.0.0/24");
    expect(await pair.sun.sas()).toContain("10.2.0.0/24 === 10.1.0.0/16");
  });
});
