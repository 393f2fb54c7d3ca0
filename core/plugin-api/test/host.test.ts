import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host, formatAddress } from "@cygnet/plugin-api";

describe("Host", () => {
  it.each([
    ["10.9.0.1", 4],
    ["fec0::1", 6],
    ["2001:db8::8:800:200c:417a", 6],
    ["::ffff:c000:201", 6],
  ] as const)("reads and prints %s", (text, family) => {
    const host = Host.of(text, 500);
    expect(host.family).toBe(family);
    expect(host.toString()).toBe(text);
    expect(host.toStringWithPort()).toBe(`${text}[500]`);
  });

  it("reads the dotted form of IPv6", () => {
    expect(Host.of("::ffff:192.0.2.1").address.slice(12)).toEqual(Uint8Array.of(192, 0, 2, 1));
  });

  it.each([
    ["%any", "%any"],
    ["%any4", "%any"],
    ["%any6", "%any6"],
    ["0.0.0.0", "%any"],
    ["::", "%any6"],
  ])("prints %s as %s", (text, printed) => {
    expect(Host.of(text).isAny).toBe(true);
    expect(String(Host.of(text))).toBe(printed);
  });

  it.each(["", "moon.example.org", "10.0.0", "10.0.0.256", "fe80::1%eth0", "1::2::3"])("takes '%s' for no address", (text) => {
    expect(Host.parse(text)).toBeUndefined();
    expect(() => Host.of(text)).toThrow(expect.objectContaining({ code: "CYG_HOST_SYNTAX" }));
  });

  it("refuses octets of the wrong size", () => {
    expect(() => new Host(4, new Uint8Array(16), 0)).toThrow(expect.objectContaining({ code: "CYG_HOST_SYNTAX" }));
  });

  it("compares by value", () => {
    expect(Host.of("10.0.0.1", 500).equals(Host.of("10.0.0.1", 500))).toBe(true);
    expect(Host.of("10.0.0.1", 500).equals(Host.of("10.0.0.1", 4500))).toBe(false);
    expect(Host.of("10.0.0.1", 500).sameAddress(Host.of("10.0.0.1", 4500))).toBe(true);
    expect(Host.of("::1").sameAddress(Host.of("10.0.0.1"))).toBe(false);
  });

  it("prints every IPv6 address in a form that reads back as the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
        const text = formatAddress(octets);
        expect(isIPv6(text)).toBe(true);
        expect(Host.of(text).address).toEqual(octets);
      }),
    );
  });
});
