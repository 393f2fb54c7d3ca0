import type { MessageHead } from "@cygnet/wire";
import {
  beginFragment,
  beginProtected,
  FragmentReassembler,
  generateMessage,
  IkeHeader,
  openedPayload,
  parseHeader,
  parseMessage,
  parsePayloads,
  PayloadType,
  planFragments,
  ProtectedLayout,
  wireType,
  Writer,
} from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyPayload } from "./arbitraries.js";

const u32 = fc.nat(0xffffffff);
const head: fc.Arbitrary<MessageHead> = fc.record({
  spiInitiatorHi: u32,
  spiInitiatorLo: fc.integer({ min: 1, max: 0xffffffff }),
  spiResponderHi: u32,
  spiResponderLo: u32,
  exchangeType: fc.nat(255),
  flags: fc.nat(255),
  messageId: u32,
});
const payloads = fc.array(anyPayload, { maxLength: 20 });
const sizes = fc.record({
  ivBytes: fc.constantFrom(8, 16),
  icvBytes: fc.constantFrom(8, 12, 16, 32),
  blockBytes: fc.constantFrom(1, 8, 16),
});

const writer = new Writer(new Uint8Array(65_535));
const header = new IkeHeader();
const layout = new ProtectedLayout();

describe("any message", () => {
  it("in the clear parses to what it was generated from", () => {
    fc.assert(
      fc.property(head, payloads, (h, p) => {
        const length = generateMessage(writer.reset(), h, p);
        parseHeader(writer.bytes, length, header);
        const message = parseMessage(writer.bytes, length, header);
        expect(message.payloads).toEqual(p);
        expect(message.header).toMatchObject(h);
        expect(message.header.length).toBe(length);
      }),
      { seed: 1, numRuns: 1500 },
    );
  });

  it("under protection parses to what it was generated from", () => {
    fc.assert(
      fc.property(head, payloads, sizes, (h, p, s) => {
        const { length } = beginProtected(writer.reset(), h, p, s, layout);
        parseHeader(writer.bytes, length, header);
        const { encrypted } = parseMessage(writer.bytes, length, header);
        if (encrypted === undefined) throw new Error("not encrypted");
        const { start, end } = openedPayload(writer.bytes, encrypted.at, s.ivBytes, s.icvBytes, encrypted.end);
        expect(parsePayloads(encrypted.firstPayload, writer.bytes, start, end)).toEqual(p);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it("in fragments, in any order and with duplicates, parses to what it was generated from", () => {
    const order = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        head,
        fc.array(anyPayload, { minLength: 1, maxLength: 20 }),
        sizes,
        fc.integer({ min: 150, max: 1400 }),
        order,
        (h, p, s, max, o) => {
          beginProtected(writer.reset(), h, p, s, layout);
          const inner = writer.bytes.slice(layout.plainAt, layout.innerEnd);
          const { count, pieceBytes } = planFragments(inner.length, max, s);
          const fragments = Array.from({ length: count }, (_, i) => {
            const plaintext = inner.subarray(i * pieceBytes, (i + 1) * pieceBytes);
            const part = { firstPayload: wireType(p[0]), fragmentNumber: i + 1, totalFragments: count, plaintext };
            const { length } = beginFragment(writer.reset(), h, part, s, layout);
            expect(length).toBeLessThanOrEqual(max);
            return writer.bytes.slice(0, length);
          });
          const reassembler = new FragmentReassembler();
          let completed = 0;
          for (const n of [...o.map((x) => x % count), ...fragments.keys()]) {
            const bytes = fragments[n];
            parseHeader(bytes, bytes.length, header);
            const { encrypted } = parseMessage(bytes, bytes.length, header);
            if (encrypted?.type !== PayloadType.SKF) throw new Error("not a fragment");
            const { start, end } = openedPayload(bytes, encrypted.at, s.ivBytes, s.icvBytes, encrypted.end);
            if (reassembler.add(encrypted, bytes, start, end) === "complete") completed++;
          }
          const whole = reassembler.assemble();
          expect(completed).toBe(1);
          expect(parsePayloads(reassembler.firstPayload, whole, 0, whole.length)).toEqual(p);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });
});
