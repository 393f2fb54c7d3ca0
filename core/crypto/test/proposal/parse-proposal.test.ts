import { readFileSync } from "node:fs";
import { ProtocolId, TransformType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { parseProposal, proposalAlgorithms, ProposalError, ProposalKeywords } from "../../src/index.js";
import { KEYWORDS } from "../../src/proposal/keyword-table.js";

interface Example {
  readonly protocol: "IKE" | "ESP" | "AH";
  readonly text: string;
  readonly result: string | null;
}
const examples = JSON.parse(readFileSync(new URL("../vectors/proposal-examples.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Example[];
};

function parsed(protocol: keyof typeof ProtocolId, text: string): string | null {
  try {
    return parseProposal(ProtocolId[protocol], text).toString();
  } catch (error) {
    if (error instanceof ProposalError) return null;
    throw error;
  }
}

function failure(protocol: ProtocolId, text: string): { code: string; message: string } {
  try {
    parseProposal(protocol, text);
  } catch (error) {
    if (error instanceof ProposalError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe("parseProposal", () => {
  it.each(examples.cases)("reads $protocol '$text' as strongSwan does", ({ protocol, text, result }) => {
    expect(parsed(protocol, text)).toBe(result);
  });

  // Observed with strongSwan 5.9.8's parser.
  it.each([
    ["AH", "aes128-sha1-modp1024", "AH:HMAC_SHA1_96/MODP_1024/NO_EXT_SEQ"],
    ["AH", "aes128", null],
    ["AH", "md5-aes256gmac-sha1-aes128gmac", "AH:HMAC_MD5_96/AES_256_GMAC/HMAC_SHA1_96/AES_128_GMAC/NO_EXT_SEQ"],
    ["AH", "sha256-aes128gmac", "AH:HMAC_SHA2_256_128/AES_128_GMAC/NO_EXT_SEQ"],
    ["AH", "null-sha1-none", "AH:HMAC_SHA1_96/KE_NONE/NO_EXT_SEQ"],
    ["IKE", "aes128gmac-sha256-modp2048", "IKE:NULL_AES_GMAC_128/PRF_HMAC_SHA2_256/MODP_2048"],
    ["IKE", "aes128-sha1-sha1_160-modp2048", "IKE:AES_CBC_128/HMAC_SHA1_96/HMAC_SHA1_160/PRF_HMAC_SHA1/PRF_HMAC_SHA1/MODP_2048"],
    ["IKE", "chacha20poly1305compat-prfsha1-modp2048", "IKE:CHACHA20_POLY1305_256/PRF_HMAC_SHA1/MODP_2048"],
    ["IKE", "camellia-camelliaxcbc-modp2048", "IKE:CAMELLIA_CBC_128/CAMELLIA_XCBC_96/PRF_CAMELLIA128_XCBC/MODP_2048"],
    ["ESP", "aes128-\tsha1-modp2048", null],
    ["ESP", "aes128-esn-esn", "ESP:AES_CBC_128/EXT_SEQ/EXT_SEQ"],
  ] as const)("reads %s '%s' as %s", (protocol, text, result) => {
    expect(parsed(protocol, text)).toBe(result);
  });

  it("keeps GMAC alone in AH, where 5.9.8 loses it", () => {
    expect(parsed("AH", "aes128gmac")).toBe("AH:AES_128_GMAC/NO_EXT_SEQ");
  });

  it.each([
    [ProtocolId.IKE, "aes128-foo", "CYG_PROPOSAL_KEYWORD", "algorithm 'foo' not recognized"],
    [ProtocolId.IKE, "aes128-sha1-ke8_modp2048", "CYG_PROPOSAL_KEYWORD", "algorithm 'ke8_modp2048' not recognized"],
    [ProtocolId.IKE, "aes128-ke1_sha1", "CYG_PROPOSAL_KEYWORD", "algorithm 'ke1_sha1' not recognized"],
    [ProtocolId.IKE, "aes128-sha1", "CYG_PROPOSAL_NO_KE", "a DH group is mandatory in IKE proposals"],
    [ProtocolId.IKE, "aes128-sha1-none", "CYG_PROPOSAL_NO_KE", "a DH group is mandatory in IKE proposals"],
    [ProtocolId.IKE, "aes128", "CYG_PROPOSAL_NO_PRF", "a PRF algorithm is mandatory in IKE proposals"],
    [ProtocolId.IKE, "sha1-modp1024", "CYG_PROPOSAL_NO_ENCR", "an encryption algorithm is mandatory in IKE proposals"],
    [ProtocolId.ESP, "sha1-modp1024", "CYG_PROPOSAL_NO_ENCR", "an encryption algorithm is mandatory in ESP proposals"],
    [ProtocolId.AH, "modp1024", "CYG_PROPOSAL_NO_INTEG", "an integrity algorithm is mandatory in AH proposals"],
    [
      ProtocolId.IKE,
      "aes128-prfsha256-modp2048",
      "CYG_PROPOSAL_NO_INTEG",
      "an integrity algorithm is mandatory in IKE proposals with classic (non-AEAD) encryption algorithms",
    ],
    [
      ProtocolId.ESP,
      "aes128-aes128gcm16-sha256",
      "CYG_PROPOSAL_MIXED_AEAD",
      "classic and combined-mode (AEAD) encryption algorithms can't be contained in the same ESP proposal",
    ],
  ])("refuses %i '%s' with %s", (protocol, text, code, message) => {
    expect(failure(protocol, text)).toEqual({ code, message });
  });

  it.each(["", " ", "-", " - "])("refuses '%s', which has no words", (text) => {
    expect(failure(ProtocolId.ESP, text).code).toBe("CYG_PROPOSAL_EMPTY");
  });

  it("gives the same object for the same string and for equal proposals", () => {
    const first = parseProposal(ProtocolId.IKE, "aes128-sha1-modp768");
    expect(parseProposal(ProtocolId.IKE, "aes128-sha1-modp768")).toBe(first);
    expect(parseProposal(ProtocolId.IKE, "modp768 - sha1 - aes")).toBe(first);
    expect(parseProposal(ProtocolId.ESP, "aes128-sha1-modp768").equals(first)).toBe(false);
  });

  it("prints the status form without the protocol", () => {
    const proposal = parseProposal(ProtocolId.IKE, "aes128-sha1-modp768");
    expect(proposalAlgorithms(proposal)).toBe("AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768");
  });

  it("names the preferred key exchange and knows the others", () => {
    const proposal = parseProposal(ProtocolId.ESP, "aes128-sha1-none-modp2048");
    expect(proposal.firstKe).toBeUndefined();
    expect(proposal.hasKe(14)).toBe(true);
    expect(proposal.hasKe(19)).toBe(false);
    expect(parseProposal(ProtocolId.IKE, "aes128-sha1-x25519-modp2048").firstKe).toBe(31);
  });
});

describe("ProposalKeywords", () => {
  it("has the table of facts, but for words that plugins bring", () => {
    const facts = readFileSync(new URL("../vectors/proposals.tsv", import.meta.url), "utf8")
      .trim()
      .split("\n")
      .slice(1);
    const rows = facts
      .map((line) => line.split("\t"))
      .filter(([, type, , , id]) => Number(type) <= 5 && id !== undefined && id !== "")
      .map(([word, type, , , id, bits]) => [word, Number(type), Number(id), Number(bits)]);
    expect(rows.length).toBeGreaterThan(130);
    expect([...KEYWORDS].sort()).toEqual(rows.sort());
  });

  it("takes a plugin's keyword, also as an additional key exchange, until the plugin goes", () => {
    const keywords = new ProposalKeywords();
    const undo = keywords.addKeyword("frodo", { type: TransformType.KEY_EXCHANGE_METHOD, id: 1200 });
    const proposal = parseProposal(ProtocolId.IKE, "aes128-sha256-frodo-ke2_frodo", keywords);
    expect(proposal.toString()).toBe("IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/(1200)/KE2_(1200)");
    undo();
    expect(() => parseProposal(ProtocolId.IKE, "aes128-sha256-frodo-ke2_frodo", keywords)).toThrow("'frodo' not recognized");
  });

  it("asks parsers for words that are in no table, in order", () => {
    const keywords = new ProposalKeywords();
    const parser = (word: string, id: number) => (asked: string) =>
      asked === word ? { type: TransformType.PSEUDO_RANDOM_FUNCTION, id } : undefined;
    keywords.addParser(parser("prfblake", 2000));
    keywords.addParser(parser("prfblake", 2001));
    keywords.addParser(parser("aes128", 2002));
    const proposal = parseProposal(ProtocolId.IKE, "aes128-sha1-prfblake-modp768", keywords);
    expect(proposal.transforms(TransformType.PSEUDO_RANDOM_FUNCTION)).toEqual([2000]);
    expect(proposal.transforms(TransformType.ENCRYPTION_ALGORITHM)).toEqual([128 * 65536 + 12]);
  });

  it("treats a third-party combined-mode cipher as one", () => {
    const keywords = new ProposalKeywords();
    keywords.addKeyword("aegis", { type: TransformType.ENCRYPTION_ALGORITHM, id: 3000, keyBits: 256, aead: true });
    expect(parseProposal(ProtocolId.IKE, "aegis-sha256-x25519", keywords).toString()).toBe(
      "IKE:(3000)_256/PRF_HMAC_SHA2_256/CURVE_25519",
    );
  });
});
