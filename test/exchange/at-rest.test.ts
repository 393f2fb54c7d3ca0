import { ConfigAttributeType, IKE_HEADER_BYTES } from "@cygnet/wire";
import type { ChildSa, IkeSa } from "@cygnet/ike";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectEmpty, expectUp } from "./expectations.js";
import { nat } from "@cygnet/plugin-testkit/pair";

const SEED = 4711;
const RUNS = 25;

/** What ends do when they are at it, one thing after the other. */
const command = fc.record({
  who: fc.constantFrom("moon" as const, "sun" as const),
  what: fc.constantFrom("rekeyChild", "rekeyIke", "create", "terminateChild", "terminateIke", "initiate", "rebind", "list"),
  /** Milliseconds until the next one: at once, in the middle of an exchange, or with liveness checks and lifetimes in between. */
  pause: fc.constantFrom(0, 1, 5, 200, 9000, 60_000),
});

const scenario = fc.record({
  commands: fc.array(command, { maxLength: 8 }),
  /** Every n-th datagram is lost; 0 for none. */
  lost: fc.constantFrom(0, 0, 3, 7),
  family: fc.constantFrom(4 as const, 6 as const),
  isBehindNat: fc.boolean(),
  hasVirtualIp: fc.boolean(),
  isFragmented: fc.boolean(),
  mode: fc.constantFrom("tunnel" as const, "transport" as const),
  dpdDelay: fc.constantFrom(0, 40),
  rekeyTime: fc.constantFrom(0, 50),
  reauthTime: fc.constantFrom(0, 70),
  childRekeyTime: fc.constantFrom(0, 30),
  unique: fc.constantFrom("no" as const, "replace" as const),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function makePair(given: Scenario) {
  const settings = {
    delete_rekeyed_delay: "5",
    ...(given.isFragmented ? { fragment_size: "300" } : {}),
  };
  const pair = new Pair({ moon: { settings, seed: 1 }, sun: { settings, seed: 2 }, family: given.family });
  const children = (end: "moon" | "sun") => {
    const dynamic = given.hasVirtualIp && end === "moon" ? { localTs: ["dynamic"] } : {};
    const peers = given.hasVirtualIp && end === "sun" ? { remoteTs: ["dynamic"] } : {};
    const lifetimes = { rekeyTime: given.childRekeyTime, lifeTime: given.childRekeyTime * 2, mode: given.mode };
    return [usualChild(end, "net", { ...dynamic, ...peers, ...lifetimes }), usualChild(end, "other", { inactivity: 45 })];
  };
  const pool = given.family === 4 ? "10.3.0.0/24" : "fd00::/112";
  const value = Uint8Array.of(10, 2, 0, 53);
  pair.sun.attributes.addPool({
    name: "pool",
    addresses: pool,
    attributes: [{ type: ConfigAttributeType.INTERNAL_IP4_DNS, value }],
  });
  pair.moon.attributes.addHandler({
    requests: [ConfigAttributeType.INTERNAL_IP4_DNS],
    handle: () => true,
    release: () => undefined,
  });
  pair.moon.shard.setRequestedAttributes(pair.moon.attributes.requests());
  const { dpdDelay, rekeyTime, reauthTime, unique } = given;
  const common = { dpdDelay, rekeyTime, reauthTime, overTime: 20, unique, jitterTime: 5 };
  pair.configure(
    {
      ...common,
      children: children("moon"),
      ...(given.hasVirtualIp ? { virtualIps: [given.family === 4 ? "0.0.0.0" : "::"] } : {}),
    },
    {
      ...common,
      children: children("sun"),
      pools: ["pool"],
      ...(given.isBehindNat ? { remoteAddresses: ["%any"] } : {}),
    },
  );
  const { state, translate } = nat("203.0.113.1");
  if (given.isBehindNat) pair.network.translate = translate;
  const { lost } = given;
  if (lost > 0) pair.network.fate = (_flight, index) => (index % lost === lost - 1 ? [] : [1]);
  /** The NAT chooses other ports from now on. */
  const rebind = (): void => void (state.offset += 10);
  return { pair, rebind };
}

/** All that can be seen of an end from outside. */
async function seen(end: End): Promise<unknown> {
  const list = 1;
  end.shard.openList(list, {}, true);
  const listed: unknown[] = [];
  for (let piece = await end.shard.nextListed(list); piece; piece = await end.shard.nextListed(list)) listed.push(...piece);
  end.shard.closeList(list);
  const { kernel, timers, counts, shard, manager } = end;
  return structuredClone({
    listed,
    timers,
    counts,
    kernel: [...kernel.sas.keys()],
    count: shard.count(),
    half: manager.daemonCounts.halfOpen,
    pools: end.attributes.pools(),
  });
}

function give(end: End, what: string): void {
  // Newest first: what a rekeying made, say.
  const newest = [...end.manager.ids()]
    .reverse()
    .map((id) => end.manager.peek(id))
    .find((ikeSa) => ikeSa !== undefined);
  const child = newest?.children.at(-1);
  if (what === "initiate") end.initiate("net");
  else if (what === "create") end.initiate("other");
  else if (what === "rekeyChild" && child) end.rekeyChild(child);
  else if (what === "terminateChild" && child) end.terminateChild(child);
  else if (what === "rekeyIke" && newest) end.rekeyIke(newest);
  else if (what === "terminateIke" && newest) end.terminateIke(newest);
}

/** Everything that happens in a scenario: datagrams but for their contents, log lines, and what is to be seen after each step. */
async function traceOf(given: Scenario, watch: (end: End) => void): Promise<unknown> {
  const { pair, rebind } = makePair(given);
  for (const end of pair.ends) watch(end);
  const states: unknown[] = [];
  const look = async (): Promise<void> => {
    for (const end of pair.ends) states.push(await seen(end));
  };
  pair.moon.initiate("net");
  await pair.run(100, 20);
  await look();
  for (const { who, what, pause } of given.commands) {
    if (what === "rebind") rebind();
    give(pair[who], what);
    await pair.run(pause, Math.max(1, Math.min(20, pause)));
    await look();
  }
  await pair.run(100_000, 40);
  await look();
  const flights = pair.network.flights.map(({ data, source, destination }) => {
    const at = data.length > 4 && data[0] === 0 && data[3] === 0 ? 4 : 0;
    const header = Buffer.from(data.subarray(at, at + IKE_HEADER_BYTES)).toString("hex");
    return `${source.toStringWithPort()} ${destination.toStringWithPort()} ${data.length} ${header}`;
  });
  for (const end of pair.ends) expect(end.processor.failures).toBe(0);
  return { states, flights, logs: pair.ends.map((end) => end.lines(2)) };
}

/** All members that an object has, whoever added them; what they refer to as plain data. */
function members(object: object, replaced: Readonly<Record<string, unknown>>): unknown {
  const plain = Object.fromEntries(Object.entries(object).map(([name, value]) => [name, describeValue(value)]));
  return { ...plain, ...replaced };
}

function describeValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(describeValue);
  // Configurations, algorithms and proposals are shared: they must be the very same ones.
  return value;
}

function everythingOf(ikeSa: IkeSa): unknown {
  const { tasks, suite } = ikeSa;
  const { requestId, expectedId, transmissions, lastResponse, isQuiescent } = tasks;
  return members(ikeSa, {
    tasks: { requestId, expectedId, transmissions, isQuiescent, lastResponse: describeValue(lastResponse) },
    // Without what AUTH alone needed.
    keys: describeValue(ikeSa.keys!.subarray(0, suite!.skPiAt)),
    remote: ikeSa.remote.toStringWithPort(),
    local: ikeSa.local.toStringWithPort(),
    localId: [ikeSa.localId?.type, String(ikeSa.localId)],
    remoteId: [ikeSa.remoteId?.type, String(ikeSa.remoteId)],
    localVirtualIps: ikeSa.localVirtualIps.join(),
    remoteVirtualIps: ikeSa.remoteVirtualIps.join(),
    children: ikeSa.children.map((child) => everythingOfChild(child)),
  });
}

function everythingOfChild(child: ChildSa): unknown {
  return members(child, {
    ikeSa: child.ikeSa.uniqueId,
    local: child.local.toStringWithPort(),
    remote: child.remote.toStringWithPort(),
    localTs: child.localTs.join(),
    remoteTs: child.remoteTs.join(),
  });
}

describe("an IKE_SA at rest", () => {
  it("behaves as one that stays awake: random set-ups, rekeyings, liveness checks, deletes", async () => {
    let rests = 0;
    const property = fc.asyncProperty(scenario, async (given) => {
      const resting = await traceOf(given, ({ manager: { table } }) => {
        const rest = table.rest.bind(table);
        table.rest = (ikeSa) => {
          rests++;
          rest(ikeSa);
        };
      });
      const awake = await traceOf(given, ({ manager: { table } }) => {
        table.rest = () => undefined;
      });
      expect(resting).toEqual(awake);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
    expect(rests).toBeGreaterThan(RUNS);
  });

  it("has every member that it had when it wakes, and the same record when it rests again", async () => {
    const property = fc.asyncProperty(scenario, async (given) => {
      await traceOf(given, ({ manager: { table } }) => {
        const rest = table.rest.bind(table);
        table.rest = (ikeSa) => {
          const before = everythingOf(ikeSa);
          const slot = table.slotOf(ikeSa.uniqueId);
          rest(ikeSa);
          expect(
            ikeSa.keys?.every((octet) => octet === 0),
            "keys that are left",
          ).toBe(true);
          const woken = table.wake(slot);
          expect(woken).not.toBe(ikeSa);
          expect(everythingOf(woken)).toEqual(before);
          expect(table.glance(slot)).toBe(woken);
          rest(woken);
          const { uniqueId, state, isInitiator, peerSpiHi, peerSpiLo, peerConfig } = ikeSa;
          expect(table.glance(slot)).toMatchObject({ uniqueId, state, isInitiator, peerSpiHi, peerSpiLo });
          expect(table.glance(slot).peerConfig).toBe(peerConfig);
          for (const child of ikeSa.children) {
            expect(table.glance(slot).hasChild(child.uniqueId)).toBe(true);
            expect(table.glance(slot).hasChildNamed(child.name)).toBe(true);
          }
          expect(table.glance(slot).hasChild(0xffff_ffff)).toBe(false);
          expect(table.glance(slot).hasChildNamed("nobody")).toBe(false);
        };
      });
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it("leaves no record, page or shared value behind when it is gone", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    expect(pair.ends.map(({ manager }) => manager.table.atRest)).toEqual([1, 1]);
    pair.moon.terminateIke();
    await pair.run(200_000);
    for (const end of pair.ends) {
      expectEmpty(end);
      expect(end.manager.table.atRest).toBe(0);
    }
  });

  it("is lost alone when its record is unusable, with a line that says so", async () => {
    const pair = new Pair({ sun: { settings: { reuse_ikesa: "no" } }, moon: { settings: { reuse_ikesa: "no" } } });
    pair.configure({ dpdDelay: 10, unique: "never" }, { unique: "never" });
    for (let i = 0; i < 3; i++) await pair.establish();
    const { manager } = pair.sun;
    const { store } = manager.table.resting;
    expect(manager.table.atRest).toBe(3);
    const page = store.page(manager.table.handleOf(manager.table.slotOf(2)));
    page.octets[store.offset(manager.table.handleOf(manager.table.slotOf(2)))] = 99;
    // Liveness checks of the peer wake all of them.
    await pair.run(11_000);
    expect(pair.sun.lines().filter((line) => line.includes("is lost"))).toEqual([
      "IKE_SA with unique id 2 is lost, it cannot be woken: record is unusable: version at offset 1 is not 2",
    ]);
    expect([...manager.ids()].filter((id) => manager.glance(id))).toEqual([1, 3]);
    expect([manager.size, manager.table.atRest, manager.daemonCounts.ikeSas]).toEqual([2, 2, 2]);
    expect(pair.sun.processor.failures).toBe(0);
    // The peer finds out that nobody answers.
    await pair.run(400_000, 100);
    expect(pair.moon.ikeSas).toHaveLength(2);
  });

  it("is woken by nothing that is not for it", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const awake: number[] = [];
    const { table } = pair.sun.manager;
    const wake = table.wake.bind(table);
    table.wake = (slot) => {
      awake.push(slot);
      return wake(slot);
    };
    const [first, auth] = [pair.network.flights[0]!, pair.network.flights[2]!];
    // Of another peer's SPI, in the wrong direction, and a listing.
    for (const at of [0, 7, 19]) {
      const data = auth.data.slice();
      data[at]! ^= at === 19 ? 0x28 : 1;
      pair.network.send({ ...auth, data });
    }
    await pair.run();
    await seen(pair.sun);
    expect(first.data.length).toBeGreaterThan(0);
    expect(awake).toEqual([]);
    expect(pair.sun.counts.unknownSpi).toBe(3);
    expectUp(pair);
  });
});
