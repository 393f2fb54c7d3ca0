import { existsSync } from "node:fs";
import { JobPriority, LogGroup, noMessages } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { parseLoadTestStatus, STATUS_REQUEST } from "../src/index.js";
import { Client } from "./client.js";
import { load, PSK, sa, settle } from "./fakes.js";

describe("plugin load-tester", () => {
  it("is not loaded unless it is switched on", async () => {
    const { lib, lines, host, socket } = await load("");
    expect(host.featureNames()).toEqual(["CUSTOM:kernel-net"]);
    expect(lib()).toContain("plugin 'load-tester': failed to load - load_tester_plugin_create returned NULL");
    expect(lines()).toEqual(["disabling load-tester plugin, not configured"]);
    expect(existsSync(socket)).toBe(false);
  });

  it("provides the features of strongSwan's, and the fake kernel on demand", async () => {
    const features = ["CUSTOM:kernel-net", "KE:MODP_NULL", "CUSTOM:load-tester", "CUSTOM:load-tester-initiators"];
    expect((await load(PSK)).host.featureNames()).toEqual(features);
    const { host, exchanges, kernels, socket, bus } = await load(`${PSK} fake_kernel = yes`);
    expect(host.featureNames()).toEqual([...features, "CUSTOM:kernel-ipsec"]);
    expect(exchanges.has(1024)).toBe(true);
    expect(kernels.ipsec).toHaveLength(1);
    await host.unload();
    expect([exchanges.size, kernels.ipsec.length, existsSync(socket), bus.wants("ikeUpdown")]).toEqual([0, 0, false, false]);
  });

  it("answers an option that it does not support with a line", async () => {
    const { lines } = await load(`${PSK} eap_password = x`);
    const line = "charon.plugins.load-tester.eap_password is set, but this release does not support it: it has no effect";
    expect(lines()).toEqual([line]);
  });

  it.each([
    ["enable = yes\n initiator_auth = eap", "initiator_auth = eap"],
    ["enable = yes\n initiator_auth = psk|xauth-eap\n responder_auth = psk", "initiator_auth = xauth-eap"],
    ["enable = yes\n initiator_auth = psk\n responder_auth = eap-md5", "responder_auth = eap-md5"],
    ["enable = yes\n initiator_auth = pubkey | xauth", "initiator_auth = xauth"],
  ])("says which authentication to set instead of others, and refuses all initiations (%j)", async (section, shown) => {
    const { controller, lines, scheduler, socket, stores } = await load(`${section}\n initiators = 3\n iterations = 0`);
    expect(lines()).toEqual([
      `load-tester: ${shown} is not supported by this release: use psk and pubkey, until then there are no load tests`,
    ]);
    scheduler.advance(0);
    await settle();
    expect(await new Client(socket, "2 0\n").closed).toBe("!!\n");
    expect(controller.initiations).toEqual([]);
    expect(stores.peers.size).toBe(0);
  });

  it("says that it cannot do IKEv1, and refuses all initiations", async () => {
    const { controller, lines, socket, stores } = await load(`${PSK}version = 1`);
    expect(lines()).toEqual([expect.stringContaining("load-tester: version = 1 asks for IKEv1")]);
    expect(lines()[0]).toContain("until then there are no load tests");
    expect(await new Client(socket, "1 0\n").closed).toBe("!\n");
    expect(controller.initiations).toEqual([]);
    expect(stores.peers.size).toBe(0);
  });

  it("refuses identities that cannot be filled in, at load", async () => {
    const { lines, stores } = await load(`${PSK} initiator_id = "%s@example.org"`);
    expect(lines()[0]).toContain("load-tester: initiator_id: '%s@example.org' cannot be filled in");
    expect(stores.peers.size).toBe(0);
  });

  it("deletes IKE_SAs of both roles once they are established, on demand", async () => {
    const { bus, controller } = await load(`${PSK} delete_after_established = yes`);
    bus.ikeUpdown(sa(7), true);
    bus.ikeUpdown(sa(8, false), true);
    bus.ikeUpdown(sa(7), false);
    expect(controller.terminated).toEqual([]);
    await settle();
    expect(controller.terminated).toEqual([7, 8]);
  });
});

describe("control socket", () => {
  it("reports each step of each initiation and closes when all have ended", async () => {
    const { bus, controller, gone, socket, up } = await load(PSK);
    const client = new Client(socket, "3 0\n");
    await client.receives("...");
    bus.alert(sa(2), { alert: "retransmit-send", attempt: 1 });
    bus.alert(sa(99), { alert: "retransmit-send", attempt: 1 });
    bus.alert(undefined, { alert: "retransmit-send", attempt: 1 });
    await client.receives("...*");
    up(3);
    await client.receives("...*+");
    gone(2);
    await client.receives("...*+-");
    up(1);
    // What comes later about the same IKE_SAs is no news.
    up(1);
    gone(1);
    for (const { end } of controller.initiations) end("failed");
    expect(await client.closed).toBe("...*+-+\n");
  });

  it("has a critical job slot for each request and each initiator, as long as it takes", async () => {
    const { controller, scheduler, slots, socket } = await load(`${PSK} initiators = 2`);
    controller.mode = "wait";
    scheduler.advance(0);
    const client = new Client(socket, "1 0\n");
    await until(() => controller.initiations.length === 3);
    expect(slots.occupied).toEqual([JobPriority.CRITICAL, JobPriority.CRITICAL, JobPriority.CRITICAL]);
    for (const { observer, id, end } of controller.initiations) {
      observer!.started!(id);
      end("done");
    }
    expect(await client.closed).toBe(".+\n");
    await until(() => slots.occupied.length === 0);
  });

  it("waits between initiations as long as the client says", async () => {
    const { controller, scheduler, socket, up } = await load(PSK);
    const client = new Client(socket, "2 100\n");
    await client.receives(".");
    up(1);
    await client.receives(".+");
    expect(controller.initiations).toHaveLength(1);
    scheduler.advance(99);
    await settle();
    expect(controller.initiations).toHaveLength(1);
    scheduler.advance(1);
    await client.receives(".+.");
    up(2);
    await settle();
    scheduler.advance(100);
    expect(await client.closed).toBe(".+.+\n");
  });

  it("learns the outcome from the controller where the bus does not tell", async () => {
    const { controller, socket } = await load(PSK);
    const client = new Client(socket, "2 0\n");
    await client.receives("..");
    controller.initiations[0].end("done");
    await client.receives("..+");
    controller.initiations[1].end("failed");
    expect(await client.closed).toBe("..+-\n");
  });

  it("marks initiations that could not be started, and gives the reason once", async () => {
    const { controller, lines, socket } = await load(PSK);
    controller.mode = "refuse";
    expect(await new Client(socket, "2 0\n").closed).toBe("!!\n");
    controller.mode = "throw";
    expect(await new Client(socket, "3 0\n").closed).toBe("!!!\n");
    expect(lines()).toEqual(["load-test initiation failed: no traffic selector"]);
  });

  it("serves several clients at a time, with one counter for all", async () => {
    const { controller, socket, up } = await load(PSK);
    const first = new Client(socket, "1\n");
    await first.receives(".");
    const second = new Client(socket, "1 0\n");
    await second.receives(".");
    expect(controller.initiations.map(({ peer }) => peer.local[0].id)).toEqual(["c1-r1.strongswan.org", "c2-r1.strongswan.org"]);
    up(2);
    expect(await second.closed).toBe(".+\n");
    expect(first.text).toBe(".");
    up(1);
    expect(await first.closed).toBe(".+\n");
  });

  it("goes on when the client goes away", async () => {
    const { controller, scheduler, socket, up } = await load(PSK);
    const client = new Client(socket, "3 10\n");
    await client.receives(".");
    client.hangUp();
    await client.closed;
    up(1);
    for (let i = 0; i < 3; i++) {
      await settle();
      scheduler.advance(10);
    }
    await settle();
    expect(controller.initiations).toHaveLength(3);
  });

  it.each(["\n", "hello\n", "-1\n", "status please, thank you\n"])("closes without an answer for %j", async (request) => {
    const { controller, socket } = await load(PSK);
    expect(await new Client(socket, request).closed).toBe("");
    expect(controller.initiations).toEqual([]);
  });

  it("reads 15 characters of a request, and 0 initiations are done at once", async () => {
    const { controller, socket } = await load(PSK);
    const client = new Client(socket, "0000000000000021");
    await client.receives("..");
    expect(controller.initiations).toHaveLength(2);
    expect(await new Client(socket, "0\n").closed).toBe("\n");
  });

  it("answers STATUS with one line of JSON that the tool understands", async () => {
    const { bus, controller, gone, socket, up } = await load(PSK);
    const client = new Client(socket, "3 0\n");
    await client.receives("...");
    bus.alert(sa(1), { alert: "retransmit-send", attempt: 1 });
    up(1);
    gone(2);
    controller.connecting = 5;
    controller.up = 2;
    const answer = await new Client(socket, STATUS_REQUEST).closed;
    expect(answer.endsWith("}\n") && answer.indexOf("\n") === answer.length - 1).toBe(true);
    const status = parseLoadTestStatus(answer);
    expect(status).toMatchObject({
      started: 3,
      established: 1,
      failed: 1,
      refused: 0,
      retransmits: 1,
      half_open: 5,
      up: 2,
      running: false,
      messages: { ...noMessages(), repeated: 3 },
    });
    expect(status.setup_ms.count).toBe(1);
    expect(status.setup_ms.min).toBe(status.setup_ms.max);
    expect(status.setup_ms_histogram.map(([, , count]) => count)).toEqual([1]);
    expect(status.elapsed_ms).toBeGreaterThanOrEqual(status.setup_ms.max);
    expect(() => parseLoadTestStatus("{}")).toThrow(expect.objectContaining({ code: "CYG_LOAD_TESTER_STATUS" }));
    expect(() => parseLoadTestStatus("...+")).toThrow("the answer is no status of a load test");
  });
});

describe("initiators", () => {
  const start = async (section: string) => {
    const daemon = await load(`${PSK} ${section}`);
    daemon.scheduler.advance(0);
    await settle();
    return daemon;
  };

  it("start with the job processor, not while plugins are loaded", async () => {
    const { controller, scheduler } = await load(`${PSK} initiators = 2\n iterations = 3`);
    await settle();
    expect(controller.initiations).toEqual([]);
    scheduler.advance(0);
    await settle();
    expect(controller.initiations).toHaveLength(6);
  });

  it("wait for their delay after each initiation", async () => {
    const { controller, scheduler } = await start("initiators = 2\n iterations = 2\n delay = 50");
    expect(controller.initiations).toHaveLength(2);
    scheduler.advance(49);
    await settle();
    expect(controller.initiations).toHaveLength(2);
    scheduler.advance(1);
    await settle();
    expect(controller.initiations).toHaveLength(4);
  });

  it("tell the profile how long they work, and wait for delay and init_limit", async () => {
    const { controller, scheduler, shards, up } = await start("initiators = 3\n iterations = 2\n delay = 50\n init_limit = 1");
    const found = () =>
      Object.fromEntries(shards[0]!.waits.profile().map(({ on, name, time }) => [`${on} ${name}`, [time.count, time.pending]]));
    expect(controller.initiations).toHaveLength(2);
    expect(found()).toEqual({ "load-tester initiator": [0, 3], "load-tester delay": [0, 2], "load-tester init_limit": [0, 1] });
    for (const id of [1, 2]) up(id);
    for (let round = 0; round < 6; round++) {
      scheduler.advance(50);
      await settle();
      for (let id = 1; id <= controller.initiations.length; id++) up(id);
    }
    expect(found()).toEqual({ "load-tester initiator": [3, 0], "load-tester delay": [6, 0], "load-tester init_limit": [2, 0] });
  });

  it("let the event loop turn, however many they initiate", async () => {
    const { controller } = await start("initiators = 1\n iterations = 0");
    const before = controller.initiations.length;
    expect(before).toBeGreaterThan(0);
    await settle(1);
    expect(controller.initiations.length - before).toBeLessThanOrEqual(8);
  });

  it("do not go on while too many IKE_SAs are being set up, and wake when one is up", async () => {
    const { controller, scheduler, up } = await start("initiators = 2\n iterations = 10\n init_limit = 3");
    // As many as the limit, and one more: strongSwan waits while there are more than the limit.
    expect(controller.initiations).toHaveLength(4);
    const counted = controller.counted;
    await settle();
    expect(controller.counted).toBe(counted);
    up(1);
    await settle();
    expect(controller.initiations).toHaveLength(5);
    controller.connecting = 50;
    for (const id of [2, 3, 4, 5]) up(id);
    await settle();
    expect(controller.initiations).toHaveLength(5);
    controller.connecting = 0;
    scheduler.advance(100);
    await settle();
    expect(controller.initiations).toHaveLength(9);
  });

  it("end the daemon when all of their initiations are up or failed, and nobody else's count", async () => {
    const { bus, controller, daemon, gone, lines, socket, up } = await start(
      "initiators = 2\n iterations = 2\n shutdown_when_complete = yes",
    );
    expect(controller.initiations).toHaveLength(4);
    const client = new Client(socket, "1\n");
    await client.receives(".");
    up(5);
    for (const id of [11, 12, 13, 14]) bus.ikeUpdown(sa(id, false), true);
    for (const id of [1, 2, 3]) up(id);
    await settle();
    expect(daemon.shutdowns).toEqual([]);
    gone(4);
    await settle();
    expect(daemon.shutdowns).toEqual(["load-test complete"]);
    expect(lines()).toEqual(["load-test complete, raising SIGTERM"]);
  });

  it("leave the daemon alone otherwise", async () => {
    const { daemon, up } = await start("initiators = 1\n iterations = 1");
    up(1);
    await settle();
    expect(daemon.shutdowns).toEqual([]);
  });

  it("stop when the daemon does, even endless ones and those that wait", async () => {
    for (const more of ["delay = 1000", "init_limit = 1", ""]) {
      const { controller, host, scheduler } = await start(`initiators = 2\n iterations = 0\n ${more}`);
      await host.unload();
      await settle();
      const { length } = controller.initiations;
      expect(length).toBeGreaterThan(0);
      await settle();
      expect(controller.initiations).toHaveLength(length);
      expect(scheduler.pending).toBe(0);
    }
  });

  it("do not try as fast as they can what cannot be started", async () => {
    const { bus, controller, scheduler, socket } = await load(`${PSK} initiators = 1\n iterations = 0`);
    controller.mode = "refuse";
    scheduler.advance(0);
    await settle();
    const status = async () => parseLoadTestStatus(await new Client(socket, STATUS_REQUEST).closed);
    expect(await status()).toMatchObject({ refused: 1, running: true });
    scheduler.advance(100);
    await settle();
    expect(await status()).toMatchObject({ refused: 2 });
    expect(bus.wants("alert")).toBe(true);
  });

  it("count initiations that were done without an IKE_SA of their own as established", async () => {
    const { controller, scheduler, socket, lines } = await load(`${PSK} initiators = 1`);
    controller.mode = "wait";
    scheduler.advance(0);
    await settle();
    controller.initiations[0].end("done");
    await settle();
    const status = parseLoadTestStatus(await new Client(socket, STATUS_REQUEST).closed);
    expect(status).toMatchObject({ started: 1, established: 1, refused: 0, running: false });
    expect(lines(LogGroup.DMN)).toEqual([]);
  });
});

/** Lets everything go on until something has come about; the test's limit is the limit. */
async function until(hasCome: () => boolean): Promise<void> {
  while (!hasCome()) await settle();
}
