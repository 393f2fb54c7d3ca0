import { IkeSaState } from "@cygnet/plugin-api";
import type { BusMessage } from "@cygnet/plugin-api";
import { PayloadType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectUp } from "./expectations.js";
import { labelOf } from "./wire-tap.js";

const PROPOSALS = [
  ["aes128-sha1-modp768", "aes128-sha1", "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768"],
  ["aes256-sha256-modp2048", "aes256-sha256", "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048"],
  ["aes128gcm16-prfsha256-x25519", "aes128gcm16", "IKE:AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519"],
  ["aes256gcm16-prfsha384-ecp384", "aes256gcm16", "IKE:AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384"],
] as const;

describe("setting up an IKE_SA", () => {
  it("takes two exchanges and leaves a CHILD_SA on both ends", async () => {
    // moon                                sun
    //  IKE_SA_INIT   SA KE No        -->
    //                                <--   SA KE No
    //  IKE_AUTH      IDi AUTH SA TS  -->
    //                                <--   IDr AUTH SA TS
    const pair = new Pair();
    pair.configure();
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("done");
    expect(pair.network.flights.map(labelOf)).toEqual([
      "IKE_SA_INIT request 0 from 192.0.2.1",
      "IKE_SA_INIT response 0 from 192.0.2.2",
      "IKE_AUTH request 1 from 192.0.2.1",
      "IKE_AUTH response 1 from 192.0.2.2",
    ]);
    expectUp(pair);
    for (const end of pair.ends) expect(end.ikeSas[0]!.handshake).toBeUndefined();
  });

  for (const family of [4, 6] as const) {
    for (const [ike, esp, selected] of PROPOSALS) {
      it(`agrees on ${ike} over IPv${family}, with equal keys for ESP`, async () => {
        const pair = new Pair({ family });
        pair.configure({ proposals: [ike] }, { proposals: [ike] }, { proposals: [esp] });
        const operation = pair.moon.initiate("net");
        await pair.run();
        expect(operation.result()).toBe("done");
        expectUp(pair);
        for (const end of pair.ends) expect(end.lines()).toContain(`selected proposal: ${selected}`);
        const { spiIn, spiOut } = pair.moon.children[0]!;
        for (const spi of [spiIn, spiOut]) {
          const [moon, sun] = [pair.moon.kernel.installed.get(spi)!, pair.sun.kernel.installed.get(spi)!];
          expect(moon.encryptionKey.some((octet) => octet !== 0)).toBe(true);
          expect(moon.encryptionKey).toEqual(sun.encryptionKey);
          expect(moon.integrityKey).toEqual(sun.integrityKey);
          expect(moon.inbound).toBe(!sun.inbound);
        }
        expect(pair.moon.kernel.installed.get(spiIn)!.encryptionKey).not.toEqual(
          pair.moon.kernel.installed.get(spiOut)!.encryptionKey,
        );
      });
    }
  }

  it("logs what strongSwan logs", async () => {
    const pair = new Pair();
    pair.configure({ reauthTime: 3600, overTime: 180 });
    await pair.establish();
    const spis = pair.moon.children[0]!.spis();
    expect(pair.moon.lines()).toEqual([
      "initiating IKE_SA net[1] to 192.0.2.2",
      "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_SUP) ]",
      "sending packet: from 192.0.2.1[500] to 192.0.2.2[500] (288 bytes)",
      "received packet: from 192.0.2.2[500] to 192.0.2.1[500] (296 bytes)",
      "parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(CHDLESS_SUP) N(MULT_AUTH) ]",
      "selected proposal: IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768",
      "authentication of 'moon' (myself) with pre-shared key",
      "establishing CHILD_SA net{1}",
      "generating IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH SA TSi TSr N(MULT_AUTH) ]",
      "sending packet: from 192.0.2.1[500] to 192.0.2.2[500] (220 bytes)",
      "received packet: from 192.0.2.2[500] to 192.0.2.1[500] (204 bytes)",
      "parsed IKE_AUTH response 1 [ IDr AUTH SA TSi TSr ]",
      "authentication of 'sun' with pre-shared key successful",
      "IKE_SA net[1] established between 192.0.2.1[moon]...192.0.2.2[sun]",
      "scheduling reauthentication in 3600s",
      "maximum IKE_SA lifetime 3780s",
      "selected proposal: ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ",
      `CHILD_SA net{1} established with SPIs ${spis} and TS 10.1.0.0/16 === 10.2.0.0/16`,
    ]);
    expect(pair.sun.lines()).toContain("192.0.2.1 is initiating IKE_SA (unnamed)[1]");
  });

  it("works without a CHILD_SA", async () => {
    const pair = new Pair();
    pair.configure();
    const operation = pair.moon.initiate(undefined);
    await pair.run();
    expect(operation.result()).toBe("done");
    expectUp(pair, 0);
  });

  it("sends us back with INVALID_KE_PAYLOAD when it wants another method, with the same nonce and NAT detection again", async () => {
    // moon                                        sun (modp2048 only)
    //  IKE_SA_INIT  KE(x25519)       -->
    //                                <--   N(INVAL_KE)
    //  IKE_SA_INIT  KE(modp2048)     -->
    //                                <--   SA KE No ...
    const pair = new Pair();
    pair.configure({ proposals: ["aes128-sha256-x25519-modp2048"] }, { proposals: ["aes128-sha256-modp2048"] });
    const nonces: string[] = [];
    const message = (_ikeSa: unknown, { payloads }: BusMessage, incoming: boolean): void => {
      for (const payload of payloads) if (!incoming && payload.type === PayloadType.NONCE) nonces.push(String(payload.data));
    };
    pair.moon.bus.addListener({ name: "nonces", message });
    await pair.establish();
    expectUp(pair);
    expect(nonces).toHaveLength(2);
    expect(nonces[1]).toBe(nonces[0]);
    const requests = pair.moon.lines().filter((line) => line.startsWith("generating IKE_SA_INIT"));
    expect(requests).toEqual([
      "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_SUP) ]",
      "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_SUP) ]",
    ]);
    expect(pair.moon.lines()).toContain("peer didn't accept key exchange method CURVE_25519, it requested MODP_2048");
    expect(pair.sun.lines()).toContain("key exchange method CURVE_25519 unacceptable, requesting MODP_2048");
    // What refused the first request is gone.
    expect(pair.sun.manager.size).toBe(1);
  });

  it("sets up several at once, each with its own SPIs", async () => {
    const pair = new Pair({ moon: { settings: { reuse_ikesa: "no" } }, sun: { settings: { dos_protection: "no" } } });
    pair.configure();
    const operations = Array.from({ length: 20 }, () => pair.moon.initiate("net"));
    await pair.run();
    expect(operations.map((operation) => operation.result())).toEqual(operations.map(() => "done"));
    expectAgreed(pair);
    expect(pair.sun.ikeSas).toHaveLength(20);
    expect(new Set(pair.sun.ikeSas.map((sa) => sa.initiatorSpi)).size).toBe(20);
  });

  it("adds a CHILD_SA to the IKE_SA that is there, and refuses an equal one", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const again = pair.moon.initiate("net");
    await pair.run();
    expect(again.result()).toBe("failed");
    expect(pair.moon.lines().at(-1)).toMatch(
      /^not establishing CHILD_SA net\{2\} due to existing duplicate \{1\} with SPIs [0-9a-f]{8}_i [0-9a-f]{8}_o and TS 10.1.0.0\/16 === 10.2.0.0\/16$/,
    );
    expectUp(pair);
  });

  it("keeps no secret in a packet buffer, a handshake or the key scratch", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const ikeSa = pair.moon.ikeSas[0]!;
    const keys = ikeSa.keys!;
    expect(keys.some((octet) => octet !== 0)).toBe(true);
    pair.moon.manager.destroy(ikeSa);
    expect(keys.every((octet) => octet === 0)).toBe(true);
    expect(IkeSaState[ikeSa.state]).toBe("DESTROYING");
  });
});
