import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Host } from "@cygnet/plugin-api";
import { TrafficSelector, printSelectors, useNameTables } from "../../src/config/index.js";
import { selectorArbitrary, samples } from "./selectors.js";

const ts = (text: string): TrafficSelector => {
  const parsed = TrafficSelector.parse(text);
  if (!parsed) throw new Error(`'${text}' is no selector`);
  return parsed;
};

describe("traffic selectors as text", () => {
  // What libstrongswan 5.9.8 prints for the same addresses, protocol and ports.
  it.each([
    ["10.0.0.0/24", "10.0.0.0/24"],
    ["10.0.0.7/24", "10.0.0.0/24"],
    ["10.0.0.7", "10.0.0.7/32"],
    ["10.0.0.7[tcp/80]", "10.0.0.7/32[tcp/http]"],
    ["10.0.0.7/32[6]", "10.0.0.7/32[tcp]"],
    ["10.0.0.7/32[/80]", "10.0.0.7/32[0/http]"],
    ["10.0.0.7/32[%any/http]", "10.0.0.7/32[0/http]"],
    ["10.0.0.7/32[tcp/1000-2000]", "10.0.0.7/32[tcp/1000-2000]"],
    ["10.0.0.7/32[17/53]", "10.0.0.7/32[udp/domain]"],
    ["10.0.0.7/32[tcp/%opaque]", "10.0.0.7/32[tcp/OPAQUE]"],
    ["10.0.0.7/32[0/%opaque]", "10.0.0.7/32[0/OPAQUE]"],
    ["10.0.0.7/32[icmp/8]", "10.0.0.7/32[icmp/8]"],
    ["10.0.0.7/32[icmp/2048]", "10.0.0.7/32[icmp/8]"],
    ["10.0.0.7/32[icmp/2053]", "10.0.0.7/32[icmp/8(5)]"],
    ["10.0.0.7/32[icmp/2048-2303]", "10.0.0.7/32[icmp/8-8(255)]"],
    ["10.0.0.7/32[icmp/8-9]", "10.0.0.7/32[icmp/8-9]"],
    ["10.0.0.7/32[icmp]", "10.0.0.7/32[icmp]"],
    ["fec0::1[ipv6-icmp/128]", "fec0::1/128[ipv6-icmp/128]"],
    ["10.0.0.7/32[135/256-511]", "10.0.0.7/32[mobility-header/256-511]"],
    ["10.0.0.7/32[250/7]", "10.0.0.7/32[250/echo]"],
    ["10.0.0.7/32[sctp/80]", "10.0.0.7/32[sctp/80]"],
    ["10.0.0.7/32[tcp/0]", "10.0.0.7/32[tcp/0]"],
    ["10.0.0.7/32[udp/%any]", "10.0.0.7/32[udp]"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["::/0", "::/0"],
    ["10.0.0.1-10.0.0.9", "10.0.0.1..10.0.0.9"],
    ["10.0.0.1..10.0.0.9", "10.0.0.1..10.0.0.9"],
    ["10.0.0.0-10.0.0.255", "10.0.0.0/24"],
    ["fec0::1-fec0::9[tcp]", "fec0::1..fec0::9[tcp]"],
    ["dynamic", "dynamic"],
    ["%dynamic[tcp/http]", "dynamic[tcp/http]"],
    ["[udp/4500]", "dynamic[udp/4500]"],
    ["dynamic[tcp/ftp-data]", "dynamic[tcp/ftp-data]"],
  ])("reads '%s' and prints '%s'", (text, printed) => {
    const given = printed === "dynamic[udp/4500]" ? "dynamic[udp/ipsec-nat-t]" : printed;
    expect(ts(text).toString()).toBe(given);
    expect(ts(given).equals(ts(text))).toBe(true);
  });

  it.each([
    "",
    "%any",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.9-10.0.0.1",
    "10.0.0.1-fec0::1",
    "10.0.0.0/24/7",
    "foo",
    "10.0.0.1[",
    "10.0.0.1[foo]",
    "10.0.0.1[tcp/foo]",
    "10.0.0.1[tcp/9-8]",
    "10.0.0.1[tcp/70000]",
    "10.0.0.1[256]",
    "10.0.0.1[tcp/80/7]",
    "10.0.0.0/255.0.0.0",
  ])("refuses '%s'", (text) => expect(TrafficSelector.parse(text)).toBeUndefined());

  it("joins a list by blanks", () => {
    expect(printSelectors([ts("10.1.0.0/24"), ts("10.2.0.0/24[tcp]")])).toBe("10.1.0.0/24 10.2.0.0/24[tcp]");
  });

  describe("with other name tables", () => {
    afterEach(() => useNameTables({ protocols: "", services: "" }));
    it("uses the host's names for reading and printing", () => {
      useNameTables({ protocols: "tcp 6 TCP # comment\n", services: "acme 4711/tcp acme-alias\nbroken\n" });
      expect(ts("10.0.0.1[TCP/acme-alias]").toString()).toBe("10.0.0.1/32[tcp/acme]");
      expect(TrafficSelector.parse("10.0.0.1[udp]")).toBeUndefined();
    });
  });
});

describe("traffic selectors as values", () => {
  it("survives the wire", () => {
    fc.assert(
      fc.property(selectorArbitrary, (selector) => {
        const back = TrafficSelector.fromWire(selector.toWire());
        return back !== undefined && back.equals(selector);
      }),
    );
  });

  it("copies addresses from the wire", () => {
    const wire = ts("10.0.0.0/24").toWire();
    const made = TrafficSelector.fromWire(wire)!;
    wire.startAddress.fill(0);
    expect(made.toString()).toBe("10.0.0.0/24");
  });

  it("refuses labels, wrong sizes and ranges out of order from the wire", () => {
    const wire = ts("10.0.0.1-10.0.0.9").toWire();
    expect(TrafficSelector.fromWire({ ...wire, tsType: 10 })).toBeUndefined();
    expect(TrafficSelector.fromWire({ ...wire, tsType: 8 })).toBeUndefined();
    expect(TrafficSelector.fromWire({ ...wire, startAddress: wire.endAddress, endAddress: wire.startAddress })).toBeUndefined();
    expect(TrafficSelector.fromWire({ ...wire, startPort: 9, endPort: 8 })).toBeUndefined();
    expect(TrafficSelector.fromWire({ ...wire, startPort: 65535, endPort: 0 })?.isOpaque).toBe(true);
  });

  it("is shared where it was received before, and never taken for one that differs in any field", () => {
    const wire = ts("10.0.0.1-10.0.0.9[tcp/80]").toWire();
    const made = TrafficSelector.fromWire(wire)!;
    expect(TrafficSelector.fromWire(ts("10.0.0.1-10.0.0.9[tcp/80]").toWire())).toBe(made);
    for (const tsType of [8, 10]) expect(TrafficSelector.fromWire({ ...wire, tsType })).toBeUndefined();
    const others = [
      { ...wire, protocol: 17 },
      { ...wire, startPort: 79 },
      { ...wire, endPort: 81 },
      { ...wire, startAddress: Uint8Array.of(10, 0, 0, 0) },
      { ...wire, endAddress: Uint8Array.of(10, 0, 0, 10) },
    ];
    for (const other of others) expect(TrafficSelector.fromWire(other)?.toWire()).toEqual(other);
  });

  it("intersects to exactly the common traffic", () => {
    fc.assert(
      fc.property(selectorArbitrary, selectorArbitrary, (a, b) => {
        const common = a.intersect(b);
        for (const packet of samples(a, b)) {
          expect(common?.contains(packet) ?? false).toBe(a.contains(packet) && b.contains(packet));
        }
        expect(b.intersect(a)?.toString()).toBe(common?.toString());
        return common === undefined || (a.contains(common) && b.contains(common));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["10.0.0.0/8", "10.1.0.0/16[tcp]", "10.1.0.0/16[tcp]"],
    ["10.0.0.0/8[tcp]", "10.1.0.0/16[/80]", "10.1.0.0/16[tcp/http]"],
    ["10.0.0.0/8[tcp]", "10.1.0.0/16[udp]", undefined],
    ["10.0.0.0/8[tcp/80-90]", "10.1.0.0/16[tcp/85-99]", "10.1.0.0/16[tcp/85-90]"],
    ["10.0.0.0/8[tcp/%opaque]", "10.1.0.0/16[tcp]", "10.1.0.0/16[tcp/OPAQUE]"],
    ["10.0.0.0/8[tcp/%opaque]", "10.1.0.0/16[tcp/80]", undefined],
    ["10.0.0.0/8", "::/0", undefined],
    ["10.0.0.1-10.0.0.9", "10.0.0.5-10.0.0.20", "10.0.0.5..10.0.0.9"],
  ])("the intersection of %s and %s is %s", (a, b, common) => expect(ts(a).intersect(ts(b))?.toString()).toBe(common));

  it("knows subnets, hosts and addresses", () => {
    expect(ts("10.0.0.0/24").prefix).toBe(24);
    expect(ts("10.0.0.1-10.0.0.9").prefix).toBe(-1);
    expect(ts("10.0.0.1").isHost).toBe(true);
    expect(ts("dynamic").isHost).toBe(true);
    expect(ts("10.0.0.0/24").includes(Host.of("10.0.0.200"))).toBe(true);
    expect(ts("10.0.0.0/24").includes(Host.of("10.0.1.0"))).toBe(false);
    expect(ts("10.0.0.0/24").includes(Host.of("::1"))).toBe(false);
    expect(ts("dynamic[tcp]").withHost(Host.of("fec0::1", 500)).toString()).toBe("fec0::1/128[tcp]");
  });
});
