import { SystemError } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../src/netlink/message-reader.js";
import { MessageWriter } from "../src/netlink/message-writer.js";

const attribute = fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), value: fc.uint8Array({ maxLength: 40 }) });
const message = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 0, max: 0xffffffff }),
  struct: fc.uint8Array({ maxLength: 40 }),
  attributes: fc.array(attribute, { maxLength: 5 }),
});

describe("netlink messages", () => {
  it("are read as they were written, however many there are", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const slab = new Uint8Array(8192);
        const writer = new MessageWriter(slab);
        for (const { struct, attributes, ...header } of messages) {
          writer.begin(header, struct.length);
          writer.bytes(0, struct);
          for (const { type, value } of attributes) writer.bytesAttribute(type, value);
        }
        const reader = new MessageReader(slab);
        reader.reset(writer.length);
        for (const { type, flags, sequence, struct, attributes } of messages) {
          expect(reader.next()).toBe(true);
          expect([reader.type, reader.flags, reader.sequence]).toEqual([type, flags, sequence]);
          expect(reader.bytes(0, struct.length)).toEqual(struct);
          reader.attributes(struct.length);
          for (const { type: expected, value } of attributes) {
            expect(reader.nextAttribute()).toBe(expected);
            expect(reader.bytes(0, reader.length)).toEqual(value);
          }
          expect(reader.nextAttribute()).toBe(-1);
        }
        expect(reader.next()).toBe(false);
      }),
    );
  });

  it("end in a typed error where they are cut off or are none, and never beyond their end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(220), (octets, length) => {
        const reader = new MessageReader(octets);
        reader.reset(length);
        try {
          for (let left = 100; reader.next() && left > 0; left--) {
            reader.refusalText();
            reader.attributes(16);
            while (reader.nextAttribute() >= 0) reader.text();
            reader.u64(reader.length - 8);
            reader.be32(reader.length - 4);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(SystemError);
          expect(error).toMatchObject({ code: "CYG_NETLINK_MALFORMED", errno: "EBADMSG" });
        }
      }),
    );
  });

  it("hold numbers of all sizes, in the order of the machine and of the network", () => {
    const slab = new Uint8Array(64);
    const writer = new MessageWriter(slab);
    writer.begin({ type: 1, flags: 0, sequence: 0 }, 32);
    writer.u64(0, Infinity);
    writer.u64(8, 2 ** 40 + 1);
    writer.be32(16, 0xc0000001);
    writer.be16(20, 4500);
    writer.u16(22, 2);
    writer.u32(24, 0xfffffffe);
    const reader = new MessageReader(slab);
    reader.reset(writer.length);
    reader.next();
    expect(reader.u64(0)).toBe(2 ** 64);
    expect(reader.u64(8)).toBe(2 ** 40 + 1);
    expect([...reader.bytes(16, 6)]).toEqual([0xc0, 0, 0, 1, 0x11, 0x94]);
    expect([reader.be32(16), reader.be16(20), reader.u16(22), reader.u32(24), reader.i32(24)]).toEqual([
      0xc0000001, 4500, 2, 0xfffffffe, -2,
    ]);
  });

  it("are refused when there is no room, and wiped when they are forgotten", () => {
    const slab = new Uint8Array(40);
    const writer = new MessageWriter(slab);
    writer.begin({ type: 7, flags: 0, sequence: 1 }, 4);
    writer.bytesAttribute(1, Uint8Array.of(1, 2, 3, 4));
    expect(() => writer.attribute(2, 64)).toThrow(expect.objectContaining({ code: "CYG_NETLINK_TOO_LONG" }));
    writer.clear();
    expect(slab.every((octet) => octet === 0)).toBe(true);
    expect(writer.length).toBe(0);
  });
});
