import type { ChildDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectUp } from "./expectations.js";
import { everyOrder } from "./interleavings.js";
import { labelOf } from "./wire-tap.js";

/** Time that the inbound SA of a rekeyed CHILD_SA stays. */
const REMAINS_MS = 6000;

const PFS = "aes128-sha1-modp768";

async function established(esp = "aes128-sha1"): Promise<Pair> {
  const pair = new Pair();
  pair.configure({}, {}, { proposals: [esp] });
  await pair.establish();
  expectUp(pair);
  return pair;
}

const spis = (end: End): string => end.children.map((child) => child.spis()).join();
const ends = ["moon", "sun"] as const;

describe("rekeying a CHILD_SA", () => {
  for (const who of ends) {
    for (const esp of ["aes128-sha1", PFS]) {
      it(`by ${who} with ${esp} gives a new one and deletes the old one, whose inbound SA stays for a while`, async () => {
        // CREATE_CHILD_SA  N(REKEY_SA) SA No [KE] TSi TSr  -->
        //                                                 <--  SA No [KE] TSi TSr
        // INFORMATIONAL    D                              -->
        //                                                 <--  D
        const pair = await established(esp);
        const before = spis(pair.moon);
        const sent = pair.network.flights.length;
        expect(pair[who].rekeyChild()).toBe(true);
        await pair.run();
        expect(pair.network.flights.slice(sent).map((flight) => labelOf(flight).replace(/ from.*/, ""))).toEqual(
          ["CREATE_CHILD_SA request", "CREATE_CHILD_SA response", "INFORMATIONAL request", "INFORMATIONAL response"].map(
            (text, i) => `${text} ${(who === "moon" ? 2 : 0) + (i >> 1)}`,
          ),
        );
        expectUp(pair);
        for (const end of pair.ends) expect(end.kernel.sas.size).toBe(3);
        await pair.run(REMAINS_MS);
        expectUp(pair);
        for (const end of pair.ends) expect(end.kernel.sas.size).toBe(2);
        expect(spis(pair.moon)).not.toBe(before);
      });
    }

    it(`by ${who} follows INVALID_KE_PAYLOAD to the method that the peer wants`, async () => {
      const pair = new Pair();
      const [both, one] = ["aes128-sha1-modp768-modp1024", "aes128-sha1-modp1024"];
      const proposals = (end: "moon" | "sun"): string[] => [end === who ? both : one];
      pair.configure(
        { children: [usualChild("moon", "net", { proposals: proposals("moon") })] },
        { children: [usualChild("sun", "net", { proposals: proposals("sun") })] },
      );
      await pair.establish();
      pair[who].rekeyChild();
      await pair.run();
      expect(pair[who].lines()).toContain("peer didn't accept key exchange method MODP_768, it requested MODP_1024");
      await pair.run(REMAINS_MS);
      expectUp(pair);
    });
  }

  it.each(ends)("by %s has what goes out take the new one where the peer can take it in", async (who) => {
    const pair = await established();
    const responder = who === "moon" ? pair.sun : pair.moon;
    const spiOut = (end: End): number => end.children.at(-1)!.spiOut;
    const before = spiOut(responder);
    const used: string[] = [];
    for (const end of pair.ends)
      end.kernel.onPolicy = (policy) => {
        const at = pair.network.flights.length;
        if (policy.direction === "out")
          used.push(`${end === responder ? "responder" : "initiator"} ${labelOf(pair.network.flights[at - 1]!)}`);
      };
    pair[who].rekeyChild();
    await pair.run();
    // Each sends with the new one from when it has received what says that the other has it.
    expect(used.map((text) => text.replace(/ \d+( from.*)?$/, ""))).toEqual([
      "initiator CREATE_CHILD_SA response",
      "responder INFORMATIONAL request",
    ]);
    expect(responder.kernel.spiFor("out")).toBe(spiOut(responder));
    expect(spiOut(responder)).not.toBe(before);
  });

  it("makes nothing known as up or down", async () => {
    const pair = await established();
    const events: string[] = [];
    for (const end of pair.ends) {
      const name = end === pair.moon ? "moon" : "sun";
      end.bus.addListener({
        name,
        childUpdown: (_ikeSa, child, up) => void events.push(`${name} ${child.uniqueId} ${up ? "up" : "down"}`),
        childRekey: (_ikeSa, old, fresh) => void events.push(`${name} ${old.uniqueId} => ${fresh.uniqueId}`),
      });
    }
    pair.moon.rekeyChild();
    await pair.run(REMAINS_MS);
    expect(events.sort()).toEqual(["moon 1 => 2", "sun 1 => 2"]);
  });

  it("is tried again when the peer cannot for now, and replaced by a new one when the peer has it no more", async () => {
    const pair = await established();
    // sun forgets the CHILD_SA without a word
    pair.sun.manager.upkeep.destroyChild(pair.sun.ikeSas[0]!, pair.sun.children[0]!);
    pair.moon.rekeyChild();
    await pair.run();
    expect(pair.moon.lines()).toContain("peer didn't find the CHILD_SA net{1} we tried to rekey");
    expectUp(pair);
  });

  it("happens when its time has come, by who is sooner", async () => {
    const pair = new Pair();
    pair.configure(
      { children: [usualChild("moon", "net", { rekeyTime: 100, lifeTime: 120 })] },
      { children: [usualChild("sun", "net", { rekeyTime: 200, lifeTime: 220 })] },
    );
    await pair.establish();
    await pair.run(99_000);
    expect(pair.moon.lines()).not.toContain("establishing CHILD_SA net{2} reqid 1");
    await pair.run(2000);
    expect(pair.moon.lines()).toContain("establishing CHILD_SA net{2} reqid 1");
    await pair.run(REMAINS_MS);
    expectUp(pair);
  });

  it("comes too late for one whose lifetime is over: it is deleted", async () => {
    const pair = await established();
    const [ikeSa, child] = [pair.moon.ikeSas[0]!, pair.moon.children[0]!];
    const { manager } = pair.moon;
    void manager.work(ikeSa.uniqueId, { run: (sa) => manager.upkeep.childDue(sa, sa.childById(child.uniqueId)!, "hard") });
    await pair.run();
    expect(pair.moon.lines()).toContain(
      `CHILD_SA expired, closing net{1} with SPIs c0000001_i (0 bytes) d0000001_o (0 bytes) and TS 10.1.0.0/16 === 10.2.0.0/16`,
    );
    expectUp(pair, 0);
  });
});

describe("rekeying an IKE_SA", () => {
  for (const who of ends) {
    it(`by ${who} gives a new one with the CHILD_SA of the old one, which is deleted`, async () => {
      const pair = await established();
      const before = pair.moon.ikeSas[0]!.initiatorSpi;
      const children = spis(pair.moon);
      expect(pair[who].rekeyIke()).toBe(true);
      await pair.run();
      expectUp(pair);
      expect(pair.moon.ikeSas[0]!.initiatorSpi).not.toBe(before);
      expect(spis(pair.moon)).toBe(children);
      expect(pair[who].ikeSas[0]!.isInitiator).toBe(true);
      // The new keys work, in both directions.
      pair.moon.rekeyChild();
      await pair.run();
      pair.sun.rekeyIke();
      await pair.run(REMAINS_MS);
      expectUp(pair);
    });
  }

  it("takes over what is still to be done, and the wait for its outcome", async () => {
    const pair = new Pair();
    pair.configure(
      { children: [usualChild("moon"), usualChild("moon", "other")] },
      { children: [usualChild("sun"), usualChild("sun", "other")] },
    );
    await pair.establish();
    pair.moon.rekeyIke();
    const operation = pair.moon.initiate("other");
    await pair.run();
    expect(operation.result()).toBe("done");
    expectUp(pair, 2);
  });

  it("ends what took its place when it was to be ended", async () => {
    const pair = await established();
    pair.moon.rekeyIke();
    const operation = pair.moon.terminateIke();
    await pair.run();
    expect(operation.result()).toBe("done");
    expectAgreed(pair);
    expect(pair.moon.ikeSas).toEqual([]);
  });

  it("is tried again when the peer refuses it for now", async () => {
    const pair = await established();
    // sun is busy with a CHILD_SA: its own rekeying gets no answer
    pair.network.fate = (flight) => (labelOf(flight).startsWith("CREATE_CHILD_SA request 0 from 192.0.2.2") ? [] : [1]);
    pair.sun.rekeyChild();
    await pair.run(5);
    pair.moon.rekeyIke();
    await pair.run();
    expect(pair.moon.lines()).toContain("received TEMPORARY_FAILURE notify, no IKE_SA built");
    pair.network.fate = () => [1];
    await pair.run(60_000, 100);
    expectUp(pair);
    expect(pair.moon.ikeSas[0]!.uniqueId).toBeGreaterThan(1);
  });

  it("leaves an old IKE_SA to whoever rekeyed it, but not for ever", async () => {
    const pair = await established();
    pair.network.fate = (flight) => (labelOf(flight).startsWith("INFORMATIONAL request 3") ? [] : [1]);
    pair.moon.rekeyIke();
    await pair.run();
    // moon restarts, say: it will never delete the old one.
    pair.moon.manager.destroy(pair.moon.ikeSas[0]!);
    await pair.run(89_000);
    expect(pair.sun.ikeSas).toHaveLength(2);
    pair.network.fate = () => [1];
    await pair.run(200_000, 100);
    expect(pair.sun.ikeSas).toHaveLength(1);
    expectUp(pair);
  });
});

describe.each([
  ["moon", 0x10, 0x20],
  ["sun", 0x20, 0x10],
] as const)(
  "both ends at once, in every order that commands and datagrams can take, with the lowest nonces at %s,",
  (_who, moonNonces, sunNonces) => {
    const up = async (names: readonly string[] = ["net"]): Promise<Pair> => {
      const settings = { delete_rekeyed_delay: "1" };
      const pair = new Pair({ moon: { settings, nonces: moonNonces }, sun: { settings, nonces: sunNonces } });
      const children = (end: "moon" | "sun"): ChildDefinition[] => names.map((name) => usualChild(end, name));
      pair.configure({ children: children("moon") }, { children: children("sun") });
      await pair.establish();
      expectUp(pair);
      return pair;
    };

    it("rekey the same CHILD_SA: one new one is left", async () => {
      const orders = await everyOrder(
        up,
        (pair) => [() => pair.moon.rekeyChild(), () => pair.sun.rekeyChild()],
        (pair) => expectUp(pair),
      );
      expect(orders).toBeGreaterThan(30);
    });

    it("rekey the IKE_SA: one new one is left, with the CHILD_SA", async () => {
      const orders = await everyOrder(
        up,
        (pair) => [() => pair.moon.rekeyIke(pair.moon.ikeSas[0]), () => pair.sun.rekeyIke(pair.sun.ikeSas[0])],
        (pair) => expectUp(pair),
      );
      expect(orders).toBeGreaterThan(30);
    });

    it("rekey and delete the same CHILD_SA", async () => {
      await everyOrder(
        up,
        (pair) => [
          () => void (pair.moon.children[0] && pair.moon.rekeyChild()),
          () => void (pair.sun.children[0] && pair.sun.terminateChild()),
        ],
        (pair) => expectAgreed(pair),
      );
    });

    it("delete the same CHILD_SA: it is gone, once", async () => {
      await everyOrder(
        up,
        (pair) => [
          () => void (pair.moon.children[0] && pair.moon.terminateChild()),
          () => void (pair.sun.children[0] && pair.sun.terminateChild()),
        ],
        (pair) => expectUp(pair, 0),
      );
    });

    it("rekey a CHILD_SA and the IKE_SA", async () => {
      await everyOrder(
        up,
        (pair) => [() => pair.moon.rekeyChild(), () => pair.sun.rekeyIke(pair.sun.ikeSas[0])],
        (pair) => expectUp(pair),
      );
    });

    it("create a CHILD_SA and rekey the IKE_SA: both come about", async () => {
      await everyOrder(
        () => up(["net", "other"]),
        (pair) => [() => void pair.moon.initiate("other"), () => pair.sun.rekeyIke(pair.sun.ikeSas[0])],
        (pair) => expectUp(pair, 2),
      );
    });

    it("delete a CHILD_SA and rekey the IKE_SA: the IKE_SA is left without it", async () => {
      await everyOrder(
        up,
        (pair) => [() => void pair.moon.terminateChild(), () => pair.sun.rekeyIke(pair.sun.ikeSas[0])],
        (pair) => expectUp(pair, 0),
      );
    });

    it("create a CHILD_SA, and rekey or delete it before the creator knows of it", async () => {
      for (const what of ["rekeyChild", "terminateChild"] as const) {
        await everyOrder(
          async () => {
            const pair = await up(["net", "other"]);
            pair.moon.initiate("other");
            return pair;
          },
          (pair) => [
            () => void pair.sun.rekeyChild(),
            () => {
              const child = pair.sun.children.find(({ name }) => name === "other");
              if (child) pair.sun[what](child);
            },
          ],
          (pair) => expectAgreed(pair),
        );
      }
    });

    it("delete and rekey the IKE_SA", async () => {
      await everyOrder(
        up,
        (pair) => [
          () => void pair.moon.terminateIke(pair.moon.ikeSas[0]),
          () => void (pair.sun.ikeSas[0] && pair.sun.rekeyIke()),
        ],
        (pair) => expectAgreed(pair),
      );
    });

    it("delete the IKE_SA: nothing is left", async () => {
      await everyOrder(
        up,
        (pair) => [
          () => void (pair.moon.ikeSas[0] && pair.moon.terminateIke()),
          () => void (pair.sun.ikeSas[0] && pair.sun.terminateIke()),
        ],
        (pair) => {
          expectAgreed(pair);
          expect(pair.moon.ikeSas).toEqual([]);
        },
      );
    });
  },
);
