import { describe, expect, it } from "vitest";
import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import { childSaLines, ikeSaLines } from "../../src/index.js";
import { captured } from "../support/captured.js";
import { childSaStatus, ikeSaStatus } from "../support/sa-status.js";

const statusAll = captured("6.0.6", "ipsec statusall");

describe("ikeSaLines", () => {
  it("prints the captured block of an initiator", () => {
    expect(ikeSaLines(ikeSaStatus(), true)).toEqual(statusAll.slice(-6, -3));
  });

  it("prints the captured block of a responder, with its own SPI marked", () => {
    const swapped = { local: "10.9.0.2", localId: "sun.example.org", remote: "10.9.0.1", remoteId: "moon.example.org" };
    const lines = ikeSaLines(ikeSaStatus({ ...swapped, isInitiator: false }), true);
    expect(lines).toEqual(captured("6.0.6", "ipsec statusall", 1).slice(-6, -3));
  });

  it("prints one line without details", () => {
    expect(ikeSaLines(ikeSaStatus({ establishedSeconds: 1 }), false)).toEqual(captured("6.0.6", "ipsec status", 1).slice(-3, -2));
  });

  it("prints an IKEv1 SA with XAuth as captured", () => {
    const xa = ikeSaStatus({
      uniqueId: 3,
      name: "xa",
      version: 1,
      initiatorSpi: "e16f7d82aca3688b",
      responderSpi: "d09bf1d967fb94e2",
      localId: "alice",
      reauthMethods: "pre-shared key+XAuth",
      reauthSeconds: 3257,
      proposal: "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048",
    });
    expect(ikeSaLines(xa, true)).toEqual(captured("6.0.6", "ipsec statusall xa").slice(-6, -3));
  });

  it("prints a connecting SA with its tasks as captured", () => {
    const tasks =
      "IKE_VENDOR IKE_INIT IKE_NATD IKE_CERT_PRE IKE_AUTH IKE_CERT_POST IKE_CONFIG IKE_AUTH_LIFETIME IKE_MOBIKE IKE_ESTABLISH CHILD_CREATE";
    const unreach = ikeSaStatus({
      uniqueId: 9,
      name: "unreach",
      state: IkeSaState.CONNECTING,
      initiatorSpi: "f6648ae868a8e665",
      responderSpi: "0000000000000000",
      remote: "10.9.0.99",
      localId: "%any",
      remoteId: "%any",
      establishedSeconds: undefined,
      reauthSeconds: undefined,
      proposal: "",
      tasksActive: tasks.split(" "),
    });
    expect(ikeSaLines(unreach, true)).toEqual([
      "     unreach[9]: CONNECTING, 10.9.0.1[%any]...10.9.0.99[%any]",
      "     unreach[9]: IKEv2 SPIs: f6648ae868a8e665_i* 0000000000000000_r",
      `     unreach[9]: Tasks active: ${tasks} `,
    ]);
  });

  it("tells when an SA is renewed, and when it is not", () => {
    const line = (given: Parameters<typeof ikeSaStatus>[0]) => ikeSaLines(ikeSaStatus(given), true)[1].replace(/^.*_r/, "");
    expect(line({ rekeySeconds: 7300, reauthSeconds: undefined })).toBe(", rekeying in 2 hours");
    expect(line({ rekeySeconds: 60, reauthSeconds: 90 })).toBe(
      ", rekeying in 60 seconds, pre-shared key reauthentication in 90 seconds",
    );
    expect(line({ reauthSeconds: undefined })).toBe(", rekeying disabled");
  });

  it("names the peer's EAP or XAuth identity", () => {
    const line = (version: 1 | 2) => ikeSaLines(ikeSaStatus({ version, remoteEapId: "carol" }), true)[1];
    expect([line(1), line(2)]).toEqual([
      "     net-net[1]: Remote XAuth identity: carol",
      "     net-net[1]: Remote EAP identity: carol",
    ]);
  });
});

describe("childSaLines", () => {
  it("prints the captured block", () => {
    expect(childSaLines(childSaStatus(), true)).toEqual(statusAll.slice(-3));
  });

  it("prints the captured block without details", () => {
    expect(childSaLines(childSaStatus(), false)).toEqual(captured("6.0.6", "ipsec status").slice(-2));
  });

  it("prints the captured block of an SA that was never used", () => {
    const xa = childSaStatus({
      uniqueId: 3,
      name: "xa",
      reqid: 2,
      spiIn: 0x5a55cb96,
      spiOut: 0x375e6eeb,
      proposal: "AES_CBC_128/HMAC_SHA2_256_128/MODP_2048",
      bytesIn: 0,
      bytesOut: 0,
      idleInSeconds: undefined,
      idleOutSeconds: undefined,
      rekeySeconds: 890,
      localTs: "10.9.0.1/32",
    });
    expect(childSaLines(xa, true)).toEqual(captured("6.0.6", "ipsec statusall xa").slice(-3));
  });

  it("prints a routed one as captured", () => {
    const routed = childSaStatus({ uniqueId: 4, state: ChildSaState.ROUTED });
    expect(childSaLines(routed, true)).toEqual(captured("6.0.6", "ipsec status", 2).slice(3, 5));
  });

  it("prints AH, CPIs, and a single packet", () => {
    const [head, usage] = childSaLines(
      childSaStatus({
        protocol: 2,
        udpEncap: false,
        spiIn: 1,
        cpiIn: 0xa,
        cpiOut: 0xbeef,
        packetsIn: 1,
        rekeySeconds: undefined,
      }),
      true,
    );
    expect(head).toBe("     net-net{1}:  INSTALLED, TUNNEL, reqid 1, AH SPIs: 00000001_i c4c4817d_o, IPCOMP CPIs: 000a_i beef_o");
    expect(usage).toContain("252 bytes_i (1 pkt, 0s ago), 252 bytes_o (3 pkts, 0s ago), rekeying disabled");
  });

  it("tells when a rekeyed one expires", () => {
    const [head] = childSaLines(childSaStatus({ state: ChildSaState.REKEYED, expireSeconds: 130 }), true);
    expect(head).toBe("     net-net{1}:  REKEYED, TUNNEL, reqid 1, expires in 2 minutes");
  });

  it("says that rekeying is active once its time has come", () => {
    expect(childSaLines(childSaStatus({ rekeySeconds: 0 }), true)[1]).toMatch(/, rekeying active$/);
  });
});
