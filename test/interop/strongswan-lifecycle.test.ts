import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import type { IkeDaemon } from "./harness/daemon.js";
import { Pair } from "./harness/pair.js";
import type { PairPlan } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

async function establish(plan: PairPlan): Promise<Pair> {
  const pair = await Pair.start({ ...plan, conn: { mobike: "no", ...plan.conn } });
  await pair.moon.up();
  await pair.sun.log.seen(/^CHILD_SA net\{\d+\} established/);
  return pair;
}

const gone = (daemon: IkeDaemon): Promise<true> =>
  until(`the IKE_SA to go on ${daemon.name}`, async () => (await daemon.sas()).includes("(0 up, 0 connecting)"));

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  describe.each(["moon", "sun"] as const)("on %s", (host) => {
    const other = host === "moon" ? "sun" : "moon";

    it("down of a connection deletes the IKE_SA on both ends", async () => {
      const pair = await establish({ moon, sun });
      const text = await pair[host].strokeFor("IKE_SA [1] closed successfully", "down", "net");
      expect(text).toContain("deleting IKE_SA net[1] between");
      expect(text).toContain("sending DELETE for IKE_SA net[1]");
      await pair[other].log.seen("received DELETE for IKE_SA net[1]");
      await pair[other].log.seen("IKE_SA deleted");
      await gone(pair[other]);
      await gone(pair[host]);
    });

    it("down of a CHILD_SA deletes it on both ends and leaves the IKE_SA", async () => {
      const pair = await establish({ moon, sun });
      const text = await pair[host].strokeFor("CHILD_SA {1} closed successfully", "down", "net{}");
      expect(text).toMatch(
        /^closing CHILD_SA net\{1\} with SPIs [0-9a-f]{8}_i \(\d+ bytes\) [0-9a-f]{8}_o \(\d+ bytes\) and TS /m,
      );
      await pair[other].log.seen(/^received DELETE for ESP CHILD_SA with SPI [0-9a-f]{8}$/);
      for (const daemon of [pair.moon, pair.sun]) {
        await until("the CHILD_SA to go", async () => !(await daemon.sas()).includes("net{1}"));
        expect(await daemon.sas()).toContain("(1 up, 0 connecting)");
      }
    });

    it("a silent peer is probed and stays while it answers", async () => {
      const pair = await establish({ moon, sun, [`${host}Conn`]: { dpdaction: "clear", dpddelay: "1s" } });
      await pair[host].log.seen("sending DPD request", { times: 2 });
      await pair[host].log.seen(/^parsed INFORMATIONAL response \d+ \[ \]$/, { times: 2 });
      await pair[other].log.seen(/^parsed INFORMATIONAL request \d+ \[ \]$/, { times: 2 });
      expect(await pair[host].sas()).toContain("(1 up, 0 connecting)");
    });

    it("a dead peer is given up and its SAs are removed", async () => {
      const pair = await establish({
        moon,
        sun,
        [`${host}Conn`]: { dpdaction: "clear", dpddelay: "1s" },
        [`${host}Settings`]: "retransmit_tries = 2\n",
      });
      await Promise.all([pair.network.lose("moon", 1), pair.network.lose("sun", 1)]);
      await pair[host].log.seen("sending DPD request");
      await pair[host].log.seen(/^retransmit 2 of request with message ID \d+/);
      await pair[host].log.seen("giving up after 2 retransmits");
      await gone(pair[host]);
    });

    it("a daemon that ends tells its peer", async () => {
      const pair = await establish({ moon, sun });
      await pair[host].stop();
      await pair[other].log.seen("received DELETE for IKE_SA net[1]");
      await gone(pair[other]);
    });
  });

  it("sets its tunnel up again when the peer was found dead and dpdaction is restart", async () => {
    const pair = await establish({
      moon,
      sun,
      moonConn: { dpdaction: "restart", dpddelay: "1s", keyingtries: "%forever" },
      moonSettings: "retransmit_tries = 2\n",
    });
    await Promise.all([pair.network.lose("moon", 1), pair.network.lose("sun", 1)]);
    await pair.moon.log.seen("giving up after 2 retransmits");
    await pair.moon.log.seen(/^initiating IKE_SA net\[2\]/);
    await Promise.all([pair.network.heal("moon"), pair.network.heal("sun")]);
    await until("the tunnel to be back", async () => (await pair.moon.sas()).includes("INSTALLED, TUNNEL"));
  });

  it("sets its tunnel up again when the peer deletes it and closeaction is restart", async () => {
    const pair = await establish({ moon, sun, moonConn: { closeaction: "restart" } });
    await pair.sun.strokeFor("CHILD_SA {1} closed successfully", "down", "net{}");
    await pair.moon.log.seen(/^CHILD_SA net\{2\} established/);
    await until("the tunnel to be back", async () => (await pair.sun.sas()).includes("INSTALLED, TUNNEL"));
  });

  it("replaces the IKE_SA that a peer forgot when uniqueids say so", async () => {
    const pair = await establish({ moon, sun });
    // The responder hears nothing of the end of the first one.
    pair.moon.signal("SIGKILL");
    await until("moon to be gone", () => pair.moon.end !== undefined);
    await pair.moon.restart();
    await pair.define("moon", "net", { conn: { mobike: "no" } });
    await pair.moon.up();
    await pair.sun.log.seen(/^IKE_SA net\[2\] established/);
    await until("the old IKE_SA to go", async () => (await pair.sun.sas()).includes("(1 up, 0 connecting)"));
    expect(await pair.sun.sas()).not.toContain("net[1]");
  });
});
