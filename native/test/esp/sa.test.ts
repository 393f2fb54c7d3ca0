import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEspSa } from "@cygnet/native";
import type { EspSaUse } from "@cygnet/native";
import { ipPacket } from "./packets.js";
import { key, saOptions, saPair, SPI, SUITES } from "./suites.js";

const GCM = SUITES[2]!;
const HMAC = SUITES[7]!;
const packet = (bytes = 64): Uint8Array =>
  ipPacket({ source: [10, 1, 0, 1], destination: [10, 2, 0, 1], payload: key(bytes, 1) });
const some = (use: Partial<EspSaUse>): unknown => expect.objectContaining(use);

const anyPacket = fc
  .tuple(fc.constantFrom(4, 16), fc.uint8Array({ maxLength: 1400 }), fc.nat(255))
  .map(([bytes, payload, octet]) =>
    ipPacket({ source: Array<number>(bytes).fill(octet), destination: Array<number>(bytes).fill(7), payload }),
  );

describe.each(SUITES)("an SA with $name", (suite) => {
  it.each([false, true])("gives back what went in, and counts it (ESN %s)", (esn) => {
    const sa = saPair(suite, { esn });
    let [bytes, packets] = [0, 0];
    fc.assert(
      fc.property(anyPacket, (inner) => {
        const sealed = sa.out.seal(inner)!;
        expect(Buffer.from(sealed).readUInt32BE(0)).toBe(SPI);
        expect(Buffer.from(sealed).readUInt32BE(4)).toBe(++packets);
        bytes += inner.length;
        expect(sa.in.open(sealed)).toEqual(inner);
      }),
      { numRuns: 30 },
    );
    for (const end of [sa.out, sa.in]) expect(end.use()).toEqual(some({ bytes, packets, forged: 0, replayed: 0 }));
  });

  it("takes a packet once", () => {
    const sa = saPair(suite);
    const sealed = sa.out.seal(packet())!;
    expect(sa.in.open(sealed)).toEqual(packet());
    expect(sa.in.open(sealed)).toBeUndefined();
    expect(sa.in.use()).toEqual(some({ packets: 1, replayed: 1 }));
  });

  it("refuses a packet with any bit changed, then takes it unchanged", () => {
    const sa = saPair(suite);
    const sealed = sa.out.seal(packet(16))!;
    for (let bit = 32; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(sa.in.open(changed)).toBeUndefined();
    }
    const { forged, replayed, packets } = sa.in.use();
    expect([forged + replayed, packets]).toEqual([(sealed.length - 4) * 8, 0]);
    expect(sa.in.open(sealed)).toEqual(packet(16));
  });

  it("refuses a packet that is cut anywhere", () => {
    const sa = saPair(suite);
    const sealed = sa.out.seal(packet(16))!;
    for (let size = 0; size < sealed.length; size++) expect(sa.in.open(sealed.subarray(0, size))).toBeUndefined();
    const { truncated, forged } = sa.in.use();
    expect(truncated).toBeGreaterThan(0);
    expect(truncated + forged).toBe(sealed.length);
  });
});

describe("an ESP SA", () => {
  it("never sends the same twice: neither IV nor text of equal packets is equal", () => {
    for (const suite of SUITES.filter(({ encryption }) => encryption !== 11)) {
      const { out } = saPair(suite);
      const seen = new Set(Array.from({ length: 200 }, () => Buffer.from(out.seal(packet())!.subarray(8, 32)).toString("hex")));
      expect(seen.size).toBe(200);
    }
  });

  it("stops when its sequence numbers are used up, rather than begin again", () => {
    const { out } = saPair(GCM);
    out.setSequence(0xffff_fffen);
    expect(Buffer.from(out.seal(packet())!).readUInt32BE(4)).toBe(0xffff_ffff);
    expect(out.seal(packet())).toBeUndefined();
    expect(out.use()).toEqual(some({ packets: 1, exhausted: 1 }));
  });

  it.each([GCM, HMAC])("goes on past 32 bits with extended sequence numbers: $name", (suite) => {
    const sa = saPair(suite, { esn: true });
    for (const end of [sa.out, sa.in]) end.setSequence(0x1_ffff_fff0n);
    const sealed = Array.from({ length: 40 }, () => sa.out.seal(packet())!);
    // The first beyond the border, then the rest in disorder, across it and back.
    const order = [
      20,
      ...Array.from({ length: 40 }, (_, i) => i)
        .filter((i) => i !== 20)
        .sort((a, b) => (a % 7) - (b % 7)),
    ];
    for (const i of order) expect(sa.in.open(sealed[i]!)).toEqual(packet());
    for (const i of order) expect(sa.in.open(sealed[i]!)).toBeUndefined();
    expect(sa.in.use()).toEqual(some({ packets: 40, replayed: 40, forged: 0 }));
  });

  it("does not open with the upper half of another sequence number", () => {
    for (const suite of [GCM, HMAC]) {
      const sa = saPair(suite, { esn: true });
      sa.out.setSequence(0x1_0000_0000n);
      expect(sa.in.open(sa.out.seal(packet())!)).toBeUndefined();
      expect(sa.in.use()).toEqual(some({ forged: 1 }));
    }
  });

  it("accepts what a list of all numbers seen would, whatever the window", () => {
    const numbers = fc.array(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 5000 })), { maxLength: 200 });
    const windows = fc.constantFrom(1, 2, 31, 32, 63, 64, 65, 127, 128, 129, 1000, 4096);
    fc.assert(
      fc.property(windows, numbers, (replayWindow, sequence) => {
        const sa = saPair(HMAC, { replayWindow });
        const seen = new Set<number>();
        let top = 0;
        for (const number of sequence) {
          sa.out.setSequence(BigInt(number - 1));
          const isNew = !seen.has(number) && number > top - replayWindow;
          expect(sa.in.open(sa.out.seal(packet(8))!) !== undefined).toBe(isNew);
          if (isNew) seen.add(number);
          top = Math.max(top, isNew ? number : 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("takes everything, again and again, without a window", () => {
    const sa = saPair(GCM, { replayWindow: 0 });
    const sealed = sa.out.seal(packet())!;
    for (let i = 0; i < 3; i++) expect(sa.in.open(sealed)).toEqual(packet());
  });

  it("carries no more than its lifetime in octets or packets", () => {
    const out = createEspSa(saOptions(GCM, { hardBytes: packet().length * 3 }));
    for (let i = 0; i < 3; i++) expect(out.seal(packet())).toBeDefined();
    expect(out.seal(packet())).toBeUndefined();
    const sa = saPair(GCM, {});
    const inbound = createEspSa(saOptions(GCM, { inbound: true, hardPackets: 2 }));
    for (const accepted of [true, true, false]) expect(inbound.open(sa.out.seal(packet())!) !== undefined).toBe(accepted);
    expect(inbound.use()).toEqual(some({ packets: 2, exhausted: 1 }));
  });

  it("refuses what is genuine but no IP packet", () => {
    for (const octets of [[0x00], [0x45], [0x45, 0, 0xff, 0xff], [0x55, 0, 0, 20]]) {
      const sa = saPair(GCM);
      const inner = new Uint8Array(24);
      inner.set(octets);
      expect(sa.in.open(sa.out.seal(inner)!)).toBeUndefined();
      expect(sa.in.use()).toEqual(some({ malformed: 1 }));
    }
  });

  it("drops what follows the packet: padding that hides its size (RFC 4303 section 2.7)", () => {
    const sa = saPair(GCM);
    const padded = new Uint8Array(200);
    padded.set(packet(20));
    expect(sa.in.open(sa.out.seal(padded)!)).toEqual(packet(20));
  });

  it("refuses algorithms and keys that there are not", () => {
    const bad = [
      saOptions(GCM, { encryption: 99 }),
      saOptions(GCM, { encryptionKey: key(16, 0) }),
      saOptions(GCM, { integrity: 12, integrityKey: key(32, 0) }),
      saOptions(HMAC, { integrity: 0, integrityKey: key(0, 0) }),
      saOptions(HMAC, { integrityKey: key(31, 0) }),
    ];
    for (const options of bad) expect(() => createEspSa(options)).toThrow(RangeError);
    expect(() => createEspSa(saOptions(GCM, { replayWindow: 2 ** 21 }))).toThrow(
      "replayWindow must be an integer from 0 to 1048576",
    );
    expect(() => createEspSa(saOptions(GCM, { source: { address: key(5, 0), port: 1 } }))).toThrow("4 or 16 octets");
    expect(() => createEspSa(undefined as never)).toThrow(TypeError);
  });

  it("works in its direction alone", () => {
    const sa = saPair(GCM);
    expect(() => sa.out.open(packet())).toThrow("other direction");
    expect(() => sa.in.seal(packet())).toThrow("other direction");
  });
});
