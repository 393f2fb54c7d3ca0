import { ProtocolId } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProposal, ProposalBuilder, selectProposal, TRANSFORM_ORDER } from "../../src/index.js";
import type { Proposal, ProposalOffer, SelectOptions } from "../../src/index.js";
import { RecordingLogger } from "../support/recording-logger.js";

const CONFIGURED_FIRST: SelectOptions = { preferConfigured: true, allowPrivate: false };

const parse = (protocol: ProtocolId, texts: readonly string[]): Proposal[] => texts.map((text) => parseProposal(protocol, text));
const offers = (proposals: readonly Proposal[]): ProposalOffer[] =>
  proposals.map((proposal, i) => ({ proposal, number: i + 1, spi: Uint8Array.of(i) }));

function select(
  protocol: ProtocolId,
  configured: readonly string[],
  received: readonly string[],
  options: Partial<SelectOptions> = {},
): string | undefined {
  const merged = { ...CONFIGURED_FIRST, ...options };
  return selectProposal(parse(protocol, configured), offers(parse(protocol, received)), merged)?.proposal.toString();
}

const { IKE, ESP } = ProtocolId;

describe("selectProposal", () => {
  it("follows the preferred side's order of proposals and of transforms", () => {
    const ours = ["aes128-aes256-sha1-modp2048"];
    const theirs = ["aes256-aes128-sha1-modp2048"];
    expect(select(IKE, ours, theirs)).toBe("IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048");
    expect(select(IKE, ours, theirs, { preferConfigured: false })).toBe("IKE:AES_CBC_256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048");
    const two = ["aes128-sha1-modp2048", "aes256-sha256-modp2048"];
    expect(select(IKE, two, [two[1], two[0]])).toContain("AES_CBC_128");
    expect(select(IKE, two, [two[1], two[0]], { preferConfigured: false })).toContain("AES_CBC_256");
  });

  it("carries number and SPI of the peer's proposal", () => {
    const received = offers(parse(IKE, ["aes256-sha384-modp2048", "aes128-sha1-modp2048"]));
    const selection = selectProposal(parse(IKE, ["aes128-sha1-modp2048"]), received, CONFIGURED_FIRST);
    expect(selection).toMatchObject({ number: 2, spi: Uint8Array.of(1), offer: received[1] });
  });

  // Observed with strongSwan 5.9.8's selection.
  it.each([
    ["aes128-sha1-modp2048", "aes128-sha1", undefined],
    ["aes128-sha1", "aes128-sha1-modp2048", undefined],
    ["aes128-sha1-modp2048", "aes128-sha1-modp1024", undefined],
    ["aes128-sha1-modp2048-none", "aes128-sha1", "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"],
    ["aes128-sha1", "aes128-sha1-none-modp2048", "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"],
    ["aes128-sha1-none", "aes128-sha1-none", "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"],
    ["aes128-sha1-none-modp2048", "aes128-sha1-modp2048", "ESP:AES_CBC_128/HMAC_SHA1_96/MODP_2048/NO_EXT_SEQ"],
    ["aes128-sha1-none-modp2048", "aes128-sha1-none-modp2048", "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"],
    ["aes128-esn-noesn-sha1", "aes128-sha1", "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"],
    ["aes128-esn-sha1", "aes128-sha1", undefined],
    ["aes128", "aes128-sha1", undefined],
    ["aes128gcm16", "aes128gcm16", "ESP:AES_GCM_16_128/NO_EXT_SEQ"],
  ] as const)("agrees for ESP '%s' and '%s' on %s", (ours, theirs, result) => {
    expect(select(ESP, [ours], [theirs])).toBe(result);
  });

  it("leaves key exchanges out for the CHILD_SA of IKE_AUTH", () => {
    const child = "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ";
    for (const theirs of ["aes128-sha1", "aes128-sha1-modp1024", "aes128-sha1-ke1_mlkem768"]) {
      expect(select(ESP, ["aes128-sha1-modp2048"], [theirs], { ignoreKe: true })).toBe(child);
    }
  });

  it("holds a response to the method of our KE payload", () => {
    const ours = ["aes128-sha1-modp2048-modp1024"];
    expect(select(IKE, ours, ["aes128-sha1-modp1024"], { requiredKe: 2 })).toContain("MODP_1024");
    expect(select(IKE, ours, ["aes128-sha1-modp1024"], { requiredKe: 14 })).toBeUndefined();
    expect(select(ESP, ["aes128-sha1-none"], ["aes128-sha1"], { requiredKe: 14 })).toBeUndefined();
    expect(select(ESP, ["aes128-sha1-none"], ["aes128-sha1"], { requiredKe: 0 })).toBe("ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ");
  });

  it("refuses additional key exchanges that the peer insists on, and agrees without those it does not", () => {
    const one = ["aes128-sha256-x25519-ke1_mlkem768"];
    const optional = ["aes128-sha256-x25519-ke1_mlkem768-ke1_none"];
    const plain = "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519";
    expect(select(IKE, ["aes128-sha256-x25519"], one)).toBeUndefined();
    expect(select(IKE, one, one)).toBeUndefined();
    expect(select(IKE, ["aes128-sha256-x25519"], optional)).toBe(plain);
    expect(select(IKE, optional, optional)).toBe(plain);
    expect(select(IKE, one, one, { allowAdditionalKe: true })).toBe(`${plain}/KE1_ML_KEM_768`);
  });

  it("uses private algorithms only with the same implementation", () => {
    const both = ["aes128-sha256-modpnull-modp2048"];
    expect(select(IKE, both, both)).toContain("MODP_2048");
    expect(select(IKE, both, both, { allowPrivate: true })).toContain("MODP_NULL");
    expect(select(IKE, ["aes128-sha256-modpnull"], ["aes128-sha256-modpnull"])).toBeUndefined();
  });

  it("does not mix protocols", () => {
    const received = offers(parse(ProtocolId.AH, ["sha1"]));
    expect(selectProposal(parse(ESP, ["null-sha1"]), received, CONFIGURED_FIRST)).toBeUndefined();
  });

  it("logs strongSwan's lines", () => {
    const logger = new RecordingLogger(2);
    select(ESP, ["aes128-sha1-modp2048"], ["aes128-sha1"], { logger });
    expect(logger.lines).toEqual([
      "CFG2 selecting proposal:",
      "CFG2   no acceptable KEY_EXCHANGE_METHOD found",
      "CFG1 received proposals: ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ",
      "CFG1 configured proposals: ESP:AES_CBC_128/HMAC_SHA1_96/MODP_2048/NO_EXT_SEQ",
    ]);
    const quiet = new RecordingLogger(1);
    select(IKE, ["aes128-sha1-modp768"], ["aes128-sha1-modp768"], { logger: quiet });
    expect(quiet.lines).toEqual(["CFG1 selected proposal: IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768"]);
  });
});

describe("selectProposal, for any proposals", () => {
  const builder = new ProposalBuilder();
  const list = (ids: readonly number[]): fc.Arbitrary<number[]> => fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 });
  const anyProposal = fc
    .tuple(list([12, 20, 3]), list([0, 2, 12]), list([2, 5, 1025]), list([0, 14, 31, 1024]), list([0, 1]), list([0, 36]))
    .map((lists) => {
      builder.reset(ProtocolId.ESP);
      lists.forEach((ids, i) => ids.forEach((id) => builder.add(TRANSFORM_ORDER[i], id)));
      return builder.build();
    });
  const anyList = fc.array(anyProposal, { maxLength: 4 });
  const anyOptions: fc.Arbitrary<SelectOptions> = fc.record({
    preferConfigured: fc.boolean(),
    allowPrivate: fc.boolean(),
    ignoreKe: fc.boolean(),
    allowAdditionalKe: fc.boolean(),
  });

  it("chooses only what both sides have, one per type", () => {
    fc.assert(
      fc.property(anyList, anyList, anyOptions, (ours, theirs, options) => {
        const selection = selectProposal(ours, offers(theirs), options);
        if (selection === undefined) return;
        const offered = theirs[selection.number - 1];
        expect(
          ours.some((own) =>
            TRANSFORM_ORDER.every((type) => {
              const chosen = selection.proposal.transforms(type);
              if (chosen.length > 1) return false;
              return chosen.every((id) => own.transforms(type).includes(id) && offered.transforms(type).includes(id));
            }),
          ),
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("agrees with the other side's view when the preference is mirrored", () => {
    fc.assert(
      fc.property(anyList, anyList, anyOptions, (ours, theirs, options) => {
        const here = selectProposal(ours, offers(theirs), options);
        const there = selectProposal(theirs, offers(ours), { ...options, preferConfigured: !options.preferConfigured });
        expect(there?.proposal).toBe(here?.proposal);
      }),
      { numRuns: 500 },
    );
  });

  it("finds a match with one preference whenever it does with the other, and always the same one", () => {
    fc.assert(
      fc.property(anyList, anyList, anyOptions, (ours, theirs, options) => {
        const received = offers(theirs);
        const once = selectProposal(ours, received, options);
        expect(selectProposal(ours, received, options)).toEqual(once);
        const other = selectProposal(ours, received, { ...options, preferConfigured: !options.preferConfigured });
        expect(other === undefined).toBe(once === undefined);
      }),
      { numRuns: 500 },
    );
  });
});
