import type { TrafficRange } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../src/netlink/message-reader.js";
import { MessageWriter } from "../src/netlink/message-writer.js";
import { policyPriority } from "../src/xfrm/priority.js";
import { putSelector, rangesOf, readSelector, selectorOf } from "../src/xfrm/selector.js";
import type { Selector } from "../src/xfrm/selector.js";
import { describeSelector } from "../src/xfrm/selector-text.js";
import { range } from "./fixtures.js";

const addresses = (octets: number) =>
  fc
    .tuple(fc.uint8Array({ minLength: octets, maxLength: octets }), fc.uint8Array({ minLength: octets, maxLength: octets }))
    .map(([a, b]) => (compare(a, b) <= 0 ? [a, b] : [b, a]));
const ports = fc.tuple(fc.nat(0xffff), fc.nat(0xffff)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);

function ranges(protocol: fc.Arbitrary<number>): fc.Arbitrary<readonly [TrafficRange, TrafficRange]> {
  return fc.constantFrom(4 as const, 6 as const).chain((family) =>
    fc
      .tuple(addresses(family === 4 ? 4 : 16), addresses(family === 4 ? 4 : 16), ports, ports, protocol)
      .map(([a, b, p, q, number]) => {
        const make = (pair: Uint8Array[], [startPort = 0, endPort = 0]: number[]): TrafficRange => ({
          family,
          protocol: number,
          startPort,
          endPort,
          startAddress: pair[0]!,
          endAddress: pair[1]!,
        });
        return [make(a, p), make(b, q)] as const;
      }),
  );
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function contains(outer: TrafficRange, inner: TrafficRange): boolean {
  return (
    compare(outer.startAddress, inner.startAddress) <= 0 &&
    compare(inner.endAddress, outer.endAddress) <= 0 &&
    outer.startPort <= inner.startPort &&
    inner.endPort <= outer.endPort
  );
}

function overTheWire(selector: Selector): Selector | undefined {
  const slab = new Uint8Array(128);
  const writer = new MessageWriter(slab);
  writer.begin({ type: 16, flags: 0, sequence: 0 }, 64);
  putSelector(writer, 8, selector);
  const reader = new MessageReader(slab);
  reader.reset(writer.length);
  reader.next();
  return readSelector(reader, 8);
}

describe("selectors of the kernel", () => {
  it("take all traffic of their ranges, whatever those are", () => {
    fc.assert(
      fc.property(ranges(fc.constantFrom(0, 6, 17)), ([source, destination]) => {
        const found = rangesOf(selectorOf(source, destination));
        expect(contains(found.source, source)).toBe(true);
        expect(contains(found.destination, destination)).toBe(true);
      }),
    );
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(ranges(fc.nat(255)), ([source, destination]) => {
        const selector = selectorOf(source, destination);
        expect(overTheWire(selector)).toEqual(selector);
      }),
    );
  });

  it("are exact for subnets and single ports", () => {
    const selector = selectorOf(
      range("10.1.0.0/16", { protocol: 6 }),
      range("10.2.0.0/24", { protocol: 6, startPort: 80, endPort: 80 }),
    );
    expect(describeSelector(selector)).toBe("10.1.0.0/16[6] === 10.2.0.0/24[6/80]");
    const { source, destination } = rangesOf(selector);
    expect(destination).toEqual(range("10.2.0.0/24", { protocol: 6, startPort: 80, endPort: 80 }));
    expect(source).toEqual(range("10.1.0.0/16", { protocol: 6 }));
  });

  it("have the ICMP type as the source port and the code as the destination port", () => {
    const echo = { protocol: 1, startPort: 8 << 8, endPort: 8 << 8 };
    const selector = selectorOf(range("10.1.0.0/16", echo), range("10.2.0.0/24", { protocol: 1 }));
    expect(selector.source).toMatchObject({ port: 8, portMask: 0xffff });
    expect(selector.destination).toMatchObject({ port: 0, portMask: 0 });
    const unreachable = { protocol: 1, startPort: (3 << 8) | 1, endPort: (3 << 8) | 1 };
    const coded = selectorOf(range("10.1.0.0/16"), range("10.2.0.0/24", unreachable));
    expect(coded.source).toMatchObject({ port: 3, portMask: 0xffff });
    expect(coded.destination).toMatchObject({ port: 1, portMask: 0xffff });
    expect(rangesOf(coded).source).toMatchObject(unreachable);
    expect(rangesOf(coded).destination).toMatchObject(unreachable);
  });

  it("know no OPAQUE ports", () => {
    const opaque = { protocol: 17, startPort: 0xffff, endPort: 0 };
    expect(selectorOf(range("10.1.0.0/16", opaque), range("10.2.0.0/24", opaque)).source.portMask).toBe(0);
  });
});

/** What strongSwan 5.9.8 installs for these, as `ip xfrm policy` shows it. */
describe("priorities of policies", () => {
  const host = selectorOf(range("10.9.0.1"), range("10.9.0.2"));
  const net = selectorOf(range("10.1.0.0/16"), range("10.2.0.0/24"));
  const shunt = selectorOf(range("10.7.0.0/16"), range("10.7.0.0/16"));
  const tcp = selectorOf(
    range("10.1.0.0/16", { protocol: 6 }),
    range("10.3.0.0/24", { protocol: 6, startPort: 80, endPort: 80 }),
  );
  const udp = selectorOf(
    range("10.1.0.0/16", { protocol: 17, startPort: 1024, endPort: 2047 }),
    range("10.4.0.0/24", { protocol: 17, startPort: 5000, endPort: 5010 }),
  );
  const icmp = selectorOf(
    range("10.1.0.0/16", { protocol: 1, startPort: 8 << 8, endPort: 8 << 8 }),
    range("10.5.0.0/24", { protocol: 1 }),
  );

  it.each([
    ["a trap between hosts", host, "routed", 367_232],
    ["a trap between networks", net, "routed", 379_520],
    ["a CHILD_SA between networks", net, "default", 379_519],
    ["a pass shunt", shunt, "pass", 183_615],
    ["a drop shunt", shunt, "fallback", 583_615],
    ["a TCP port", tcp, "routed", 379_200],
    ["blocks of UDP ports", udp, "routed", 379_196],
    ["an ICMP type", icmp, "routed", 379_200],
  ] as const)("are strongSwan's for %s", (_, selector, priority, expected) => {
    expect(policyPriority(selector, priority)).toBe(expected);
  });
});
