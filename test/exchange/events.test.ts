import { Host, authRound } from "@cygnet/plugin-api";
import type { Alert, KeyMaterial, Listener } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty, expectUp } from "./expectations.js";

/** All alerts of an end, as they come; views stand by their names. */
function alertsOf(end: End): object[] {
  const seen: object[] = [];
  const alert = (_: unknown, given: Alert): void =>
    void seen.push("childSa" in given ? { ...given, childSa: given.childSa.name } : { ...given });
  end.bus.addListener({ name: "alerts", alert });
  return seen;
}

/** A pair whose ends tell their alerts; moon has begun to set up. */
async function initiated(pair: Pair): Promise<{ moon: object[]; sun: object[] }> {
  const alerts = { moon: alertsOf(pair.moon), sun: alertsOf(pair.sun) };
  pair.moon.initiate("net");
  await pair.run();
  return alerts;
}

const ESP_128 = "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ";

describe("an alert", () => {
  it("is not raised where everything goes as it should", async () => {
    const pair = new Pair();
    pair.configure();
    const alerts = await initiated(pair);
    pair.moon.rekeyChild();
    await pair.run(10_000);
    pair.sun.rekeyIke();
    await pair.run(10_000);
    pair.moon.terminateIke();
    await pair.run();
    for (const end of pair.ends) expectEmpty(end);
    expect(alerts).toEqual({ moon: [], sun: [] });
  });

  it("tells which proposals do not match: both lists where they were received, ours where they were refused", async () => {
    const pair = new Pair();
    pair.configure({}, { proposals: ["aes256-sha256-modp2048"] });
    const [ours, theirs] = [
      "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768",
      "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048",
    ];
    expect(await initiated(pair)).toEqual({
      moon: [{ alert: "proposal-mismatch-ike", configured: ours, received: "" }],
      sun: [{ alert: "proposal-mismatch-ike", configured: theirs, received: ours }],
    });
  });

  it("tells which proposals of a CHILD_SA do not match, with IKE_AUTH and in an exchange of its own", async () => {
    const pair = new Pair();
    pair.configure({}, { children: [usualChild("sun", "net", { proposals: ["aes256-sha256"] })] });
    const alerts = await initiated(pair);
    const expected = {
      moon: [{ alert: "proposal-mismatch-child", configured: ESP_128, received: "" }, { alert: "keep-on-child-sa-failure" }],
      sun: [
        {
          alert: "proposal-mismatch-child",
          configured: "ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ",
          received: ESP_128,
        },
        { alert: "keep-on-child-sa-failure" },
      ],
    };
    expect(alerts).toEqual(expected);
    pair.moon.initiate("net");
    await pair.run();
    expect(alerts).toEqual({ moon: [...expected.moon, ...expected.moon], sun: [...expected.sun, ...expected.sun] });
  });

  it("tells which proposals of a rekeying do not match", async () => {
    const pair = new Pair();
    pair.configure();
    const alerts = await initiated(pair);
    // Another configuration for the same connection, as after a reload.
    const { configs } = pair.sun.shard.context;
    pair.sun.connection({ ...configs.peerByName("net")!.definition, proposals: ["aes256-sha256-modp2048"] });
    pair.sun.ikeSas[0]!.peerConfig = configs.peerByName("net");
    pair.moon.rekeyIke();
    await pair.run();
    expect(alerts.sun).toEqual([
      {
        alert: "proposal-mismatch-ike",
        configured: "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048",
        received: "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768",
      },
    ]);
  });

  it("tells which traffic selectors do not match", async () => {
    const pair = new Pair();
    pair.configure({}, { children: [usualChild("sun", "net", { remoteTs: ["10.77.0.0/16"] })] });
    const mismatch = [
      { alert: "ts-mismatch", initiator: "10.1.0.0/16", responder: "10.2.0.0/16" },
      { alert: "keep-on-child-sa-failure" },
    ];
    expect(await initiated(pair)).toEqual({ moon: mismatch, sun: mismatch });
  });

  it("tells which side of the traffic selectors was narrowed, at the end that had more", async () => {
    const pair = new Pair();
    const children = [usualChild("moon", "net", { remoteTs: ["10.0.0.0/8"] })];
    pair.configure({ children }, { children: [usualChild("sun", "net", { remoteTs: ["10.1.0.0/16", "10.9.0.0/16"] })] });
    expect(await initiated(pair)).toEqual({
      moon: [{ alert: "ts-narrowed", side: "remote", selectors: "10.2.0.0/16" }],
      sun: [{ alert: "ts-narrowed", side: "remote", selectors: "10.1.0.0/16" }],
    });
    expectUp(pair);
  });

  it("tells SAs that the kernel refused from policies", async () => {
    for (const [what, alert, line] of [
      ["failNext", "install-child-sa-failed", "unable to install IPsec SAs: no room"],
      ["failPolicy", "install-child-policy-failed", "unable to install IPsec policies: no room"],
    ] as const) {
      for (const delayMs of [0, 5]) {
        const pair = new Pair();
        pair.configure();
        pair.sun.kernel[what] = new Error("no room");
        pair.sun.kernel.delayMs = delayMs;
        const alerts = await initiated(pair);
        await pair.run(100);
        expect(alerts.sun).toEqual([{ alert, childSa: "net" }, { alert: "keep-on-child-sa-failure" }]);
        expect(pair.sun.lines()).toContain(line);
        expectUp(pair, 0);
      }
    }
  });

  it("tells that there is no address to initiate to", async () => {
    const pair = new Pair();
    pair.configure({ remoteAddresses: ["%any"] });
    const alerts = await initiated(pair);
    expect(alerts.moon).toEqual([{ alert: "peer-addr-failed" }]);
    expectEmpty(pair.moon);
  });

  it("tells of a peer that does not answer: each retransmission, the last one, and that nothing was set up", async () => {
    const pair = new Pair({ moon: { settings: { retransmit_tries: "2" } } });
    pair.configure({ keyingTries: 1 });
    pair.network.fate = () => [];
    const alerts = await initiated(pair);
    await pair.run(200_000);
    expect(alerts.moon).toEqual([
      { alert: "retransmit-send", attempt: 1 },
      { alert: "retransmit-send", attempt: 2 },
      { alert: "retransmit-send-timeout" },
      { alert: "peer-init-unreachable" },
    ]);
  });

  it("tells of a peer that has answered in the end", async () => {
    const pair = new Pair();
    pair.configure();
    let lost = 2;
    pair.network.fate = () => (lost-- > 0 ? [] : [1]);
    const alerts = await initiated(pair);
    await pair.run(20_000);
    expect(alerts.moon).toEqual([
      { alert: "retransmit-send", attempt: 1 },
      { alert: "retransmit-send", attempt: 2 },
      { alert: "retransmit-send-cleared", attempts: 2 },
    ]);
    expectUp(pair);
  });

  it("tells of an IKE_SA whose lifetime is over", async () => {
    const pair = new Pair();
    pair.configure({}, { rekeyTime: 100, overTime: 10 });
    const alerts = await initiated(pair);
    // Nobody answers that it is rekeyed.
    pair.network.fate = () => [];
    await pair.run(120_000, 120);
    expect(alerts.sun).toContainEqual({ alert: "ike-sa-expired" });
  });

  it("tells of an initiator that does not go on", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = (_, index) => (index < 2 ? [1] : []);
    const alerts = await initiated(pair);
    await pair.run(31_000);
    expect(alerts.sun).toEqual([{ alert: "half-open-timeout" }]);
  });

  it("tells of failed authentication, of the peer's and of ours, and of a listener that forbids", async () => {
    const wrong = new Pair();
    wrong.configure({ local: [authRound({ auth: "psk", id: "stranger" })] });
    wrong.moon.secret("secret", "stranger", "sun");
    expect(await initiated(wrong)).toEqual({ moon: [{ alert: "local-auth-failed" }], sun: [{ alert: "peer-auth-failed" }] });
    const forbidden = new Pair();
    forbidden.configure();
    forbidden.sun.bus.addListener({ name: "never", authorize: () => false });
    expect(await initiated(forbidden)).toMatchObject({ sun: [{ alert: "authorization-failed" }, { alert: "peer-auth-failed" }] });
  });

  it("tells of virtual IPs that there are none of", async () => {
    const pair = new Pair();
    const children = [usualChild("moon", "net", { localTs: ["dynamic"] })];
    pair.configure({ virtualIps: ["0.0.0.0"], children }, { pools: ["empty"] });
    const { sun } = await initiated(pair);
    expect(sun).toEqual([{ alert: "vip-failure" }, { alert: "keep-on-child-sa-failure" }]);
  });

  for (const [unique, alert] of [
    ["replace", "unique-replace"],
    ["keep", "unique-keep"],
  ] as const) {
    it(`tells that uniqueids = ${unique} had its effect`, async () => {
      const pair = new Pair();
      pair.configure({ unique: "never" }, { unique });
      await pair.establish();
      pair.moon.manager.destroy(pair.moon.ikeSas[0]!);
      const { sun } = await initiated(pair);
      expect(sun[0]).toEqual({ alert });
    });
  }
});

describe("a listener to narrow", () => {
  /** Which stages an end's listener is asked at, with what. */
  function stagesOf(end: End): string[] {
    const stages: string[] = [];
    const narrow: Listener["narrow"] = (_ike, _child, stage, local, remote) =>
      void stages.push(`${stage} ${local.join(" ")} === ${remote.join(" ")}`);
    end.bus.addListener({ name: "stages", narrow });
    return stages;
  }

  it("is asked before and after the exchange, by either end", async () => {
    const pair = new Pair();
    pair.configure();
    const [moon, sun] = [stagesOf(pair.moon), stagesOf(pair.sun)];
    await pair.establish();
    const [out, back] = ["10.1.0.0/16 === 10.2.0.0/16", "10.2.0.0/16 === 10.1.0.0/16"];
    expect(moon.splice(0)).toEqual([`initiator-pre-noauth ${out}`, `initiator-post-noauth ${out}`]);
    expect(sun.splice(0)).toEqual([`responder ${back}`, `responder-post ${back}`]);
    pair.moon.rekeyChild();
    await pair.run(10_000);
    expect(moon).toEqual([`initiator-pre-auth ${out}`, `initiator-post-auth ${out}`]);
    expect(sun).toEqual([`responder ${back}`, `responder-post ${back}`]);
  });

  /** Leaves one address of our own side at a stage. */
  const leaveOne = (end: End, at: string): void => {
    const narrow: Listener["narrow"] = (_ike, _child, stage, local) => {
      if (stage === at) local[0] = { ...local[0]!, startAddress: local[0]!.endAddress };
    };
    end.bus.addListener({ name: "narrow", narrow });
  };

  it("is told to the peer as responder", async () => {
    const pair = new Pair();
    pair.configure();
    leaveOne(pair.sun, "responder");
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.children[0]!.selectors()).toBe("10.1.0.0/16 === 10.2.255.255/32");
    expect(pair.sun.children[0]!.selectors()).toBe("10.2.255.255/32 === 10.1.0.0/16");
  });

  it("changes what is installed alone, after the answer was decided", async () => {
    const pair = new Pair();
    pair.configure();
    leaveOne(pair.sun, "responder-post");
    await pair.establish();
    expectAgreed(pair);
    expect(pair.moon.children[0]!.selectors()).toBe("10.1.0.0/16 === 10.2.0.0/16");
    expect(pair.sun.children[0]!.selectors()).toBe("10.2.255.255/32 === 10.1.0.0/16");
  });

  it("refuses the CHILD_SA by leaving nothing", async () => {
    for (const stage of ["responder", "responder-post"]) {
      const pair = new Pair();
      pair.configure();
      const narrow: Listener["narrow"] = (_ike, _child, at, local) => void (at === stage && local.splice(0));
      pair.sun.bus.addListener({ name: "none", narrow });
      await pair.establish();
      expect(pair.moon.lines()).toContain("received TS_UNACCEPTABLE notify, no CHILD_SA built");
      expectUp(pair, 0);
    }
  });
});

describe("the life of SAs", () => {
  /** The names of all events but `message`, in order. */
  function eventsOf(end: End): string[] {
    const events: string[] = [];
    const note = (text: string) => (): void => void events.push(text);
    const up = (what: string) => (_: unknown, isUp: unknown, last?: unknown) =>
      void events.push(`${what} ${(last ?? isUp) === true ? "up" : "down"}`);
    end.bus.addListener({
      name: "events",
      ikeKeyMaterial: (_, __, replaces) => void events.push(replaces ? "ike material after another" : "ike material"),
      ikeKeys: note("ike keys"),
      childKeyMaterial: note("child material"),
      childKeys: note("child keys"),
      ikeUpdown: up("ike"),
      childUpdown: up("child"),
      ikeRekey: note("ike rekey"),
      childRekey: note("child rekey"),
      ikeReestablishPre: note("ike reestablish pre"),
      ikeReestablish: note("ike reestablish"),
      childrenMigrate: (old, fresh) =>
        void events.push(`${[...old.children].length} children migrate to ${[...fresh.children].length}`),
      ikeUpdate: note("ike update"),
      assignVirtualIps: up("assign"),
      handleVirtualIps: up("handle"),
      attributes: note("attributes"),
    });
    return events;
  }

  it("is told from keys to the end, by either end", async () => {
    const pair = new Pair();
    pair.configure({ virtualIps: ["0.0.0.0"] }, { pools: ["pool"] });
    const dns = { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 2, 0, 53) };
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.1.7.0/24", attributes: [dns] });
    const [moon, sun] = [eventsOf(pair.moon), eventsOf(pair.sun)];
    await pair.establish();
    expect(moon.splice(0)).toEqual([
      "ike material",
      "ike keys",
      "attributes",
      "handle up",
      "ike up",
      "child material",
      "child keys",
      "child up",
    ]);
    expect(sun.splice(0)).toEqual([
      "ike material",
      "ike keys",
      "assign up",
      "ike up",
      "child material",
      "child keys",
      "child up",
    ]);
    pair.moon.rekeyChild();
    await pair.run(10_000);
    for (const events of [moon, sun]) expect(events.splice(0)).toEqual(["child material", "child keys", "child rekey"]);
    pair.moon.rekeyIke();
    await pair.run(10_000);
    for (const events of [moon, sun])
      expect(events.splice(0)).toEqual(["ike material after another", "ike keys", "1 children migrate to 0", "ike rekey"]);
    pair.moon.terminateIke();
    await pair.run();
    expect(moon).toEqual(["child down", "ike down", "handle down"]);
    expect(sun).toEqual(["child down", "ike down", "assign down"]);
  });

  it("goes on in another IKE_SA after a reauthentication", async () => {
    const pair = new Pair();
    pair.configure({ reauthTime: 1000, overTime: 100 });
    await pair.establish();
    const [moon, sun] = [eventsOf(pair.moon), eventsOf(pair.sun)];
    await pair.run(1_001_000, 100);
    const set = ["ike material", "ike keys", "ike up", "child material", "child keys", "child up"];
    expect(moon).toEqual([
      "ike reestablish pre",
      ...set.slice(0, 3),
      "ike reestablish",
      ...set.slice(3),
      "child down",
      "ike down",
    ]);
    expect(sun).toEqual([...set, "child down", "ike down"]);
  });

  it("goes on in another IKE_SA with a peer that was gone", async () => {
    const pair = new Pair({ moon: { settings: { retransmit_tries: "1" } } });
    pair.configure({ dpdDelay: 10 }, {}, { dpdAction: "start" });
    await pair.establish();
    const moon = eventsOf(pair.moon);
    pair.network.fate = () => [];
    await pair.run(22_000, 22);
    expect(moon).toEqual(["ike reestablish pre", "ike reestablish", "child down", "ike down"]);
  });

  it("has keys come from what both ends see alike", async () => {
    const pair = new Pair();
    pair.configure();
    const seen = pair.ends.map(({ bus }) => {
      const materials: unknown[] = [];
      const copy = ({ sharedSecret, nonceInitiator, nonceResponder }: KeyMaterial): unknown =>
        [sharedSecret, nonceInitiator, nonceResponder].map((octets) => octets && Buffer.from(octets).toString("hex"));
      bus.addListener({
        name: "material",
        ikeKeyMaterial: (_, material) => void materials.push(copy(material)),
        childKeyMaterial: (_, __, ___, material) => void materials.push(copy(material)),
      });
      return materials;
    });
    await pair.establish();
    expect(seen[0]).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
    const [[secret], [childSecret]] = seen[0] as [string[], (string | undefined)[]];
    expect(secret).toMatch(/^(?!0+$)[0-9a-f]{192}$/);
    expect(childSecret).toBeUndefined();
  });

  it("goes on at another address that a NAT gives the peer", async () => {
    const pair = new Pair();
    const [inside, outside] = [Host.of("192.0.2.1"), Host.of("203.0.113.7")];
    let port = 1000;
    pair.network.translate = (flight) => {
      const { source, destination } = flight;
      if (source.sameAddress(inside)) return { ...flight, source: outside.withPort(port + source.port) };
      if (!destination.sameAddress(outside)) return flight;
      return { ...flight, destination: inside.withPort(destination.port - port) };
    };
    pair.configure({}, { remoteAddresses: ["%any"] });
    await pair.establish();
    expectUp(pair);
    const [moon, sun] = [eventsOf(pair.moon), eventsOf(pair.sun)];
    port = 2000;
    pair.moon.terminateChild();
    await pair.run();
    expect(moon).toEqual(["child down"]);
    expect(sun).toEqual(["ike update", "child down"]);
    expect(pair.sun.ikeSas[0]!.remote.toStringWithPort()).toBe("203.0.113.7[6500]");
  });
});
