import { Host } from "@cygnet/plugin-api";
import type { TrafficRange } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enclosingSubnet, holds, subnetText } from "../src/subnet.js";

const range = (startAddress: Uint8Array, endAddress: Uint8Array): TrafficRange => ({
  family: startAddress.length === 4 ? 4 : 6,
  protocol: 0,
  startPort: 0,
  endPort: 65535,
  startAddress,
  endAddress,
});
const between = (from: string, to: string): TrafficRange => range(Host.of(from).address, Host.of(to).address);

describe("the subnet of a range", () => {
  it.each([
    ["10.1.0.0", "10.1.255.255", "10.1.0.0/16"],
    ["10.1.0.0", "10.2.0.0", "10.0.0.0/14"],
    ["0.0.0.0", "255.255.255.255", "0.0.0.0/0"],
    ["192.0.2.7", "192.0.2.7", "192.0.2.7/32"],
    ["2001:db8::1", "2001:db8::ffff", "2001:db8::/112"],
  ])("%s to %s is in %s", (from, to, expected) => {
    expect(subnetText(enclosingSubnet(between(from, to)))).toBe(expected);
  });

  it("holds both ends, and a longer prefix would not", () => {
    const address = fc.uint8Array({ minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(address, address, (a, b) => {
        const [from, to] = Buffer.compare(a, b) <= 0 ? [a, b] : [b, a];
        const { address: base, prefix } = enclosingSubnet(range(from, to));
        const bits = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");
        for (const end of [from, to]) expect(bits(end).slice(0, prefix)).toBe(bits(base).slice(0, prefix));
        expect(bits(base).slice(prefix)).not.toContain("1");
        if (prefix < 32) expect(bits(from)[prefix]).not.toBe(bits(to)[prefix]);
        expect(holds(range(from, to), from) && holds(range(from, to), to)).toBe(true);
      }),
    );
  });
});
