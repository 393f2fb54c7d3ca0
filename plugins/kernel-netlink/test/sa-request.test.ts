import { Host } from "@cygnet/plugin-api";
import type { KernelSa, KernelSaId } from "@cygnet/plugin-api";
import { NO_LIMITS } from "@cygnet/plugin-testkit/kernel";
import { describe, expect, it } from "vitest";
import { MessageReader } from "../src/netlink/message-reader.js";
import { MessageWriter } from "../src/netlink/message-writer.js";
import { SA_INFO_BYTES, XfrmAttribute } from "../src/xfrm/constants.js";
import { putSa } from "../src/xfrm/sa-request.js";
import type { SaStyle } from "../src/xfrm/sa-request.js";
import { readSelector } from "../src/xfrm/selector.js";
import { range, sa } from "./fixtures.js";

const ID: KernelSaId = {
  source: Host.of("192.0.2.1", 4500),
  destination: Host.of("192.0.2.2", 4501),
  spi: 0xc0000001,
  protocol: 3,
};

/** The SA as the kernel would read it. */
function written(given: Partial<KernelSa> = {}, style: SaStyle = { protoPortTransport: false, tag: 0 }): MessageReader {
  const slab = new Uint8Array(8192);
  const writer = new MessageWriter(slab);
  writer.begin({ type: 16, flags: 0, sequence: 1 }, SA_INFO_BYTES);
  putSa(writer, ID, sa(given), style);
  const reader = new MessageReader(slab);
  reader.reset(writer.length);
  reader.next();
  return reader;
}

/** Name, bits of the key, and bits of the check value, of an algorithm. */
function algorithm(reader: MessageReader, attribute: XfrmAttribute): [string, number, number] | undefined {
  if (!reader.find(attribute, SA_INFO_BYTES)) return undefined;
  return [reader.text(), reader.u32(64), attribute === XfrmAttribute.ALG_CRYPT ? 0 : reader.u32(68)];
}

describe("an SA for the kernel", () => {
  it("has its identity, addresses, mode and reqid", () => {
    const reader = written({ reqid: 7 });
    expect(reader.bytes(56, 4)).toEqual(ID.destination.address);
    expect(reader.bytes(80, 4)).toEqual(ID.source.address);
    expect([reader.be32(72), reader.u8(76), reader.u32(208), reader.u16(212), reader.u8(214)]).toEqual([0xc0000001, 50, 7, 2, 1]);
  });

  it("has no limits where there are none, and those there are", () => {
    const free = written();
    expect([96, 104, 112, 120].map((at) => free.u64(at))).toEqual(Array.from({ length: 4 }, () => 2 ** 64));
    expect([128, 136].map((at) => free.u64(at))).toEqual([0, 0]);
    const limited = written({ lifetime: { ...NO_LIMITS, rekeySeconds: 60, lifeSeconds: 90, rekeyBytes: 1000, lifePackets: 5 } });
    expect([96, 104, 112, 120, 128, 136].map((at) => limited.u64(at))).toEqual([1000, 2 ** 64, 2 ** 64, 5, 60, 90]);
  });

  it.each([
    [12, 16, XfrmAttribute.ALG_CRYPT, ["cbc(aes)", 128, 0]],
    [3, 24, XfrmAttribute.ALG_CRYPT, ["cbc(des3_ede)", 192, 0]],
    [13, 20, XfrmAttribute.ALG_CRYPT, ["rfc3686(ctr(aes))", 160, 0]],
    [11, 0, XfrmAttribute.ALG_CRYPT, ["ecb(cipher_null)", 0, 0]],
    [23, 32, XfrmAttribute.ALG_CRYPT, ["cbc(camellia)", 256, 0]],
    [18, 20, XfrmAttribute.ALG_AEAD, ["rfc4106(gcm(aes))", 160, 64]],
    [20, 36, XfrmAttribute.ALG_AEAD, ["rfc4106(gcm(aes))", 288, 128]],
    [15, 19, XfrmAttribute.ALG_AEAD, ["rfc4309(ccm(aes))", 152, 96]],
    [21, 20, XfrmAttribute.ALG_AEAD, ["rfc4543(gcm(aes))", 160, 128]],
    [28, 36, XfrmAttribute.ALG_AEAD, ["rfc7539esp(chacha20,poly1305)", 288, 128]],
  ] as const)("has encryption algorithm %d with a key of %d octets", (encryption, keyBytes, attribute, expected) => {
    const reader = written({ encryption, encryptionKey: new Uint8Array(keyBytes).fill(5), integrity: 0 });
    expect(algorithm(reader, attribute)).toEqual(expected);
    expect(reader.bytes(reader.length - keyBytes, keyBytes)).toEqual(new Uint8Array(keyBytes).fill(5));
    expect(algorithm(written({ encryption, integrity: 0 }), XfrmAttribute.ALG_AUTH_TRUNC)).toBeUndefined();
  });

  it.each([
    [1, "hmac(md5)", 96],
    [2, "hmac(sha1)", 96],
    [7, "hmac(sha1)", 160],
    [1026, "hmac(sha256)", 96],
    [12, "hmac(sha256)", 128],
    [13, "hmac(sha384)", 192],
    [14, "hmac(sha512)", 256],
    [5, "xcbc(aes)", 96],
    [8, "cmac(aes)", 96],
  ] as const)("has integrity algorithm %d, truncated", (integrity, name, bits) => {
    const reader = written({ integrity, integrityKey: new Uint8Array(20) });
    expect(algorithm(reader, XfrmAttribute.ALG_AUTH_TRUNC)).toEqual([name, 160, bits]);
  });

  it("is refused with an algorithm that the kernel has no name for", () => {
    expect(() => written({ encryption: 24 })).toThrow(expect.objectContaining({ code: "CYG_KERNEL_ALGORITHM" }));
    expect(() => written({ integrity: 1030 })).toThrow(expect.objectContaining({ code: "CYG_KERNEL_ALGORITHM" }));
  });

  it("has a small window in the structure, a larger one and that of ESN in an attribute", () => {
    const small = written({ inbound: true, replayWindow: 32 });
    expect([small.u8(215), small.find(XfrmAttribute.REPLAY_ESN_VAL, SA_INFO_BYTES)]).toEqual([32, false]);
    const large = written({ inbound: true, replayWindow: 1000 });
    expect(large.u8(215)).toBe(0);
    expect(large.find(XfrmAttribute.REPLAY_ESN_VAL, SA_INFO_BYTES)).toBe(true);
    expect([large.u32(0), large.u32(20), large.length]).toEqual([32, 1000, 24 + 32 * 4]);
    const outbound = written({ esn: true, replayWindow: 32 });
    expect(outbound.u8(216) & 128).toBe(128);
    expect(outbound.find(XfrmAttribute.REPLAY_ESN_VAL, SA_INFO_BYTES)).toBe(true);
    expect([outbound.u32(0), outbound.u32(20)]).toEqual([1, 32]);
  });

  it("has no window outbound, nor where it is switched off", () => {
    expect(written({ replayWindow: 32 }).u8(215)).toBe(0);
    expect(written({ inbound: true, replayWindow: 0 }).u8(215)).toBe(0);
  });

  it("has the ports of both ends when it is in UDP", () => {
    const reader = written({ udpEncap: true });
    expect(reader.find(XfrmAttribute.ENCAP, SA_INFO_BYTES)).toBe(true);
    expect([reader.u16(0), reader.be16(2), reader.be16(4)]).toEqual([2, 4500, 4501]);
    expect(written().find(XfrmAttribute.ENCAP, SA_INFO_BYTES)).toBe(false);
  });

  it("has the outbound mark, and no inbound one", () => {
    const marks = { markIn: { value: 1, mask: 0xff }, markOut: { value: 2, mask: 0xffff } };
    const reader = written(marks);
    expect(reader.find(XfrmAttribute.MARK, SA_INFO_BYTES)).toBe(true);
    expect([reader.u32(0), reader.u32(4)]).toEqual([2, 0xffff]);
    expect(written({ ...marks, inbound: true }).find(XfrmAttribute.MARK, SA_INFO_BYTES)).toBe(false);
  });

  it("takes any traffic in tunnel mode, and that of its hosts in transport mode", () => {
    const tunnel = written();
    expect([tunnel.u16(40), tunnel.u8(216) & 32]).toEqual([0, 32]);
    const tcp = { protocol: 6, startPort: 80, endPort: 80 };
    const hosts: Partial<KernelSa> = {
      mode: "transport",
      localTs: [range("192.0.2.1", tcp)],
      remoteTs: [range("192.0.2.2", tcp)],
    };
    expect(readSelector(written(hosts), 0)).toMatchObject({
      protocol: 0,
      source: { prefix: 32, port: 0 },
      destination: { prefix: 32 },
    });
    const exact = readSelector(written(hosts, { protoPortTransport: true, tag: 0 }), 0);
    expect(exact).toMatchObject({ protocol: 6, source: { port: 80, portMask: 0xffff } });
    expect(written({ ...hosts, localTs: [range("192.0.2.1"), range("192.0.2.9")] }).u16(40)).toBe(0);
    expect(written({ ...hosts, inbound: true }).bytes(0, 4)).toEqual(Host.of("192.0.2.1").address);
  });

  it("has what is said of DSCP, ECN, DF, padding and interface", () => {
    const plain = written();
    expect(plain.u8(216)).toBe(32);
    const reader = written({ copyDscp: "no", copyEcn: false, copyDf: false, tfcPadding: 1400, interfaceId: 9 });
    expect(reader.u8(216)).toBe(32 | 1 | 4);
    for (const [attribute, value] of [
      [XfrmAttribute.SA_EXTRA_FLAGS, 1],
      [XfrmAttribute.TFCPAD, 1400],
      [XfrmAttribute.IF_ID, 9],
    ] as const) {
      expect(reader.find(attribute, SA_INFO_BYTES)).toBe(true);
      expect(reader.u32(0)).toBe(value);
    }
    expect(written({ inbound: true, copyDscp: "yes" }).u8(216)).toBe(32 | 2);
  });

  it("has the interface whose card encrypts", () => {
    const reader = written({ inbound: true }, { protoPortTransport: false, tag: 0, offloadInterface: 3 });
    expect(reader.find(XfrmAttribute.OFFLOAD_DEV, SA_INFO_BYTES)).toBe(true);
    expect([reader.u32(0), reader.u8(4)]).toEqual([3, 2]);
  });
});
