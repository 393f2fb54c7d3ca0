import { Host } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SystemError } from "@cygnet/plugin-api";
import { MessageReader } from "../src/netlink/message-reader.js";
import { MessageWriter } from "../src/netlink/message-writer.js";
import { ACQUIRE_BYTES, EXPIRE_BYTES, MAPPING_BYTES, XfrmAttribute, XfrmMessage } from "../src/xfrm/constants.js";
import { putSelector, selectorOf } from "../src/xfrm/selector.js";
import { passXfrmEvent } from "../src/xfrm/xfrm-events.js";
import type { XfrmListener } from "../src/xfrm/xfrm-events.js";
import { range } from "./fixtures.js";

function recorder(): XfrmListener & { readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  return {
    calls,
    acquire: (...call) => void calls.push(["acquire", ...call]),
    expire: (protocol, spi, destination, hard) => void calls.push(["expire", protocol, spi, destination.toString(), hard]),
    mapping: (protocol, spi, destination, remote) =>
      void calls.push(["mapping", protocol, spi, destination.toString(), remote.toStringWithPort()]),
    migrated: (reqid, local, remote) => void calls.push(["migrated", reqid, local.toString(), remote.toString()]),
    roam: () => undefined,
  };
}

/** What comes of a message of the kernel. */
function pass(type: XfrmMessage, structBytes: number, fill: (writer: MessageWriter) => void): unknown[][] {
  const slab = new Uint8Array(1024);
  const writer = new MessageWriter(slab);
  writer.begin({ type, flags: 0, sequence: 0 }, structBytes);
  fill(writer);
  const reader = new MessageReader(slab);
  reader.reset(writer.length);
  reader.next();
  const events = recorder();
  passXfrmEvent(reader, events);
  return events.calls;
}

const DESTINATION = Host.of("192.0.2.2");

describe("events of XFRM", () => {
  it.each([
    [0, false],
    [1, true],
  ])("tell which limit an SA has reached: %d", (hard, isHard) => {
    const calls = pass(XfrmMessage.EXPIRE, EXPIRE_BYTES, (writer) => {
      writer.bytes(56, DESTINATION.address);
      writer.be32(72, 0xc0000001);
      writer.u8(76, 50);
      writer.u16(212, 2);
      writer.u8(224, hard);
    });
    expect(calls).toEqual([["expire", 3, 0xc0000001, "192.0.2.2", isHard]]);
  });

  it("tell what met a trap, and which one", () => {
    const [source, destination] = [
      range("10.1.0.5", { protocol: 17, startPort: 53, endPort: 53 }),
      range("10.2.0.9", { protocol: 17 }),
    ];
    const calls = pass(XfrmMessage.ACQUIRE, ACQUIRE_BYTES, (writer) => {
      putSelector(writer, 40, selectorOf(source, destination));
      writer.attribute(XfrmAttribute.TMPL, 64);
      writer.u32(44, 42);
      writer.end();
    });
    expect(calls).toEqual([["acquire", 42, source, destination]]);
  });

  it("tell where SAs and their IKE_SA were moved to, if it says so", () => {
    const migration = (family: number | undefined) => (writer: MessageWriter) => {
      writer.u8(60, 1);
      if (family !== undefined) {
        writer.attribute(XfrmAttribute.KMADDRESS, 40);
        writer.bytes(0, Uint8Array.of(198, 51, 100, 7));
        writer.bytes(16, Uint8Array.of(198, 51, 100, 8));
        writer.u16(36, family);
        writer.end();
      }
      writer.attribute(XfrmAttribute.MIGRATE, 76);
      writer.u32(68, 42);
      writer.end();
    };
    expect(pass(XfrmMessage.MIGRATE, 64, migration(2))).toEqual([["migrated", 42, "198.51.100.7", "198.51.100.8"]]);
    expect(pass(XfrmMessage.MIGRATE, 64, migration(undefined))).toEqual([]);
    expect(pass(XfrmMessage.MIGRATE, 64, migration(29))).toEqual([]);
  });

  it("tell where packets of an SA come from now", () => {
    const calls = pass(XfrmMessage.MAPPING, MAPPING_BYTES, (writer) => {
      writer.bytes(0, DESTINATION.address);
      writer.be32(16, 0xc0000002);
      writer.u16(20, 2);
      writer.u8(22, 50);
      writer.bytes(44, Uint8Array.of(198, 51, 100, 7));
      writer.be16(62, 1027);
    });
    expect(calls).toEqual([["mapping", 3, 0xc0000002, "192.0.2.2", "198.51.100.7[1027]"]]);
  });

  it("are ignored when they are about something else", () => {
    const ipcomp = pass(XfrmMessage.EXPIRE, EXPIRE_BYTES, (writer) => {
      writer.u8(76, 108);
      writer.u16(212, 2);
    });
    expect(ipcomp).toEqual([]);
    expect(pass(XfrmMessage.ACQUIRE, ACQUIRE_BYTES, () => undefined)).toEqual([]);
    expect(pass(XfrmMessage.NEWSA, 8, () => undefined)).toEqual([]);
  });

  it("end in a typed error where they are cut off", () => {
    const types = fc.constantFrom(XfrmMessage.ACQUIRE, XfrmMessage.EXPIRE, XfrmMessage.MAPPING);
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 320 }), (type, octets) => {
        try {
          pass(type, octets.length, (writer) => writer.bytes(0, octets));
        } catch (error) {
          expect(error).toBeInstanceOf(SystemError);
        }
      }),
    );
  });
});
