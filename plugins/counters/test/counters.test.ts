import { Bus, ControlLink, CounterQuery, PluginError, ShardLinks } from "@cygnet/plugin-api";
import type { BusMessage, ChildSaView, IkeSaView } from "@cygnet/plugin-api";
import {
  EventBus,
  LogManager,
  MemoryLinks,
  MemoryPluginSource,
  PluginHost,
  VirtualClock,
  createContainer,
  parseSettings,
  provide,
  resolveFor,
} from "@cygnet/plugin-testkit/parts";
import { ExchangeType } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import counters, { COUNTER_NAMES, DaemonCounters, EventCounters, answerFor } from "../src/index.js";

const sa = (name: string, isInitiator = true): IkeSaView => ({ name, isInitiator }) as IkeSaView;
const child = {} as ChildSaView;
const message = (exchangeType: number, isResponse: boolean): BusMessage => ({
  exchangeType,
  isResponse,
  messageId: 0,
  payloads: [],
});
const nonZero = (values: Readonly<Record<string, number>> | undefined) =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, count]) => count !== 0));

/** A daemon whose shards count these. */
function daemonOf(...shards: readonly EventCounters[]): DaemonCounters {
  const links = new MemoryLinks(shards.length);
  shards.forEach((events, shard) => answerFor(events, links.shards[shard]));
  return new DaemonCounters(links);
}

describe("event counters", () => {
  it("have strongSwan's 21 names in its order", async () => {
    const values = await daemonOf(new EventCounters()).values(undefined);
    expect(Object.keys(values!)).toEqual([...COUNTER_NAMES]);
    expect(COUNTER_NAMES).toHaveLength(21);
    expect(nonZero(values)).toEqual({});
  });

  it("count each exchange by direction and kind", async () => {
    const expected: Record<string, number> = {};
    const events = new EventCounters();
    const exchanges = [
      [ExchangeType.IKE_SA_INIT, "Init"],
      [ExchangeType.IKE_AUTH, "Auth"],
      [ExchangeType.CREATE_CHILD_SA, "CrChild"],
      [ExchangeType.INFORMATIONAL, "Info"],
    ] as const;
    let times = 0;
    for (const [type, word] of exchanges) {
      for (const incoming of [true, false]) {
        for (const isResponse of [true, false]) {
          times++;
          for (let i = 0; i < times; i++) events.message(sa("net"), message(type, isResponse), incoming);
          expected[`ike${incoming ? "In" : "Out"}${word}${isResponse ? "Rsp" : "Req"}`] = times;
        }
      }
    }
    expect(nonZero(await daemonOf(events).values("net"))).toEqual(expected);
    expect(nonZero(await daemonOf(events).values(undefined))).toEqual(expected);
  });

  it("count rekeyings by who began them, and what could not be read", async () => {
    const events = new EventCounters();
    events.ikeRekey(sa("a", false), sa("a", true));
    events.ikeRekey(sa("a", true), sa("a", false));
    events.ikeRekey(sa("a", true), sa("a", false));
    events.childRekey(sa("a"), child, child);
    events.alert(undefined, { alert: "parse-error-header" });
    events.alert(sa("a"), { alert: "parse-error-body" });
    events.alert(undefined, { alert: "invalid-ike-spi" });
    events.alert(sa("a"), { alert: "retransmit-receive" });
    expect(nonZero(await daemonOf(events).values("a"))).toEqual({
      ikeInitRekey: 1,
      ikeRspRekey: 2,
      ikeChildSaRekey: 1,
      ikeInInvalid: 1,
    });
    expect(nonZero(await daemonOf(events).values(undefined))).toEqual({
      ikeInitRekey: 1,
      ikeRspRekey: 2,
      ikeChildSaRekey: 1,
      ikeInInvalid: 2,
      ikeInInvalidSpi: 1,
    });
  });

  it("leave out exchanges of other versions", async () => {
    const events = new EventCounters();
    for (const type of [2, 4, 5, 6, 32, 33, 38, 43, 255]) events.message(sa("a"), message(type, false), true);
    expect(nonZero(await daemonOf(events).values(undefined))).toEqual({});
    expect(await daemonOf(events).connections()).toEqual([]);
  });

  it("reset one connection or the total, and say when there is nothing to reset", async () => {
    const events = new EventCounters();
    events.message(sa("a"), message(ExchangeType.IKE_AUTH, false), true);
    events.message(sa("b"), message(ExchangeType.IKE_AUTH, false), true);
    expect(await daemonOf(events).connections()).toEqual(["a", "b"]);
    expect(await daemonOf(events).reset("a")).toBe(true);
    expect(await daemonOf(events).reset("a")).toBe(false);
    expect(await daemonOf(events).values("a")).toBeUndefined();
    expect(nonZero(await daemonOf(events).values(undefined))).toEqual({ ikeInAuthReq: 2 });
    expect(await daemonOf(events).reset(undefined)).toBe(true);
    expect(nonZero(await daemonOf(events).values(undefined))).toEqual({});
    expect(nonZero(await daemonOf(events).values("b"))).toEqual({ ikeInAuthReq: 1 });
  });

  it("are the sums over all shards", async () => {
    const [first, second] = [new EventCounters(), new EventCounters()];
    const daemon = daemonOf(first, second);
    first.message(sa("a"), message(ExchangeType.IKE_AUTH, false), true);
    for (const name of ["a", "b"]) second.message(sa(name), message(ExchangeType.IKE_AUTH, false), true);
    expect(nonZero(await daemon.values(undefined))).toEqual({ ikeInAuthReq: 3 });
    expect(nonZero(await daemon.values("a"))).toEqual({ ikeInAuthReq: 2 });
    expect(nonZero(await daemon.values("b"))).toEqual({ ikeInAuthReq: 1 });
    expect(await daemon.connections()).toEqual(["a", "b"]);
    expect(await daemon.reset("b")).toBe(true);
    expect(await daemon.values("b")).toBeUndefined();
    expect(await daemon.reset(undefined)).toBe(true);
    expect(nonZero(await daemon.values(undefined))).toEqual({});
  });

  it("total what the connections have, plus what has no connection yet", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("", "a", "b"), fc.integer({ min: 30, max: 40 }), fc.boolean(), fc.boolean())),
        async (list) => {
          const events = new EventCounters();
          for (const [name, type, isResponse, incoming] of list) events.message(sa(name), message(type, isResponse), incoming);
          const sum = async (name: string | undefined) =>
            Object.values((await daemonOf(events).values(name)) ?? {}).reduce((a, b) => a + b, 0);
          const counted = list.filter(([, type]) => type >= 34 && type <= 37);
          expect(await sum(undefined)).toBe(counted.length);
          expect((await sum("a")) + (await sum("b"))).toBe(counted.filter(([name]) => name !== "").length);
        },
      ),
    );
  });
});

describe("plugin counters", () => {
  it("counts what the bus tells, answers under its token, and leaves nothing behind", async () => {
    const clock = new VirtualClock();
    const log = new LogManager(clock);
    const container = createContainer();
    const bus = new EventBus(log);
    provide(container, Bus, bus);
    const links = new MemoryLinks(1);
    provide(container, ShardLinks, links);
    provide(container, ControlLink, links.shards[0]);
    const host = new PluginHost({
      locations: ["shard", "control"],
      source: new MemoryPluginSource([counters]),
      container,
      log,
      charon: parseSettings("charon { load = counters\n }", { file: "x" }).settings.section("charon"),
      timers: clock,
    });
    await host.load();
    expect(host.featureNames()).toEqual(["CUSTOM:counters"]);
    bus.message(sa("net"), message(ExchangeType.IKE_SA_INIT, false), false);
    const query = resolveFor("stroke", container, CounterQuery);
    expect(nonZero(await query.values("net"))).toEqual({ ikeOutInitReq: 1 });
    await host.unload();
    expect(bus.wants("message")).toBe(false);
    expect(() => resolveFor("stroke", container, CounterQuery)).toThrow(PluginError);
  });
});
