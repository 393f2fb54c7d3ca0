import { authRound } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty, expectUp } from "./expectations.js";

describe("a set-up that is refused", () => {
  it("ends with AUTHENTICATION_FAILED when the connection asks for more than a pre-shared key", async () => {
    const psk = authRound({ auth: "psk", id: "moon" });
    const demands = [
      [psk, authRound({ auth: "eap", id: "moon" })],
      [{ ...psk, groups: ["accounting"] }],
      [{ ...psk, caNames: ["C=CH, O=strongSwan, CN=Root"] }],
      [{ ...psk, certificates: ["moonCert.pem"] }],
      [{ ...psk, certPolicies: ["1.2.3"] }],
    ];
    for (const remote of demands) {
      const pair = new Pair();
      pair.configure({}, { remote });
      pair.moon.initiate("net");
      await pair.run();
      expect(pair.moon.lines()).toContain("received AUTHENTICATION_FAILED notify error");
      for (const end of pair.ends) expectEmpty(end);
    }
  });

  it("ends with AUTHENTICATION_FAILED when the pre-shared keys differ, and leaves nothing", async () => {
    const pair = new Pair();
    pair.configure();
    pair.sun.secret("something else", "moon", "sun");
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("tried 1 shared key for 'sun' - 'moon', but MAC mismatched");
    expect(pair.sun.lines()).toContain("generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]");
    expect(pair.moon.lines()).toContain("received AUTHENTICATION_FAILED notify error");
    for (const end of pair.ends) expectEmpty(end);
  });

  it("ends when the responder has no key at all, or no connection for the identities", async () => {
    const unknown = new Pair();
    unknown.configure({ remote: [authRound({ auth: "psk", id: "venus" })] });
    unknown.moon.secret("secret", "moon", "venus");
    const operation = unknown.moon.initiate("net");
    await unknown.run();
    expect(operation.result()).toBe("failed");
    expect(unknown.sun.lines()).toContain("no matching peer config found");
    for (const end of unknown.ends) expectEmpty(end);
  });

  it("tells a responder that proves to be somebody else, which gives the IKE_SA up too", async () => {
    // moon wants venus, sun answers as sun: N(AUTHENTICATION_FAILED) in an INFORMATIONAL, RFC 7296 section 2.21.2
    const pair = new Pair();
    pair.configure({ remote: [authRound({ auth: "psk", id: "venus", idLoose: true })] });
    pair.moon.secret("secret", "moon", "venus");
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("IDir 'sun' does not match to 'venus'");
    expect(pair.moon.lines()).toContain("generating INFORMATIONAL request 2 [ N(AUTH_FAILED) ]");
    expect(pair.sun.lines()).toContain("received AUTHENTICATION_FAILED notify error");
    pair.clock.advance(1000);
    for (const end of pair.ends) expectEmpty(end);
  });

  it("ends with NO_PROPOSAL_CHOSEN without a common IKE proposal", async () => {
    const pair = new Pair();
    pair.configure({}, { proposals: ["aes256-sha256-modp2048"] });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("received proposals: IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768");
    expect(pair.sun.lines()).toContain("configured proposals: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048");
    expect(pair.sun.lines()).toContain("received proposals unacceptable");
    expect(pair.sun.lines()).toContain("generating IKE_SA_INIT response 0 [ N(NO_PROP) ]");
    expect(pair.moon.lines()).toContain("received NO_PROPOSAL_CHOSEN notify error");
    for (const end of pair.ends) expectEmpty(end);
  });

  it("ends with NO_PROPOSAL_CHOSEN when no connection has these addresses", async () => {
    const pair = new Pair();
    pair.configure({}, { remoteAddresses: ["198.51.100.7"] });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("no IKE config found for 192.0.2.2...192.0.2.1, sending NO_PROPOSAL_CHOSEN");
    for (const end of pair.ends) expectEmpty(end);
  });
});

describe("a CHILD_SA that is refused", () => {
  it("keeps the IKE_SA when there is no common ESP proposal", async () => {
    const pair = new Pair();
    pair.configure({}, { children: [usualChild("sun", "net", { proposals: ["aes256-sha256"] })] });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("no acceptable proposal found");
    expect(pair.sun.lines()).toContain("generating IKE_AUTH response 1 [ IDr AUTH N(NO_PROP) ]");
    for (const line of [
      "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built",
      "failed to establish CHILD_SA, keeping IKE_SA",
    ]) {
      expect(pair.moon.lines()).toContain(line);
    }
    expectUp(pair, 0);
  });

  it("keeps the IKE_SA when the traffic selectors do not fit", async () => {
    const pair = new Pair();
    pair.configure({}, { children: [usualChild("sun", "net", { remoteTs: ["10.77.0.0/16"] })] });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("traffic selectors 10.2.0.0/16 === 10.1.0.0/16 unacceptable");
    expect(pair.moon.lines()).toContain("received TS_UNACCEPTABLE notify, no CHILD_SA built");
    expectUp(pair, 0);
  });

  it("takes the IKE_SA along with close_ike_on_child_failure, whoever has it set", async () => {
    for (const closing of ["moon", "sun"] as const) {
      const pair = new Pair({ [closing]: { settings: { close_ike_on_child_failure: "yes" } } });
      pair.configure({}, { children: [usualChild("sun", "net", { proposals: ["aes256-sha256"] })] });
      const operation = pair.moon.initiate("net");
      await pair.run();
      expect(operation.result()).toBe("failed");
      expect(pair[closing].lines()).toContain("closing IKE_SA due CHILD_SA setup failure");
      // The IKE_AUTH response comes before the DELETE.
      const sent = pair[closing].lines().filter((line) => line.startsWith("generating"));
      expect(sent.at(-1)).toMatch(/^generating INFORMATIONAL request \d \[ D \]$/);
      for (const end of pair.ends) expectEmpty(end);
    }
  });

  it("is deleted at the responder when the initiator cannot install it", async () => {
    // moon's kernel refuses: sun has it installed already
    const pair = new Pair();
    pair.configure();
    pair.moon.kernel.failNext = new Error("no buffer space");
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("unable to install IPsec SAs: no buffer space");
    expect(pair.moon.lines()).toContain("sending DELETE for ESP CHILD_SA with SPI c0000001");
    expect(pair.sun.lines()).toContain("received DELETE for ESP CHILD_SA with SPI c0000001");
    expectUp(pair, 0);
  });

  it("is answered with NO_PROPOSAL_CHOSEN when the responder cannot install it or has no SPI", async () => {
    for (const fail of ["failNext", "failSpi"] as const) {
      const pair = new Pair();
      pair.configure();
      pair.sun.kernel[fail] = new Error("no buffer space");
      const operation = pair.moon.initiate("net");
      await pair.run();
      expect(operation.result()).toBe("failed");
      expect(pair.moon.lines()).toContain("received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built");
      expectUp(pair, 0);
    }
  });

  it("comes to nothing when the initiator has no SPI, and the IKE_SA is set up all the same", async () => {
    const pair = new Pair();
    pair.configure();
    pair.moon.kernel.failSpi = new Error("no SPI");
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expectUp(pair, 0);
  });

  it("is refused in an exchange of its own, too", async () => {
    const pair = new Pair();
    const children = [usualChild("moon"), usualChild("moon", "other", { remoteTs: ["10.9.0.0/16"] })];
    pair.configure({ children });
    await pair.establish();
    const operation = pair.moon.initiate("other");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("parsed CREATE_CHILD_SA response 2 [ N(TS_UNACCEPT) ]");
    expectUp(pair, 1);
  });
});

describe("traffic selectors", () => {
  it("are narrowed to what both ends allow", async () => {
    const pair = new Pair();
    pair.configure({ children: [usualChild("moon", "net", { remoteTs: ["10.0.0.0/8"] })] }, {});
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.children[0]!.selectors()).toBe("10.1.0.0/16 === 10.2.0.0/16");
    expect(pair.sun.children[0]!.selectors()).toBe("10.2.0.0/16 === 10.1.0.0/16");
  });

  it("of dynamic kind stand for the addresses of the IKE_SA", async () => {
    const pair = new Pair();
    pair.configure({}, {}, { localTs: ["dynamic"], remoteTs: ["dynamic"] });
    await pair.establish();
    expectAgreed(pair);
    expect(pair.moon.children[0]!.selectors()).toBe("192.0.2.1/32 === 192.0.2.2/32");
  });
});
