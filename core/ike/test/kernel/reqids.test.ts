import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_MARK, TrafficSelector, parseMark } from "../../src/config/index.js";
import { Reqids } from "../../src/kernel/reqids.js";

const selectors = (...texts: string[]): TrafficSelector[] => texts.map((text) => TrafficSelector.parse(text)!);

function terms(local: string[], remote: string[], markIn = "", ifIdIn = "") {
  const mark = (text: string) => (text ? parseMark(text)! : NO_MARK);
  return {
    localTs: selectors(...local),
    remoteTs: selectors(...remote),
    config: { markIn: mark(markIn), markOut: NO_MARK, ifIdIn: mark(ifIdIn), ifIdOut: NO_MARK } as Parameters<
      Reqids["acquire"]
    >[0]["config"],
  };
}

const NET = () => terms(["10.1.0.0/16"], ["10.2.0.0/16"]);

describe("reqids", () => {
  it("are the same for the same selectors in any order and the same marks and interfaces, and for nothing else", () => {
    const reqids = new Reqids({ base: 1, shard: 0, shards: 1 });
    expect(reqids.acquire(NET())).toBe(1);
    expect(reqids.acquire(terms(["10.2.0.0/16"], ["10.1.0.0/16"]))).toBe(2);
    expect(reqids.acquire(terms(["10.1.0.0/16[tcp]"], ["10.2.0.0/16"]))).toBe(3);
    expect(reqids.acquire(terms(["10.1.0.0/16"], ["10.2.0.0/16"], "42"))).toBe(4);
    expect(reqids.acquire(terms(["10.1.0.0/16", "10.9.0.0/16"], ["10.2.0.0/16"]))).toBe(5);
    expect(reqids.acquire(terms(["10.1.0.0/16"], ["10.2.0.0/16"], "", "42"))).toBe(6);
    expect(reqids.acquire(NET())).toBe(1);
    expect(reqids.acquire(terms(["10.1.0.0/16"], ["10.2.0.0/16"], "", "42"))).toBe(6);
    expect(reqids.acquire(terms(["10.1.0.0/16"], ["10.2.0.0/16"], "42"))).toBe(4);
    expect(reqids.acquire(terms(["10.9.0.0/16", "10.1.0.0/16"], ["10.2.0.0/16"]))).toBe(5);
  });

  it("are never shared with marks that are drawn for each", () => {
    const reqids = new Reqids({ base: 1, shard: 0, shards: 1 });
    const unique = () => terms(["10.1.0.0/16"], ["10.2.0.0/16"], "%unique");
    expect([reqids.acquire(unique()), reqids.acquire(unique())]).toEqual([1, 2]);
    const interfaces = () => terms(["10.1.0.0/16"], ["10.2.0.0/16"], "", "%unique");
    expect([reqids.acquire(interfaces()), reqids.acquire(interfaces())]).toEqual([3, 4]);
  });

  it("are free again when the last that has them is gone", () => {
    const reqids = new Reqids({ base: 1, shard: 0, shards: 1 });
    const one = reqids.acquire(NET());
    reqids.acquire(NET());
    reqids.share(one);
    for (let left = 2; left >= 0; left--) {
      expect(reqids.size).toBe(1);
      reqids.release(one);
    }
    expect(reqids.size).toBe(0);
    expect(reqids.acquire(terms(["10.7.0.0/16"], ["10.2.0.0/16"]))).toBe(1);
  });

  it("begin at the base, and are every n-th of a shard", () => {
    const first = new Reqids({ base: 100, shard: 0, shards: 3 });
    const third = new Reqids({ base: 100, shard: 2, shards: 3 });
    const hosts = ["10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"];
    expect(hosts.map((host) => first.acquire(terms([host], ["10.2.0.0/16"])))).toEqual([100, 103, 106]);
    expect(hosts.map((host) => third.acquire(terms([host], ["10.2.0.0/16"])))).toEqual([102, 105, 108]);
    third.release(105);
    expect(third.acquire(terms(["10.0.0.9/32"], ["10.2.0.0/16"]))).toBe(105);
    // Nobody's: static ones are not kept here.
    for (const reqid of [0, 1, 101, 7777]) third.release(reqid);
    expect(third.size).toBe(3);
  });

  it("of CHILD_SAs that come and go tell apart what is there", () => {
    const step = fc.record({ host: fc.integer({ min: 1, max: 6 }), isUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const reqids = new Reqids({ base: 1, shard: 0, shards: 1 });
        const up = new Map<number, number[]>();
        for (const { host, isUp } of steps) {
          const own = up.get(host) ?? [];
          up.set(host, own);
          if (isUp) own.push(reqids.acquire(terms([`10.0.0.${host}/32`], ["0.0.0.0/0"])));
          else if (own.length > 0) reqids.release(own.pop()!);
          const inUse = [...up.values()].filter((list) => list.length > 0).map((list) => new Set(list));
          expect(inUse.every((each) => each.size === 1)).toBe(true);
          expect(new Set(inUse.flatMap((each) => [...each])).size).toBe(inUse.length);
          expect(reqids.size).toBe(inUse.length);
        }
      }),
    );
  });
});
