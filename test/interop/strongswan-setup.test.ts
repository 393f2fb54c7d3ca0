import { describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import type { Keywords } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

/** IKE and ESP proposals, and how both daemons print what they agreed on. */
const PROPOSALS = [
  ["aes128-sha1-modp768", "aes128-sha1", "AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768", "AES_CBC_128/HMAC_SHA1_96"],
  [
    "aes256-sha256-modp2048",
    "aes256-sha256",
    "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048",
    "AES_CBC_256/HMAC_SHA2_256_128",
  ],
  ["aes128gcm16-prfsha256-x25519", "aes128gcm16", "AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519", "AES_GCM_16_128"],
  ["aes256gcm16-prfsha384-ecp384", "aes256gcm16", "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384", "AES_GCM_16_256"],
  [
    "blowfish192-sha1-modp1024",
    "aes128-sha1",
    "BLOWFISH_CBC_192/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
    "AES_CBC_128/HMAC_SHA1_96",
  ],
  ["cast128-sha1-modp1024", "aes128-sha1", "CAST_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024", "AES_CBC_128/HMAC_SHA1_96"],
] as const;

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  describe.each([4, 6] as const)("over IPv%i", (family) => {
    it.each(PROPOSALS)("sets up an IKE_SA with %s and a CHILD_SA with %s", async (ike, esp, ikeName, espName) => {
      const pair = await Pair.start({ moon, sun, family, conn: { ike: `${ike}!`, esp: `${esp}!` } });
      await pair.moon.up();
      await pair.sun.log.seen(/CHILD_SA net\{\d+\} established/);
      const [initiator, responder] = await Promise.all([pair.moon.sas(), pair.sun.sas()]);
      for (const sas of [initiator, responder]) {
        expect(sas).toContain("Security Associations (1 up, 0 connecting)");
        expect(sas).toContain(`IKE proposal: ${ikeName}`);
        expect(sas).toContain(espName);
        expect(sas).toContain("INSTALLED, TUNNEL");
      }
      // What one sends to is what the other listens on.
      const spis = (text: string): string[] => /SPIs: ([0-9a-f]{8})_i ([0-9a-f]{8})_o/.exec(text)?.slice(1) ?? [];
      expect(spis(initiator)).toHaveLength(2);
      expect(spis(responder)).toEqual(spis(initiator).reverse());
    });
  });
});

/** Host to host, as BEET mode wants it. */
const beet = (own: HostName, other: HostName): Keywords => ({
  leftsubnet: `${HOSTS[own].inside}/32`,
  rightsubnet: `${HOSTS[other].inside}/32`,
  type: "beet",
});
const BEET = { settings: "send_vendor_id = yes", moonConn: beet("moon", "sun"), sunConn: beet("sun", "moon") };

// kernel-libipsec, which strongSwan runs here, installs tunnels only, so what is agreed on shows in the logs.
describe("BEET mode", () => {
  it("is agreed to when strongSwan asks for it", async () => {
    const pair = await Pair.start({ moon: "strongswan", sun: "cygnet", ...BEET });
    // The peer has it, and strongSwan's kernel does not take it.
    await expect(pair.moon.up()).rejects.toThrow("unable to install inbound and outbound IPsec SA");
    await pair.sun.log.seen(/CHILD_SA net\{\d+\} established/);
    await pair.moon.log.seen(/parsed IKE_AUTH response 1 \[.* N\(BEET_MODE\).*\]/);
  });

  it("is asked of strongSwan, and is tunnel mode where that does not agree", async () => {
    const sunConn = { ...BEET.sunConn, type: "tunnel" };
    const pair = await Pair.start({ moon: "cygnet", sun: "strongswan", ...BEET, sunConn });
    await pair.moon.up();
    await pair.sun.log.seen(/parsed IKE_AUTH request 1 \[.* N\(BEET_MODE\).*\]/);
    await pair.moon.log.seen(/peer selected tunnel mode instead of beet mode/);
    expect(await pair.moon.sas()).toContain("INSTALLED, TUNNEL");
  });
});
