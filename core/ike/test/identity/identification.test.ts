import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DefinitionError, Host } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { Identification } from "../../src/identity/index.js";

interface Vectors {
  readonly parse: readonly { text: string; type: number; data: string; prints: string; wildcards: boolean }[];
  readonly wire: readonly { type: number; data: string; prints: string }[];
  readonly match: readonly {
    id: string;
    pattern: string;
    quality: number;
    equal: boolean;
    reordered: number;
    relaxed: number;
  }[];
}
const vectors = JSON.parse(readFileSync(new URL("vectors/identities.json", import.meta.url), "utf8")) as Vectors;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

describe("identities in strongSwan's notation", () => {
  it.each(vectors.parse)("reads '$text' as type $type", ({ text, type, data, prints, wildcards }) => {
    const id = Identification.parse(text);
    expect({
      type: id.type,
      data: Buffer.from(id.data).toString("hex"),
      prints: id.toString(),
      wildcards: id.containsWildcards,
    }).toEqual({
      type,
      data,
      prints,
      wildcards,
    });
  });

  it("reads the value of an explicit address type as that address, which strongSwan takes for raw octets", () => {
    expect(Identification.parse("ipv4:10.0.0.1").data).toEqual(Uint8Array.of(10, 0, 0, 1));
    expect(Identification.parse("ipv6net:fec0::/64").toString()).toBe("fec0::/64");
    expect(Identification.parse("ipv4range:10.0.0.1-10.0.0.2").toString()).toBe("10.0.0.1-10.0.0.2");
    expect(Identification.parse("asn1dn:C=CH, CN=x").toString()).toBe("C=CH, CN=x");
    expect(Identification.parse("ipv4:foo").toString()).toBe("(invalid ID_IPV4_ADDR)");
  });

  it("reads uri: as a GeneralName URI", () => {
    const id = Identification.parse("uri:http://example.org/x");
    expect(id.type).toBe(IdType.ID_DER_ASN1_GN_URI);
    expect(id.toString()).toBe("http://example.org/x");
  });

  it.each(["@#zz", "keyid:#xy", "{300}:foo"])("refuses '%s'", (text) => {
    expect(() => Identification.parse(text)).toThrowError(DefinitionError);
    try {
      Identification.parse(text);
    } catch (error) {
      expect((error as DefinitionError).code).toBe("CYG_ID_SYNTAX");
      expect((error as DefinitionError).where).toBe(text);
    }
  });
});

describe("identities from the wire", () => {
  it.each(vectors.wire)("prints type $type, $data as '$prints'", ({ type, data, prints }) => {
    expect(Identification.fromWire(type, hex(data)).toString()).toBe(prints);
  });

  it("never throws and never prints a control character, whatever the octets", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 80 }), (type, data) => {
        const id = Identification.fromWire(type, data);
        expect(id.toString()).not.toMatch(/[^\x20-\x7e]/);
        expect(id.equals(Identification.fromWire(type, data))).toBe(true);
        expect(typeof id.key).toBe("string");
        return id.matches(Identification.ANY) === 1;
      }),
    );
  });

  it("never throws for names that are damaged in one place", () => {
    const whole = Identification.parse("C=CH, O=Example, CN=moon, E=moon@example.org").data;
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = new Uint8Array(whole);
        damaged[at]! ^= 1 << bit;
        const id = Identification.fromWire(IdType.ID_DER_ASN1_DN, damaged);
        expect(id.toString()).not.toMatch(/[^\x20-\x7e]/);
        expect(id.matches(id)).toBe(20);
      }
      Identification.fromWire(IdType.ID_DER_ASN1_DN, whole.subarray(0, at)).toString();
    }
  });

  it("keeps a copy of the octets", () => {
    const data = Buffer.from("moon.example.org");
    const id = Identification.fromWire(IdType.ID_FQDN, data);
    data.fill(0);
    expect(id.toString()).toBe("moon.example.org");
    const long = Buffer.alloc(300, "a");
    const longId = Identification.fromWire(IdType.ID_FQDN, long);
    long.fill(0);
    expect(longId.toString()).toBe("a".repeat(300));
  });

  it("gives the same object for the same octets", () => {
    const data = Buffer.from("interned.example.org");
    expect(Identification.fromWire(2, data)).toBe(Identification.fromWire(2, Buffer.from(data)));
    expect(Identification.fromWire(3, data)).not.toBe(Identification.fromWire(2, data));
  });
});

describe("matching identities", () => {
  it.each(vectors.match)("'$id' against '$pattern' is $quality", ({ id, pattern, quality, equal, reordered, relaxed }) => {
    const own = Identification.parse(id);
    const other = Identification.parse(pattern);
    expect(own.matches(other)).toBe(quality);
    expect(own.matches(other, "reordered")).toBe(reordered);
    expect(own.matches(other, "relaxed")).toBe(relaxed);
    expect(own.equals(other)).toBe(equal);
    if (equal) expect([own.key, own.hash]).toEqual([other.key, other.hash]);
  });

  it("compares with identities of other implementations by value", () => {
    const foreign = { type: 2, data: Buffer.from("MOON.example.org"), equals: () => false };
    expect(Identification.parse("moon.example.org").equals(foreign)).toBe(true);
  });

  it("is the identity of an address", () => {
    const id = Identification.ofHost(Host.of("10.0.0.1", 500));
    expect(id.equals(Identification.parse("10.0.0.1"))).toBe(true);
    expect(id.host?.toString()).toBe("10.0.0.1");
    expect(Identification.parse("moon").host).toBeUndefined();
  });
});
