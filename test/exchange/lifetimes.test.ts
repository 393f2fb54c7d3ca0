import { ChildSaState } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";

describe("lifetimes of an IKE_SA", () => {
  it("have it rekeyed in time, again and again", async () => {
    const pair = new Pair();
    pair.configure({ rekeyTime: 1000, overTime: 100 });
    await pair.establish();
    expect(pair.moon.lines()).toContain("scheduling rekeying in 1000s");
    expect(pair.moon.lines()).toContain("maximum IKE_SA lifetime 1100s");
    await pair.run(3_100_000, 300);
    expectUp(pair);
    expect(pair.moon.lines().filter((line) => line.includes("rekeyed between"))).toHaveLength(3);
    expect(pair.moon.ikeSas[0]!.uniqueId).toBe(4);
  });

  it("have it authenticated anew by the initiator: the new one is up before the old one goes", async () => {
    const pair = new Pair();
    pair.configure({ reauthTime: 1000, overTime: 100, rekeyTime: 0 });
    await pair.establish();
    const counts: number[] = [];
    pair.moon.bus.addListener({
      name: "count",
      ikeUpdown: () => void counts.push(pair.moon.ikeSas.filter(({ state }) => state === 2).length),
    });
    await pair.run(1_001_000, 300);
    expect(pair.moon.lines()).toContain("reauthenticating IKE_SA net[1]");
    expectUp(pair);
    expect(pair.moon.ikeSas[0]!.uniqueId).toBe(2);
    expect(counts[0]).toBe(2);
  });

  it("have it deleted before it is authenticated anew with make_before_break = no, even if the peer does not answer", async () => {
    for (const isAnswered of [true, false]) {
      const pair = new Pair({ moon: { settings: { make_before_break: "no", retransmit_timeout: "1", retransmit_tries: "1" } } });
      pair.configure({ reauthTime: 1000, overTime: 100, rekeyTime: 0 });
      await pair.establish();
      const counts: number[] = [];
      pair.moon.bus.addListener({
        name: "count",
        ikeUpdown: (_, up) => void (up && counts.push(pair.moon.ikeSas.filter(({ state }) => state === 2).length)),
      });
      await pair.run(999_000, 300);
      pair.network.fate = ({ destination }) => (isAnswered || destination.toString() !== "192.0.2.2" ? [1] : []);
      await pair.run(4200, 84);
      pair.network.fate = () => [1];
      await pair.run(5000, 100);
      expect(pair.moon.ikeSas[0]!.uniqueId).toBe(2);
      expect(pair.moon.children).toHaveLength(1);
      expect(pair.moon.lines()).toContain("restarting CHILD_SA net");
      expect(counts).toEqual([1]);
      const failure = "delete during reauthentication failed, trying to reestablish IKE_SA anyway";
      expect(pair.moon.lines().includes(failure)).toBe(!isAnswered);
    }
  });

  it("have one without a CHILD_SA authenticated anew as well with make_before_break = no", async () => {
    const pair = new Pair({ moon: { settings: { make_before_break: "no" } } });
    pair.configure({ reauthTime: 1000, overTime: 100, rekeyTime: 0 });
    pair.moon.initiate(undefined);
    await pair.run();
    await pair.run(1_001_000, 300);
    expect(pair.moon.ikeSas.map(({ uniqueId }) => uniqueId)).toEqual([2]);
    expect(pair.sun.ikeSas).toHaveLength(1);
  });

  it("count the time to reauthentication from the first authentication, however often it is rekeyed, and by whomever", async () => {
    const pair = new Pair();
    pair.configure({ reauthTime: 1000, rekeyTime: 0, overTime: 100 });
    await pair.establish();
    await pair.run(600_000, 100);
    pair.sun.rekeyIke();
    await pair.run(1000);
    expect(
      pair.moon
        .lines()
        .some((line) =>
          /^rescheduling reauthentication in (399|400)s after rekeying, lifetime reduced to (499|500)s$/.test(line),
        ),
    ).toBe(true);
    await pair.run(401_000, 100);
    expect(pair.moon.lines()).toContain("reauthenticating IKE_SA net[2]");
    expectUp(pair);
  });

  it("of the responder are told to an initiator that has a virtual IP of it: AUTH_LIFETIME", async () => {
    const pair = new Pair();
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [] });
    pair.configure({ virtualIps: ["0.0.0.0"], overTime: 100 }, { pools: ["pool"], reauthTime: 500, overTime: 100 }, {});
    const moon = usualChild("moon", "net", { localTs: ["dynamic"] });
    const sun = usualChild("sun", "net", { remoteTs: ["dynamic"] });
    const [ours, theirs] = [pair.moon, pair.sun].map((end) => end.shard.context.configs.peerByName("net")!.definition);
    pair.moon.connection({ ...ours!, children: [moon] });
    pair.sun.connection({ ...theirs!, children: [sun] });
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines()).toContain("generating IKE_AUTH response 1 [ IDr AUTH CPRP(ADDR) SA TSi TSr N(AUTH_LFT) ]");
    const lines = pair.moon.lines();
    const from = lines.indexOf("received AUTH_LIFETIME of 500s, scheduling reauthentication in 400s");
    expect(lines.slice(from, from + 4)).toEqual([
      "received AUTH_LIFETIME of 500s, scheduling reauthentication in 400s",
      "IKE_SA net[1] established between 192.0.2.1[moon]...192.0.2.2[sun]",
      "reauthentication already scheduled in 400s",
      "maximum IKE_SA lifetime 500s",
    ]);
    await pair.run(401_000, 100);
    expect(pair.moon.lines()).toContain("reauthenticating IKE_SA net[1]");
    expectUp(pair);
  });

  it("of the responder have it reauthenticate by itself when nothing speaks against it", async () => {
    const pair = new Pair();
    pair.configure({}, { reauthTime: 500, overTime: 100 });
    await pair.establish();
    await pair.run(501_000, 100);
    expect(pair.sun.lines()).toContain("initiator did not reauthenticate as requested");
    expect(pair.sun.lines()).toContain("reauthenticating IKE_SA net[1] actively");
    expectUp(pair);
    expect(pair.sun.ikeSas[0]!.isInitiator).toBe(true);
  });

  it("end it when rekeying did not come about in time", async () => {
    const pair = new Pair({ moon: { settings: { retransmit_tries: "20", retransmit_base: "1" } } });
    pair.configure({ rekeyTime: 100, overTime: 50 });
    await pair.establish();
    // Every rekeying is refused: sun finds no proposal.
    pair.sun.connection({ ...pair.sun.shard.context.configs.peerByName("net")!.definition });
    pair.sun.ikeSas[0]!.peerConfig = undefined;
    await pair.run(149_000, 100);
    expect(pair.moon.lines().some((line) => /^IKE_SA rekeying failed, trying again in \d+ seconds$/.test(line))).toBe(true);
    expectUp(pair);
    await pair.run(10_000, 100);
    expect(pair.moon.ikeSas).toEqual([]);
    expect(pair.sun.ikeSas).toEqual([]);
  });
});

describe("inactivity", () => {
  it("closes a CHILD_SA without traffic, and not before", async () => {
    const pair = new Pair();
    pair.configure({ children: [usualChild("moon", "net", { inactivity: 60 })] });
    await pair.establish();
    pair.moon.kernel.use = { bytes: 100, packets: 1, lastUseMs: pair.clock.wallMs + 30_000 };
    await pair.run(70_000);
    expect(pair.moon.children.map(({ state }) => state)).toEqual([ChildSaState.INSTALLED]);
    await pair.run(25_000);
    expect(pair.moon.lines()).toContain("deleting CHILD_SA after 60 seconds of inactivity");
    expectUp(pair, 0);
  });

  it("closes the IKE_SA with its last CHILD_SA where inactivity_close_ike is set", async () => {
    const pair = new Pair({ moon: { settings: { inactivity_close_ike: "yes" } } });
    const children = [usualChild("moon", "net", { inactivity: 60 }), usualChild("moon", "other", { inactivity: 120 })];
    pair.configure({ children });
    pair.moon.initiate("net");
    await pair.run();
    pair.moon.initiate("other");
    await pair.run();
    expectUp(pair, 2);
    await pair.run(70_000);
    expectUp(pair, 1);
    await pair.run(60_000);
    expect(pair.moon.lines()).toContain("deleting IKE_SA after 120 seconds of CHILD_SA inactivity");
    expect(pair.ends.map(({ ikeSas }) => ikeSas.length)).toEqual([0, 0]);
  });
});
