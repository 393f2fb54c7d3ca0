import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEspPolicies, EspAction } from "@cygnet/native";
import type { EspPolicy, EspRange } from "@cygnet/native";
import { ipPacket, ports } from "./packets.js";

const NOWHERE = { address: Uint8Array.of(192, 0, 2, 9), port: 4500 };

/** A subnet such as `10.1.0.0/16`, any protocol and port unless said otherwise. */
function subnet(text: string, more: Partial<EspRange> = {}): EspRange {
  const [address, prefix] = text.split("/") as [string, string];
  const octets = address.split(".").map(Number);
  const bit = (i: number): number => (0xff00 >> Math.max(0, Math.min(8, Number(prefix) - i * 8))) & 0xff;
  return {
    protocol: 0,
    startAddress: Uint8Array.from(octets, (octet, i) => octet & bit(i)),
    endAddress: Uint8Array.from(octets, (octet, i) => octet | (~bit(i) & 0xff)),
    startPort: 0,
    endPort: 65535,
    ...more,
  };
}

const policy = (source: EspRange, destination: EspRange, reqid: number, more: Partial<EspPolicy> = {}): EspPolicy => ({
  inbound: false,
  action: EspAction.PROTECT,
  rank: 1,
  source,
  destination,
  reqid,
  spi: reqid,
  tunnelDestination: NOWHERE,
  ...more,
});

const from = [10, 1, 0, 1];
const packetTo = (...destination: number[]): Uint8Array => ipPacket({ source: from, destination });

describe("policies of one direction", () => {
  it("are found by the longest prefixes, in whatever order they were added", () => {
    const all = ["0.0.0.0/0", "10.0.0.0/8", "10.2.0.0/16", "10.2.3.0/24", "10.2.3.4/32"];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        const policies = createEspPolicies();
        for (const text of order) policies.add(policy(subnet("10.1.0.0/16"), subnet(text), all.indexOf(text) + 1));
        const found = [
          packetTo(8, 8, 8, 8),
          packetTo(10, 9, 9, 9),
          packetTo(10, 2, 9, 9),
          packetTo(10, 2, 3, 9),
          packetTo(10, 2, 3, 4),
        ];
        expect(found.map((packet) => policies.find(packet)?.reqid)).toEqual([1, 2, 3, 4, 5]);
        expect(policies.find(ipPacket({ source: [10, 9, 0, 1], destination: [10, 2, 3, 4] }))).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it("agree with a search through all of them", () => {
    const address = fc.tuple(fc.constant(10), fc.nat(1), fc.nat(3), fc.nat(3));
    const prefix = fc.constantFrom(0, 8, 15, 16, 23, 24, 30, 31, 32);
    const net = fc.tuple(address, prefix).map(([octets, bits]) => `${octets.join(".")}/${bits}`);
    const holds = (range: EspRange, octets: readonly number[]): boolean =>
      Buffer.compare(Buffer.from(octets), range.startAddress) >= 0 && Buffer.compare(Buffer.from(octets), range.endAddress) <= 0;
    const bits = (text: string): number => Number(text.split("/")[1]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(net, net), { maxLength: 30 }),
        fc.array(fc.tuple(address, address), { maxLength: 10 }),
        (nets, flows) => {
          const policies = createEspPolicies();
          nets.forEach(([source, destination], i) => policies.add(policy(subnet(source), subnet(destination), i + 1)));
          for (const [source, destination] of flows) {
            const matching = nets.filter(([s, d]) => holds(subnet(s), source) && holds(subnet(d), destination));
            const longest = Math.max(...matching.map(([s, d]) => bits(s) + bits(d)));
            const found = policies.find(ipPacket({ source, destination }));
            if (matching.length === 0) expect(found).toBeUndefined();
            else
              expect(
                matching.some(([s, d]) => bits(s) + bits(d) === longest && nets[found!.reqid - 1]!.join() === [s, d].join()),
              ).toBe(true);
          }
          nets.forEach(([source, destination], i) =>
            expect(policies.remove(policy(subnet(source), subnet(destination), i + 1))).toBe(true),
          );
          expect(policies.size).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("go before others by their rank, whatever their prefixes", () => {
    const policies = createEspPolicies();
    policies.add(policy(subnet("10.1.0.0/16"), subnet("10.2.3.4/32"), 1, { rank: 2 }));
    policies.add(policy(subnet("10.0.0.0/8"), subnet("0.0.0.0/0"), 2, { rank: 0, action: EspAction.PASS }));
    expect(policies.find(packetTo(10, 2, 3, 4))).toEqual({ action: EspAction.PASS, reqid: 2, spi: 2 });
  });

  it("tell protocols and ports apart, the narrower one first", () => {
    const policies = createEspPolicies();
    const tcp = (destination: Partial<EspRange>): EspRange => subnet("10.2.0.0/16", { protocol: 6, ...destination });
    policies.add(policy(subnet("10.1.0.0/16"), subnet("10.2.0.0/16"), 1));
    policies.add(policy(subnet("10.1.0.0/16"), tcp({}), 2));
    policies.add(policy(subnet("10.1.0.0/16"), tcp({ startPort: 80, endPort: 443 }), 3));
    policies.add(policy(subnet("10.1.0.0/16"), tcp({ startPort: 80, endPort: 80 }), 4));
    const find = (protocol: number, port: number, fragmentOffset = 0): number | undefined =>
      policies.find(ipPacket({ source: from, destination: [10, 2, 0, 1], protocol, payload: ports(1024, port), fragmentOffset }))
        ?.reqid;
    expect([find(17, 80), find(6, 22), find(6, 443), find(6, 80)]).toEqual([1, 2, 3, 4]);
    // A later fragment has no ports.
    expect(find(6, 80, 7)).toBe(2);
  });

  it("take ports from behind the extension headers of IPv6", () => {
    const [a, b] = [Array<number>(16).fill(1), Array<number>(16).fill(2)];
    const at = (octets: number[], more: Partial<EspRange> = {}): EspRange => ({
      ...subnet("0.0.0.0/0", more),
      startAddress: Uint8Array.from(octets),
      endAddress: Uint8Array.from(octets),
    });
    const policies = createEspPolicies();
    policies.add(policy(at(a), at(b, { protocol: 17, startPort: 53, endPort: 53 }), 1));
    const find = (protocol: number, payload: Uint8Array): number | undefined =>
      policies.find(ipPacket({ source: a, destination: b, protocol, payload }))?.reqid;
    const options = [17, 0, 1, 4, 0, 0, 0, 0];
    expect(find(17, ports(9, 53))).toBe(1);
    expect(find(0, Uint8Array.from([...options, ...ports(9, 53)]))).toBe(1);
    // A first fragment, then a later one; and a header that claims to be longer than the packet.
    expect(find(44, Uint8Array.from([17, 0, 0, 1, 0, 0, 0, 9, ...ports(9, 53)]))).toBe(1);
    expect(find(44, Uint8Array.from([17, 0, 0, 8, 0, 0, 0, 9, ...ports(9, 53)]))).toBeUndefined();
    expect(find(60, Uint8Array.from([17, 200, 0, 0, 0, 0, 0, 0, ...ports(9, 53)]))).toBeUndefined();
  });

  it("are used by the CHILD_SA added last, until it is gone, and by a trap only then", () => {
    const policies = createEspPolicies();
    const [a, b] = [subnet("10.1.0.0/16"), subnet("10.2.0.0/16")];
    const spiFound = (): number | undefined => policies.find(packetTo(10, 2, 0, 1))?.spi;
    policies.add(policy(a, b, 1, { spi: 0x11 }));
    policies.add(policy(a, b, 1, { spi: 0x22 }));
    policies.add(policy(a, b, 1, { spi: 0 }));
    expect([spiFound(), policies.size]).toEqual([0x22, 1]);
    policies.remove(policy(a, b, 1, { spi: 0x22 }));
    expect(spiFound()).toBe(0x11);
    policies.remove(policy(a, b, 1, { spi: 0x11 }));
    expect(spiFound()).toBe(0);
    expect(policies.remove(policy(a, b, 2, { spi: 0 }))).toBe(false);
    expect(policies.remove(policy(a, b, 1, { spi: 0 }))).toBe(true);
    expect([spiFound(), policies.size]).toEqual([undefined, 0]);
  });

  it("find nothing for garbage, whatever it is", () => {
    const policies = createEspPolicies();
    policies.add(policy(subnet("0.0.0.0/0"), subnet("0.0.0.0/0"), 1));
    const versioned = fc
      .tuple(fc.constantFrom(0x45, 0x60, 0x4f, 0x00), fc.uint8Array({ maxLength: 100 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest));
    fc.assert(
      fc.property(fc.oneof(versioned, fc.uint8Array({ maxLength: 60 })), (octets) => {
        const isIpv4 = octets.length >= 20 && octets[0]! >> 4 === 4 && (octets[0]! & 15) >= 5;
        const length = isIpv4 ? octets[2]! * 256 + octets[3]! : 0;
        const isWhole = isIpv4 && length >= (octets[0]! & 15) * 4 && length <= octets.length;
        expect(policies.find(octets) !== undefined).toBe(isWhole);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses what is no policy", () => {
    const policies = createEspPolicies();
    const good = policy(subnet("10.0.0.0/8"), subnet("10.0.0.0/8"), 1);
    const sixteen = { ...good.source, startAddress: new Uint8Array(16), endAddress: new Uint8Array(16) };
    for (const bad of [undefined, {}, { ...good, rank: 256 }, { ...good, source: sixteen }, { ...good, action: 3 }])
      expect(() => policies.add(bad as EspPolicy)).toThrow(TypeError);
    expect(policies.size).toBe(0);
  });
});
