import { decodeBody, PayloadType, ProtocolId, saPayload, Writer } from "@cygnet/wire";
import type { SaPayload, Transform } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import {
  isSingleChoice,
  offersFromWire,
  parseProposal,
  promoteKe,
  proposalsHaveKe,
  proposalsToWire,
  withoutKe,
} from "../../src/index.js";
import { fromHex, hex } from "../support/hex.js";

/** SA body of the first message of test/vectors/ikev2-psk-aes128-sha1-modp1024.json. */
const SA_BODY = "0000002c010100040300000c0100000c800e0080030000080300000203000008020000020000000804000002";

const saWith = (transforms: readonly Transform[], protocol = ProtocolId.ESP): SaPayload => ({
  type: PayloadType.SA,
  proposals: [{ number: 3, protocol, spi: Uint8Array.of(1, 2, 3, 4), transforms }],
});

const aes: Transform = { type: 1, id: 12, keyBits: 128 };
const sha1: Transform = { type: 3, id: 2 };

describe("proposals on the wire", () => {
  it("come out of a captured SA payload as the configured object and go back to the same octets", () => {
    const payload = decodeBody(saPayload, fromHex(SA_BODY));
    const [offer] = offersFromWire(payload, ProtocolId.IKE);
    expect(offer.proposal).toBe(parseProposal(ProtocolId.IKE, "aes128-sha1-modp1024"));
    expect(offer).toMatchObject({ number: 1, spi: new Uint8Array(0) });
    const writer = new Writer(new Uint8Array(256));
    saPayload.encode(writer, { type: PayloadType.SA, proposals: proposalsToWire([offer.proposal], offer.spi) });
    expect(hex(writer.bytes.subarray(0, writer.offset))).toBe(SA_BODY);
  });

  it("keep number and SPI", () => {
    expect(offersFromWire(saWith([aes, sha1]), ProtocolId.ESP)).toMatchObject([{ number: 3, spi: Uint8Array.of(1, 2, 3, 4) }]);
  });

  it("are left out for another protocol or with an unknown transform type", () => {
    expect(offersFromWire(saWith([aes, sha1]), ProtocolId.AH)).toEqual([]);
    expect(offersFromWire(saWith([aes, sha1, { type: 13, id: 1 }]), ProtocolId.ESP)).toEqual([]);
    expect(offersFromWire(saWith([aes, sha1, { type: 0, id: 1 }]), ProtocolId.ESP)).toEqual([]);
  });

  it("lose transforms with unknown attributes, and fall when nothing of that type is left", () => {
    const odd: Transform = { type: 3, id: 12, attributes: [{ type: 99, value: 1 }] };
    expect(offersFromWire(saWith([aes, odd, sha1]), ProtocolId.ESP).map(({ proposal }) => String(proposal))).toEqual([
      "ESP:AES_CBC_128/HMAC_SHA1_96",
    ]);
    expect(offersFromWire(saWith([aes, odd]), ProtocolId.ESP)).toEqual([]);
  });

  it("are numbered from 1, with the key length only where there is one", () => {
    const proposals = ["3des-sha1-modp768", "aes256-sha1-modp768"].map((text) => parseProposal(ProtocolId.IKE, text));
    const wire = proposalsToWire(proposals, new Uint8Array(8));
    expect(wire.map(({ number }) => number)).toEqual([1, 2]);
    expect(wire[0].transforms[0]).toEqual({ type: 1, id: 3, keyBits: undefined });
    expect(wire[1].transforms[0]).toEqual({ type: 1, id: 12, keyBits: 256 });
  });

  it("stay shared when a peer floods us with different ones", () => {
    const before = parseProposal(ProtocolId.IKE, "aes128-sha1-modp768");
    for (let id = 0; id < 5000; id++) offersFromWire(saWith([aes, { type: 3, id }]), ProtocolId.ESP);
    const transforms = [aes, sha1, { type: 2, id: 2 }, { type: 4, id: 1 }];
    const [{ proposal }] = offersFromWire(saWith(transforms, ProtocolId.IKE), ProtocolId.IKE);
    expect(proposal.equals(before)).toBe(true);
    expect(offersFromWire(saWith(transforms, ProtocolId.IKE), ProtocolId.IKE)[0].proposal).toBe(proposal);
  });

  it("tell whether they are a choice", () => {
    expect(isSingleChoice(parseProposal(ProtocolId.IKE, "aes128-sha1-modp768"))).toBe(true);
    expect(isSingleChoice(parseProposal(ProtocolId.IKE, "aes128-sha1-modp768-modp1024"))).toBe(false);
  });
});

describe("key exchanges of proposals", () => {
  const parse = (text: string) => parseProposal(ProtocolId.ESP, text);

  it("are stripped for IKE_AUTH, additional ones too", () => {
    expect(withoutKe(parse("aes128-sha1-modp2048-none-ke1_mlkem768"))).toBe(parse("aes128-sha1"));
    expect(withoutKe(parse("aes128-sha1"))).toBe(parse("aes128-sha1"));
  });

  it("are put first for the retry that a peer asked for", () => {
    const proposals = ["aes256-sha1-ecp256", "aes128-sha1-modp2048-modp1024-modp768"].map(parse);
    expect(promoteKe(proposals, 2)).toEqual([parse("aes128-sha1-modp1024-modp2048-modp768"), proposals[0]]);
    expect(proposalsHaveKe(proposals, 1)).toBe(true);
    expect(proposalsHaveKe(proposals, 5)).toBe(false);
  });
});
