import { describe, expect, it } from "vitest";
import { parseLoadTestStatus, START_REQUEST, STATUS_REQUEST } from "../src/index.js";
import { ShardShare } from "../src/shard-share.js";
import { Client } from "./client.js";
import { JOBS, loadOnShards, PSK, settle } from "./fakes.js";

const SHARDS = 3;
const id = (number: number): string => `c${number}-r1.strongswan.org`;
const statusOf = async (socket: string) => parseLoadTestStatus(await new Client(socket, STATUS_REQUEST).closed);
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe("a load test on several shards", () => {
  const started = async (section: string) => {
    const daemon = await loadOnShards(PSK + section, SHARDS);
    daemon.advance(0);
    await settle();
    return daemon;
  };

  it("has its responder, key exchange and line about each option once, and its initiators on each shard", async () => {
    const { control, lines, shards, stores, unload } = await loadOnShards(
      `${PSK} eap_password = x\n mode = pass\n addrs { eth0 = bogus\n }`,
      SHARDS,
    );
    expect(control.featureNames()).toEqual(["KE:MODP_NULL", "CUSTOM:load-tester"]);
    expect(stores.peers.size).toBe(1);
    expect(lines()).toEqual([
      "charon.plugins.load-tester.eap_password is set, but this release does not support it: it has no effect",
      "parsing load-test address pool 'bogus' of eth0 failed, ignored",
      "load-tester mode 'pass' is unknown, using tunnel",
    ]);
    for (const { bus, exchanges } of shards) expect([bus.wants("ikeUpdown"), exchanges.has(1024)]).toEqual([true, true]);
    await unload();
    expect(stores.peers.size).toBe(0);
    for (const { bus, scheduler } of shards) expect([bus.wants("ikeUpdown"), scheduler.pending]).toEqual([false, 0]);
  });

  it("gives the reason once where options allow none, and refuses on all shards", async () => {
    const { initiations, lines, socket } = await started("version = 1\n initiators = 5\n iterations = 0");
    expect(lines()).toEqual([expect.stringContaining("load-tester: version = 1 asks for IKEv1")]);
    expect(await new Client(socket, "4\n").closed).toBe("!!!!\n");
    expect(await statusOf(socket)).toMatchObject({ refused: 4, running: false });
    expect(initiations()).toEqual([0, 0, 0]);
  });

  it("has initiator number i on shard i modulo shards, each with its job slot, and no identity twice", async () => {
    const { identities, initiations } = await started("initiators = 5\n iterations = 2");
    expect(initiations()).toEqual([4, 4, 2]);
    expect(identities()).toEqual([[1, 4, 7, 10].map(id), [2, 5, 8, 11].map(id), [3, 6].map(id)]);
    const waiting = await started("initiators = 5\n iterations = 0\n delay = 10");
    expect(waiting.shards.map(({ slots }) => slots.occupied.length)).toEqual([2, 2, 1]);
  });

  it("uses no source address, unique port or port of its own on two of them", async () => {
    const { shards, lines } = await started(
      "initiators = 3\n iterations = 2\n initiator_tsr = 10.9.0.0/16[udp/%unique]\n addrs { eth0 = 10.0.0.1-10.0.0.4\n }",
    );
    const ports = (await started("initiators = 3\n iterations = 2\n dynamic_port = 6000")).shards.map(({ controller }) =>
      controller.initiations.map(({ peer }) => peer.localPort),
    );
    expect(ports).toEqual([
      [6000, 6003],
      [6001, 6004],
      [6002, 6005],
    ]);
    const peers = shards.map(({ controller }) => controller.initiations.map(({ peer }) => peer));
    expect(peers.map((each) => each.map(({ localAddresses }) => localAddresses[0]))).toEqual([
      ["10.0.0.1", "10.0.0.4"],
      ["10.0.0.2", "0.0.0.0"],
      ["10.0.0.3", "0.0.0.0"],
    ]);
    expect(peers.map((each) => each.map(({ children }) => children[0].remoteTs[0]))).toEqual(
      [
        [1025, 1028],
        [1026, 1029],
        [1027, 1030],
      ].map((ports) => ports.map((port) => `10.9.0.0/16[udp/${port}]`)),
    );
    expect(new Set(lines())).toEqual(new Set(["all load-test addresses are in use, initiating from the default one"]));
  });

  it("initiates on all shards with the proposals that the core took, on demand as well", async () => {
    const { advance, shards, socket } = await loadOnShards(`${PSK} initiators = 2\n esp = bogus`, SHARDS, ({ stores }) =>
      stores.invalid.add("bogus"),
    );
    advance(0);
    await settle();
    await new Client(socket, "3\n").receives("...");
    const proposals = shards.map(({ controller }) => controller.initiations.map(({ peer }) => peer.children[0].proposals[0]));
    expect(proposals).toEqual([["aes128-sha1", "aes128-sha1"], ["aes128-sha1", "aes128-sha1"], ["aes128-sha1"]]);
  });

  it("shares its init_limit out, and waits on each shard for that shard's IKE_SAs", async () => {
    const { initiations, shards } = await started("initiators = 3\n iterations = 10\n init_limit = 7");
    expect(initiations()).toEqual([4, 3, 3]);
    shards[1].up(1);
    await settle();
    expect(initiations()).toEqual([4, 4, 3]);
    expect((await started("initiators = 3\n iterations = 10\n init_limit = 1")).initiations()).toEqual([2, 2, 2]);
  });

  it("has one status: sums, the earliest start, the latest end and the setup times of all", async () => {
    const { shards, socket } = await started("initiators = 3\n iterations = 2");
    const [first, second, third] = shards;
    first.up(1);
    first.gone(2);
    second.up(1);
    second.bus.alert({ uniqueId: 2 } as never, { alert: "retransmit-send", attempt: 1 });
    third.up(1);
    shards.forEach(({ controller }, i) => Object.assign(controller, { up: i, connecting: 10 * i }));
    const status = await statusOf(socket);
    expect(status).toMatchObject({ started: 6, established: 3, failed: 1, refused: 0, retransmits: 1, running: true });
    expect(status).toMatchObject({ up: 3, half_open: 30, messages: { repeated: 3 } });
    expect(status.setup_ms.count).toBe(3);
    expect(sum(status.setup_ms_histogram.map(([, , count]) => count))).toBe(3);
    expect(status.elapsed_ms).toBeGreaterThanOrEqual(status.setup_ms.max);
    expect(status.sockets).toEqual({ received: 33, sent: 66, dropped: 21, send_errors: 6 });
    const { total, idle, working, queued } = JOBS;
    expect(status.processor).toEqual({ total, idle, working, queued });
  });

  it("ends the daemon when the initiators of all shards are through, those without any included", async () => {
    const { daemon, lines, shards } = await started("initiators = 2\n iterations = 1\n shutdown_when_complete = yes");
    shards[1].up(1);
    await settle();
    expect(daemon.shutdowns).toEqual([]);
    shards[0].gone(1);
    await settle();
    expect(daemon.shutdowns).toEqual(["load-test complete"]);
    expect(lines()).toEqual(["load-test complete, raising SIGTERM"]);
  });

  it("does not take a shard that is stopped, or one that never had initiators, for complete", async () => {
    const { daemon, unload } = await started("initiators = 3\n shutdown_when_complete = yes");
    await unload();
    await settle();
    const idle = await started("shutdown_when_complete = yes");
    expect([daemon.shutdowns, idle.daemon.shutdowns]).toEqual([[], []]);
  });

  it("has the shards take turns with initiations on demand, and reports the steps of all", async () => {
    const { identities, shards, socket } = await loadOnShards(PSK, SHARDS);
    const client = new Client(socket, "4\n");
    await client.receives("....");
    expect(identities()).toEqual([[id(1), id(4)], [id(2)], [id(3)]]);
    shards[1].bus.alert({ uniqueId: 1 } as never, { alert: "retransmit-send", attempt: 1 });
    await client.receives("....*");
    shards[2].up(1);
    await client.receives("....*+");
    shards[0].gone(2);
    await client.receives("....*+-");
    shards[2].controller.mode = "refuse";
    // Two go on where the first request left off.
    const second = new Client(socket, "2\n");
    await second.receives(".!");
    shards[1].up(2);
    expect(await second.closed).toBe(".!+\n");
    shards[0].up(1);
    shards[1].up(1);
    expect(await client.closed).toBe("....*+-++\n");
  });

  it("waits between initiations on demand, whichever shard they are on", async () => {
    const { advance, initiations, socket } = await loadOnShards(PSK, SHARDS);
    const client = new Client(socket, "2 100\n");
    await client.receives(".");
    expect(initiations()).toEqual([1, 0, 0]);
    advance(100);
    await client.receives("..");
    expect(initiations()).toEqual([1, 1, 0]);
  });
});

describe("START on several shards", () => {
  it.each([
    ["initiators = 5\n iterations = 4", 7, [3, 3, 1]],
    ["initiators = 5\n iterations = 4", 2, [1, 1, 0]],
    ["initiators = 4\n iterations = 4", 1000, [8, 4, 4]],
    ["initiators = 2\n iterations = 0", 9, [5, 4, 0]],
  ])("shares initiations out exactly, and is answered when all shards are through (%j, %i)", async (section, count, shares) => {
    const { initiations, shards, socket } = await loadOnShards(`${PSK} start_on_request = yes\n ${section}`, SHARDS);
    const client = new Client(socket, `${START_REQUEST} ${count}\n`);
    while (sum(initiations()) < sum(shares)) await settle(1);
    await settle();
    expect(initiations()).toEqual(shares);
    expect(client.text).toBe("");
    for (const { controller, up } of shards) controller.initiations.forEach((each) => up(each.id));
    expect(parseLoadTestStatus(await client.closed)).toMatchObject({ established: sum(shares), running: false });
  });
});

describe("shares of shards", () => {
  it("add up to the whole, whatever is shared by however many", () => {
    for (const shards of [1, 2, 3, 8]) {
      for (const initiators of [1, 2, 5, 8, 13]) {
        const shares = Array.from({ length: shards }, (_, shard) => new ShardShare(initiators, { shard, shards }));
        expect(sum(shares.map((share) => share.initiators))).toBe(initiators);
        for (const count of [0, 1, 7, 8, 100, 2001]) expect(sum(shares.map((share) => share.of(count)))).toBe(count);
        for (const limit of [initiators + shards, 200]) {
          const limits = shares.filter((share) => share.initiators > 0).map((share) => share.ofLimit(limit));
          expect(sum(limits)).toBe(limit);
        }
        expect(shares.map((share) => share.ofLimit(0))).toEqual(shares.map(() => 0));
      }
    }
  });
});
