import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_PACKET,
  MessageWriter,
  PacketSplitter,
  Section,
  ViciError,
  encodeMessage,
  encodePacket,
  parseMessage,
  parsePacket,
} from "../src/index.js";
import type { MessageData } from "../src/index.js";

interface Vectors {
  readonly sessions: readonly {
    readonly command: string;
    readonly packets: readonly {
      readonly from: string;
      readonly hex: string;
      readonly decoded: { readonly packet_type: number; readonly name?: string; readonly message?: MessageData };
    }[];
  }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/vici-packets.json", import.meta.url), "utf8")) as Vectors;
const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const plain = (section: Section): unknown => JSON.parse(JSON.stringify(section));

describe("packets that strongSwan's swanctl and charon exchanged", () => {
  for (const { command, packets } of vectors.sessions) {
    it.each(packets.map((packet, i) => ({ i, ...packet })))(
      `are read and written: ${command}, $i from the $from`,
      ({ hex, decoded }) => {
        const [packet, ...more] = new PacketSplitter().push(octets(hex));
        expect(more).toEqual([]);
        const { type, name, message } = parsePacket(packet!);
        expect([type, name]).toEqual([decoded.packet_type, decoded.name ?? ""]);
        expect(plain(parseMessage(message))).toEqual(decoded.message ?? {});
        expect(encodePacket(type, name, encodeMessage(decoded.message ?? {})).toString("hex")).toBe(hex);
      },
    );
  }
});

const names = fc.string({ maxLength: 30 });
const data = fc.letrec<{ data: MessageData }>((tie) => ({
  data: fc.dictionary(
    names.filter((name) => !/^(\d+|__proto__)$/.test(name)),
    fc.oneof(fc.string(), fc.array(fc.string({ maxLength: 9 }), { maxLength: 4 }), tie("data")),
    { maxKeys: 5, noNullPrototype: true },
  ) as fc.Arbitrary<MessageData>,
})).data;

describe("messages", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(data, (each) => {
        const read = parseMessage(encodeMessage(each));
        expect(plain(read)).toEqual(each);
        expect(read.names).toEqual(Object.keys(each));
      }),
    );
  });

  it("are a message or an error with its place, whatever the octets", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const mutated = fc.tuple(data, fc.nat(), fc.nat(255)).map(([each, at, octet]) => {
      const message = encodeMessage(each);
      if (message.length > 0) message[at % message.length] = octet;
      return message.subarray(0, message.length - (at % 3));
    });
    fc.assert(
      fc.property(fc.oneof(bytes, mutated), (each) => {
        try {
          expect(parseMessage(each)).toBeInstanceOf(Section);
        } catch (error) {
          expect(error).toMatchObject({ code: "CYG_VICI_ENCODING" });
          expect((error as { offset: number }).offset).toBeLessThanOrEqual(each.length);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["02", 0, "not begun"],
    ["01 01 61", 3, "without an end"],
    ["05 0001 61", 0, "where it cannot be"],
    ["04 01 61 01", 3, "in a list"],
    ["04 01 61 05 0001 62", 7, "without an end"],
    ["03 05 61", 2, "5 octets where 1 are left"],
    ["03 01 61 0005 61", 5, "5 octets where 1 are left"],
    ["07", 0, "element type 7"],
    ["0100".repeat(65), 128, "more than 64 sections"],
  ])("refuse %s", (hex, offset, problem) => {
    expect(() => parseMessage(octets(hex))).toThrow(
      expect.objectContaining({ offset, message: expect.stringContaining(problem) }),
    );
  });

  it("are looked into by what is wanted", () => {
    const section = parseMessage(
      encodeMessage({
        n: 12,
        hex: "0x1F",
        minus: "-5",
        no: false,
        on: "enabled",
        der: octets("308200ff"),
        list: ["a", 1],
        in: { x: "y" },
      }),
    );
    expect([section.number("n"), section.number("hex"), section.number("minus"), section.number("on")]).toEqual([
      12,
      31,
      -5,
      undefined,
    ]);
    expect([section.flag("no"), section.flag("on"), section.flag("n"), section.flag("none")]).toEqual([
      false,
      true,
      undefined,
      undefined,
    ]);
    expect(section.octets("der")).toEqual(octets("308200ff"));
    expect([section.list("list"), section.list("n"), section.text("list")]).toEqual([["a", "1"], undefined, undefined]);
    expect([section.section("in")?.text("x"), section.section("n")]).toEqual(["y", undefined]);
    expect(Array.from(section.sections(), ([name]) => name)).toEqual(["in"]);
    expect([...section].length).toBe(section.size);
  });

  it("have names and values within the limits, and sections that are closed", () => {
    const writer = new MessageWriter();
    expect(() => writer.value("x".repeat(256), "")).toThrow(ViciError);
    expect(() => encodeMessage({ x: "x".repeat(65_536) })).toThrow("65536 octets");
    expect(parseMessage(encodeMessage({ ["x".repeat(255)]: "y".repeat(65_535) })).size).toBe(1);
    expect(() => new MessageWriter().endSection()).toThrow("no section");
    expect(() => new MessageWriter().beginSection("a").octets).toThrow("not closed");
  });
});

describe("packets", () => {
  it("are cut out of any chunks", () => {
    const packet = fc.tuple(fc.constantFrom(0, 3, 7), names, data);
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 5 }), fc.array(fc.nat(40), { minLength: 1 }), (packets, cuts) => {
        const stream = Buffer.concat(packets.map(([type, name, message]) => encodePacket(type, name, encodeMessage(message))));
        const splitter = new PacketSplitter();
        const read: Uint8Array[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + 1 + cuts[i % cuts.length]!;
          read.push(...splitter.push(stream.subarray(at, end)));
          at = end;
        }
        expect(read.map(parsePacket).map(({ type, name }) => [type, name])).toEqual(packets.map(([type, name]) => [type, name]));
        expect(splitter.pending).toBe(0);
      }),
    );
  });

  it("are refused where they are too long, empty or cut off", () => {
    expect(() => new PacketSplitter().push(octets("00080001"))).toThrow("vici message length 524289 exceeds 524288 bytes limit");
    expect(() => encodePacket(0, "x".repeat(256))).toThrow("256 octets");
    expect(() => encodePacket(1, "", new Uint8Array(MAX_PACKET))).toThrow("exceeds maximum size");
    for (const hex of ["", "09", "00", "0003ff"]) expect(() => parsePacket(octets(hex))).toThrow(ViciError);
  });
});
