import { FIRST_PIECE, IkeSaListing, LARGEST_PIECE, LOOK_EVERY, PIECE_MS } from "@cygnet/ike";
import { ChildSaState, Host } from "@cygnet/plugin-api";
import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectUp } from "./expectations.js";

const both = (pair: Pair, reuse: boolean): void => {
  const children = (end: "moon" | "sun") => [usualChild(end), usualChild(end, "other")];
  pair.configure({ children: children("moon") }, { children: children("sun") });
  expect(pair.moon.shard.context.options.reuse_ikesa).toBe(reuse);
};

describe("initiating", () => {
  it("adds a CHILD_SA to the IKE_SA of the connection that is there", async () => {
    const pair = new Pair();
    both(pair, true);
    await pair.establish();
    const operation = pair.moon.initiate("other");
    await pair.run();
    expect(operation.result()).toBe("done");
    expectUp(pair, 2);
    expect(pair.moon.lines()).toContain("generating CREATE_CHILD_SA request 2 [ SA No TSi TSr ]");
  });

  it("adds a CHILD_SA to the IKE_SA of an equal configuration, as the same one is after a reload", async () => {
    const pair = new Pair();
    both(pair, true);
    await pair.establish();
    both(pair, true);
    const operation = pair.moon.initiate("other");
    await pair.run();
    expect(operation.result()).toBe("done");
    expectUp(pair, 2);
  });

  it("sets up an IKE_SA of its own for a configuration that was changed", async () => {
    for (const change of [{ dpdDelay: 30 }, { proposals: ["aes128-sha1-modp768", "aes256-sha1-modp768"] }, { mobike: true }]) {
      const pair = new Pair();
      pair.configure();
      await pair.establish();
      pair.configure(change);
      pair.moon.initiate("net");
      await pair.run();
      expect(pair.moon.ikeSas).toHaveLength(2);
    }
  });

  it("of two children at once sets up one IKE_SA for both", async () => {
    const pair = new Pair();
    both(pair, true);
    const operations = [pair.moon.initiate("net"), pair.moon.initiate("other")];
    await pair.run();
    expect(operations.map(({ result }) => result())).toEqual(["done", "done"]);
    expectUp(pair, 2);
  });

  it("sets up an IKE_SA of its own with reuse_ikesa = no", async () => {
    const pair = new Pair({ moon: { settings: { reuse_ikesa: "no" } } });
    both(pair, false);
    await pair.establish();
    pair.moon.initiate("other");
    await pair.run();
    expectAgreed(pair);
    expect(pair.moon.ikeSas).toHaveLength(2);
  });

  it("fails at once for what is not configured, and for a peer without address", async () => {
    const pair = new Pair();
    pair.configure({ remoteAddresses: ["%any"] });
    const unknown = pair.moon.initiate("nothing");
    const nowhere = pair.moon.initiate("net");
    await pair.run();
    expect(unknown.result()).toBe("failed");
    expect(nowhere.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("unable to initiate to %any");
    expect(pair.moon.manager.size).toBe(0);
  });

  it("fails at once for a connection of IKEv1, and sends nothing", async () => {
    const pair = new Pair();
    pair.configure({ version: 1 });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines().at(-1)).toBe("unable to initiate 'net', it asks for IKEv1, which this release does not speak");
    expect(pair.network.flights).toEqual([]);
  });

  it("fails at once for a shunt, and leaves the IKE_SA of its connection alone", async () => {
    const pair = new Pair();
    pair.configure({ children: [usualChild("moon"), usualChild("moon", "shunt", { mode: "drop" })] });
    await pair.establish();
    const operation = pair.moon.initiate("shunt");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines().at(-1)).toBe("'shunt' is a drop policy: it is installed, not initiated");
    expectUp(pair);
  });

  it("fails when the IKE_SA goes before the CHILD_SA is up", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = () => [];
    const operation = pair.moon.initiate("net");
    await pair.run();
    const end = pair.moon.terminateIke();
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(end.result()).toBe("done");
    expect(pair.moon.lines().at(-1)).toBe("destroying IKE_SA in state CONNECTING without notification");
  });
});

describe("terminating and rekeying", () => {
  it("fails for ids that nobody has", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const { shard } = pair.moon;
    expect(await shard.terminateIke(99, undefined)).toBe("failed");
    expect(await shard.terminateChild(99, undefined)).toBe("failed");
    expect(shard.rekeyIke(99)).toBe(false);
    expect(shard.rekeyChild(99)).toBe(false);
    expectUp(pair);
  });

  it("of a CHILD_SA that was replaced and deleted has nothing to wait for", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    pair.moon.rekeyChild();
    await pair.run(100);
    const old = pair.moon.children.find(({ state }) => state === ChildSaState.DELETED)!;
    const operations = [old, ...pair.moon.children.filter((child) => child !== old)].map((child) =>
      pair.moon.terminateChild(child),
    );
    await pair.run(100);
    expect(operations.map(({ result }) => result())).toEqual(["done", "done"]);
    expect(pair.moon.children.map(({ uniqueId }) => uniqueId)).toEqual([old.uniqueId]);
  });

  it("of what is being terminated waits for the same end", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const first = pair.moon.terminateIke();
    const second = pair.moon.terminateIke();
    await pair.run();
    expect([first.result(), second.result()]).toEqual(["done", "done"]);
  });
});

describe("listing", () => {
  it("10,000 IKE_SAs comes in pieces, newest first, and lets others have their turn", async () => {
    const COUNT = 10_000;
    const pair = new Pair();
    pair.configure();
    const peer = pair.moon.shard.context.configs.peerByName("net")!;
    for (let i = 0; i < COUNT; i++) pair.moon.manager.initiate(peer, Host.of("192.0.2.1", 500), Host.of("192.0.2.2", 500));
    expect(pair.moon.shard.count()).toEqual({ up: 0, connecting: COUNT });
    let turns = 0;
    let isListing = true;
    const count = (): void => {
      turns++;
      if (isListing) setImmediate(count);
    };
    setImmediate(count);
    const { shard } = pair.moon;
    const list = 1;
    shard.openList(list, {}, false);
    const ids: number[] = [];
    let largest = 0;
    for (let piece = await shard.nextListed(list); piece; piece = await shard.nextListed(list)) {
      // Some go while they are being listed; how large a piece is depends on the machine.
      if (ids.length === 0 && piece.length > 0)
        for (let id = 1; id <= 100; id++) pair.moon.manager.destroy(pair.moon.manager.byId(id)!);
      largest = Math.max(largest, piece.length);
      for (const { uniqueId } of piece) ids.push(uniqueId);
    }
    shard.closeList(list);
    isListing = false;
    expect(ids).toEqual(Array.from({ length: COUNT - 100 }, (_, i) => COUNT - i));
    expect(largest).toBeLessThanOrEqual(LARGEST_PIECE);
    expect(turns).toBeGreaterThanOrEqual(COUNT / LARGEST_PIECE);
    for (const ikeSa of pair.moon.ikeSas) pair.moon.manager.destroy(ikeSa);
    expect(pair.moon.manager.size).toBe(0);
  });

  it("takes as little time per piece as it may, when it looks for some, or lists all", async () => {
    const COUNT = 1000;
    const pair = new Pair();
    pair.configure();
    const peer = pair.moon.shard.context.configs.peerByName("net")!;
    for (let i = 0; i < COUNT; i++) pair.moon.manager.initiate(peer, Host.of("192.0.2.1", 500), Host.of("192.0.2.2", 500));
    // A machine so slow that each look at the time finds it a millisecond later.
    let ms = 0;
    const inPieces = async (selector: SaSelector) => {
      const listing = new IkeSaListing(pair.moon.shard.context, selector, false, () => ms++);
      const pieces: number[] = [];
      while (!listing.isAtEnd) {
        const beganMs = ms;
        pieces.push((await listing.next()).length);
        expect(ms - beganMs).toBeLessThanOrEqual(PIECE_MS + 1);
      }
      return pieces;
    };
    const all = await inPieces({});
    expect(all.reduce((sum, size) => sum + size, 0)).toBe(COUNT);
    expect(Math.max(...all)).toBeLessThanOrEqual(PIECE_MS * LOOK_EVERY);
    const leastPieces = COUNT / (PIECE_MS * LOOK_EVERY);
    expect(all.length).toBeGreaterThanOrEqual(leastPieces);
    const none = await inPieces({ ikeName: "another" });
    expect([Math.max(...none), none.length >= Math.floor(leastPieces)]).toEqual([0, true]);
    // One that is fast enough goes by size alone.
    const fast = new IkeSaListing(pair.moon.shard.context, {}, false, () => 0);
    expect([(await fast.next()).length, (await fast.next()).length]).toEqual([FIRST_PIECE, 4 * FIRST_PIECE]);
  });

  it("shows what is selected: by name, id, CHILD_SA or virtual IP", async () => {
    const pair = new Pair();
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [] });
    pair.configure(
      { virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
      { pools: ["pool"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
    );
    await pair.establish();
    const { shard } = pair.sun;
    const first = async (selector: SaSelector): Promise<readonly IkeSaStatus[]> => {
      shard.openList(1, selector, true);
      return (await shard.nextListed(1))!;
    };
    const matches = async (selector: SaSelector): Promise<number> => (await first(selector)).length;
    for (const selector of [
      {},
      { ikeName: "net" },
      { ikeId: 1 },
      { childName: "net" },
      { childId: 1 },
      { virtualIpFrom: "10.3.0.1" },
      { virtualIpFrom: "10.3.0.0", virtualIpTo: "10.3.0.9" },
    ]) {
      expect(await matches(selector)).toBe(1);
    }
    for (const selector of [
      { ikeName: "other" },
      { ikeId: 2 },
      { childName: "other" },
      { childId: 7 },
      { virtualIpFrom: "10.3.0.2" },
    ]) {
      expect(await matches(selector)).toBe(0);
    }
    const [status] = await first({});
    expect(status).toMatchObject({
      name: "net",
      version: 2,
      isInitiator: false,
      local: "192.0.2.2",
      remotePort: 500,
      remoteId: "moon",
      reauthMethods: "pre-shared key",
      proposal: "AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768",
      children: [
        {
          name: "net",
          mode: "tunnel",
          reqid: 1,
          proposal: "AES_CBC_128/HMAC_SHA1_96",
          localTs: "10.2.0.0/16",
          remoteTs: "10.3.0.1/32",
        },
      ],
    });
  });
});
