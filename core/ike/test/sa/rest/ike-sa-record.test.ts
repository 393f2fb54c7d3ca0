import { ChildSaState, Host, IkeSaState } from "@cygnet/plugin-api";
import type { IkeSuite, Proposal } from "@cygnet/crypto";
import fc from "fast-check";
import { VirtualClock } from "@cygnet/runtime/testing";
import { describe, expect, it } from "vitest";
import { TrafficSelector } from "../../../src/config/index.js";
import type { ChildConfig, IkeConfig, PeerConfig } from "../../../src/config/index.js";
import type { IkeContext } from "../../../src/ike-context.js";
import { Identification } from "../../../src/identity/index.js";
import { OctetArena } from "../../../src/octet-arena.js";
import { ChildSa } from "../../../src/sa/child-sa.js";
import { IkeSa } from "../../../src/sa/ike-sa.js";
import { TaskManager } from "../../../src/sa/ikev2/task-manager.js";
import { RecordError } from "../../../src/sa/rest/record-error.js";
import { RestingIkeSas } from "../../../src/sa/rest/resting-ike-sas.js";

const context = { octets: new OctetArena(), clock: new VirtualClock() } as unknown as IkeContext;
const SUITES = [64, 208].map((skPiAt) => ({ skPiAt, keyBlockBytes: skPiAt + 48 }) as IkeSuite);
const PEERS = ["a", "b"].map((name) => ({ name }) as PeerConfig);
const IKES = [{ dscp: 0 } as IkeConfig, { dscp: 1 } as IkeConfig];
const CONFIGS = ["net", "other"].map((name) => ({ name, mode: "tunnel", protocol: 3, reqid: 0 }) as ChildConfig);
const PROPOSALS = [{ protocol: 3 } as Proposal, { protocol: 2 } as Proposal];

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
/** A time, a timer or a limit: often none. */
const number = fc.oneof(
  fc.constant(0),
  u32,
  fc.double({ min: 0, max: 2 ** 53, noNaN: true }).map((value) => value + 0),
);
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const host = fc
  .tuple(fc.constantFrom(4 as const, 6 as const), fc.uint8Array({ minLength: 16, maxLength: 16 }), u16)
  .map(([family, address, port]) => new Host(family, address.slice(0, family === 4 ? 4 : 16), port));
const identity = fc.option(
  fc.tuple(fc.nat(255), octets(400)).map(([type, data]) => Identification.fromWire(type, data)),
  { nil: undefined },
);
const selector = fc.oneof(
  fc.tuple(host, host, u16, u16, fc.nat(255)).map(([first, last, startPort, endPort, protocol]) => {
    const { family, address: startAddress } = first;
    const endAddress = last.family === family ? last.address : startAddress;
    return TrafficSelector.of({ family, startAddress, endAddress, startPort, endPort, protocol });
  }),
  fc
    .tuple(u16, u16, fc.nat(255))
    .map(([startPort, endPort, protocol]) => TrafficSelector.dynamic({ startPort, endPort, protocol })),
);

const childParts = fc.record({
  uniqueId: u32,
  config: fc.constantFrom(...CONFIGS),
  members: fc.record({
    state: fc.constantFrom(ChildSaState.INSTALLED, ChildSaState.REKEYED, ChildSaState.DELETED),
    mode: fc.constantFrom("tunnel" as const, "transport" as const, "beet" as const),
    protocol: fc.constantFrom(2 as const, 3 as const),
    proposal: fc.constantFrom(undefined, ...PROPOSALS),
    reqid: u32,
    spiIn: u32,
    spiOut: u32,
    cpiIn: u16,
    cpiOut: u16,
    localTs: fc.array(selector, { maxLength: 3 }),
    remoteTs: fc.array(selector, { maxLength: 3 }),
    udpEncap: fc.boolean(),
    lifetime: fc.record({
      rekeySeconds: number,
      lifeSeconds: number,
      rekeyBytes: number,
      lifeBytes: number,
      rekeyPackets: number,
      lifePackets: number,
    }),
    installed: fc.nat(31),
    installedAtMs: number,
    rekeyAtMs: number,
    expireAtMs: number,
    rekeyTimer: number,
    expireTimer: number,
    inactivityTimer: number,
    rekeyedById: u32,
  }),
  /** Other addresses than the IKE_SA has. */
  addresses: fc.option(fc.record({ local: host, remote: host }), { nil: {} }),
});

const ikeParts = fc.record({
  uniqueId: u32,
  isInitiator: fc.boolean(),
  hi: u32,
  lo: u32,
  local: host,
  remote: host,
  suite: fc.constantFrom(...SUITES),
  keys: fc.uint8Array({ minLength: 208, maxLength: 208 }),
  tasks: fc.tuple(u32, u32, fc.nat(10), fc.array(fc.uint8Array({ minLength: 1, maxLength: 1500 }), { maxLength: 3 })),
  children: fc.array(childParts, { maxLength: 4 }),
  members: fc.record({
    originId: u32,
    peerSpiHi: u32,
    peerSpiLo: u32,
    state: fc.constant(IkeSaState.ESTABLISHED),
    conditions: fc.nat(0xffff),
    ikeConfig: fc.constantFrom(undefined, ...IKES),
    peerConfig: fc.constantFrom(undefined, ...PEERS),
    localId: identity,
    remoteId: identity,
    localVirtualIps: fc.array(host, { maxLength: 2 }),
    remoteVirtualIps: fc.array(host, { maxLength: 2 }),
    peerAddresses: fc.array(host, { maxLength: 2 }),
    seenAs: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }), { nil: undefined }),
    handledAttributes: fc.array(fc.record({ type: u16, value: octets(40) }), { maxLength: 2 }),
    createdAtMs: number,
    establishedAtMs: number,
    rekeyAtMs: number,
    reauthAtMs: number,
    deleteAtMs: number,
    lastInboundMs: number,
    lastOutboundMs: number,
    rekeyTimer: number,
    deleteTimer: number,
    dpdTimer: number,
    keepaliveTimer: number,
    order: number,
    keyingTry: fc.nat(100),
  }),
});

type IkeParts = typeof ikeParts extends fc.Arbitrary<infer T> ? T : never;

function make(parts: IkeParts): IkeSa {
  const { uniqueId, isInitiator, hi, lo, local, remote, suite, keys, tasks, children, members } = parts;
  const ikeSa = Object.assign(new IkeSa({ uniqueId, isInitiator, ownSpi: { hi, lo }, local, remote }), members);
  ikeSa.suite = suite;
  ikeSa.keys = new Uint8Array(suite.keyBlockBytes);
  ikeSa.keys.set(keys.subarray(0, suite.skPiAt));
  ikeSa.tasks = new TaskManager(context, ikeSa);
  ikeSa.tasks.resume(...tasks);
  for (const child of children)
    ikeSa.addChild(Object.assign(new ChildSa(child.uniqueId, child.config, ikeSa), child.members, child.addresses));
  return ikeSa;
}

/** All members by name, so that one that is added and not encoded is missed; references back as what they refer to. */
function describeIkeSa(ikeSa: IkeSa): Record<string, unknown> {
  const { requestId, expectedId, transmissions, lastResponse } = ikeSa.tasks;
  const { localId, remoteId } = ikeSa;
  return {
    ...(Object.fromEntries(Object.entries(ikeSa)) as object),
    keys: [...ikeSa.keys!],
    tasks: [requestId, expectedId, transmissions, lastResponse.map((datagram) => [...datagram])],
    localId: localId && [localId.type, ...localId.data],
    remoteId: remoteId && [remoteId.type, ...remoteId.data],
    local: describeHost(ikeSa.local),
    remote: describeHost(ikeSa.remote),
    localVirtualIps: ikeSa.localVirtualIps.map(describeHost),
    remoteVirtualIps: ikeSa.remoteVirtualIps.map(describeHost),
    peerAddresses: ikeSa.peerAddresses.map(describeHost),
    handledAttributes: ikeSa.handledAttributes.map(({ type, value }) => [type, ...value]),
    children: ikeSa.children.map((child) => ({
      ...(Object.fromEntries(Object.entries(child)) as object),
      ikeSa: child.ikeSa === ikeSa,
      local: describeHost(child.local),
      remote: describeHost(child.remote),
      localTs: child.localTs.map(describeSelector),
      remoteTs: child.remoteTs.map(describeSelector),
    })),
  };
}

const describeHost = ({ family, address, port }: Host): unknown => [family, port, ...address];
const describeSelector = ({
  family,
  isDynamic,
  protocol,
  startPort,
  endPort,
  startAddress,
  endAddress,
}: TrafficSelector): unknown => [[family, isDynamic, protocol, startPort, endPort], ...startAddress, ...endAddress];

describe("the record of an IKE_SA", () => {
  it("holds all that an IKE_SA has, and refers to what is shared as long as it is there", () => {
    fc.assert(
      fc.property(fc.array(ikeParts, { minLength: 1, maxLength: 3 }), (all) => {
        const resting = new RestingIkeSas(context);
        const expected = all.map((parts) => describeIkeSa(make(parts)));
        const handles = all.map((parts) => resting.put(make(parts)));
        expect(resting.store.size).toBe(all.length);
        for (const [i, handle] of handles.entries()) {
          const copy = describeIkeSa(Object.assign(resting.read(handle), { keys: [] }));
          const { keys, tasks, ...rest } = expected[i]!;
          expect(copy).toMatchObject(rest);
          expect(describeIkeSa(resting.take(handle))).toEqual({ ...rest, keys, tasks });
        }
        expect(resting.store.size).toBe(0);
        expect(resting.sharedValues).toBe(0);
      }),
    );
  });

  it("leaves no key behind, neither in the object that rested nor in the store", () => {
    const parts = fc.sample(ikeParts, { seed: 1, numRuns: 1 })[0]!;
    parts.keys.fill(0xa5);
    const resting = new RestingIkeSas(context);
    const ikeSa = make(parts);
    const keys = ikeSa.keys!;
    const handle = resting.put(ikeSa);
    expect(keys.every((octet) => octet === 0)).toBe(true);
    const page = resting.store.page(handle);
    expect(page.octets.some((octet) => octet === 0xa5)).toBe(true);
    resting.take(handle);
    expect(page.octets.every((octet) => octet === 0)).toBe(true);
  });

  it("is refused with a typed error, or taken for another IKE_SA, whatever became of its octets; and is gone afterwards", () => {
    fc.assert(
      fc.property(ikeParts, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (parts, changes) => {
        const resting = new RestingIkeSas(context);
        const handle = resting.put(make(parts));
        const page = resting.store.page(handle);
        const [start, { length }] = [resting.store.offset(handle), resting.glance(handle)];
        for (const [at, value] of changes) page.octets[start + (at % length)] = value;
        const glance = resting.glance(handle);
        expect([glance.hasChild(1), glance.hasChildNamed("net")].every((found) => typeof found === "boolean")).toBe(true);
        try {
          expect(resting.take(handle)).toBeInstanceOf(IkeSa);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
          expect((error as RecordError).message).toMatch(/^record is unusable: .* at offset \d+ /);
        }
        expect(resting.store.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("is refused when it is of another version", () => {
    const resting = new RestingIkeSas(context);
    const handle = resting.put(make(fc.sample(ikeParts, { seed: 2, numRuns: 1 })[0]!));
    resting.store.page(handle).octets[resting.store.offset(handle)] = 1;
    expect(() => resting.take(handle)).toThrow(RecordError);
    expect(resting.store.size).toBe(0);
  });
});
