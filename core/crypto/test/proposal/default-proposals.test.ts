import { ProtocolId } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { defaultProposals } from "../../src/index.js";
import type { SupportedAlgorithm, SupportedAlgorithms } from "../../src/index.js";

const sized = (ids: readonly number[]): SupportedAlgorithm[] =>
  ids.flatMap((id) => [16, 24, 32].map((keyBytes) => ({ id, keyBytes })));
const plain = (ids: readonly number[]): SupportedAlgorithm[] => ids.map((id) => ({ id, keyBytes: 0 }));

/**
 * What strongSwan's plugins aes des md4 md5 sha1 sha2 hmac xcbc cmac ctr ccm gcm curve25519 gmp openssl register, in that order.
 */
const ALL: SupportedAlgorithms = {
  crypters: [
    ...sized([12, 1029]),
    { id: 3, keyBytes: 24 },
    { id: 2, keyBytes: 8 },
    ...sized([23, 13, 24, 1030]),
    ...plain([6, 7, 11]),
  ],
  signers: plain([2, 1025, 7, 1, 6, 12, 1027, 13, 1028, 14, 1029, 1030, 5, 8]),
  aeads: [...sized([14, 15, 16, 25, 26, 27, 18, 19, 20]), { id: 28, keyBytes: 32 }],
  prfs: plain([1027, 2, 1, 5, 6, 7, 4, 8, 1028, 1025]),
  keyExchanges: plain([31, 15, 16, 17, 18, 14, 23, 24, 5, 2, 22, 1, 19, 20, 21, 26, 25, 28, 29, 30, 27, 32]),
};
const KE =
  "CURVE_25519/ECP_256/ECP_384/ECP_521/ECP_256_BP/ECP_384_BP/ECP_512_BP/CURVE_448/MODP_3072/MODP_4096/MODP_6144/MODP_8192/MODP_2048";
const PRF = "PRF_HMAC_SHA2_256/PRF_HMAC_SHA2_384/PRF_HMAC_SHA2_512/PRF_AES128_XCBC/PRF_AES128_CMAC/PRF_HMAC_SHA1";
const text = (protocol: ProtocolId, supported: SupportedAlgorithms, aeadFirst?: boolean): string[] =>
  defaultProposals(protocol, supported, aeadFirst).map(String);

describe("defaultProposals", () => {
  it("are strongSwan's for IKE, classic first, DES and weak groups never", () => {
    expect(text(ProtocolId.IKE, ALL)).toEqual([
      "IKE:AES_CBC_128/AES_CBC_192/AES_CBC_256/CAMELLIA_CBC_128/CAMELLIA_CBC_192/CAMELLIA_CBC_256/" +
        "AES_CTR_128/AES_CTR_192/AES_CTR_256/CAMELLIA_CTR_128/CAMELLIA_CTR_192/CAMELLIA_CTR_256/3DES_CBC/" +
        `HMAC_SHA2_256_128/HMAC_SHA2_384_192/HMAC_SHA2_512_256/HMAC_SHA1_96/AES_XCBC_96/AES_CMAC_96/${PRF}/${KE}`,
      "IKE:AES_CCM_16_128/AES_CCM_16_192/AES_CCM_16_256/CAMELLIA_CCM_16_128/CAMELLIA_CCM_16_192/CAMELLIA_CCM_16_256/" +
        "AES_GCM_16_128/AES_GCM_16_192/AES_GCM_16_256/CHACHA20_POLY1305/AES_CCM_8_128/AES_CCM_8_192/AES_CCM_8_256/" +
        "AES_CCM_12_128/AES_CCM_12_192/AES_CCM_12_256/CAMELLIA_CCM_8_128/CAMELLIA_CCM_8_192/CAMELLIA_CCM_8_256/" +
        "CAMELLIA_CCM_12_128/CAMELLIA_CCM_12_192/CAMELLIA_CCM_12_256/AES_GCM_8_128/AES_GCM_8_192/AES_GCM_8_256/" +
        `AES_GCM_12_128/AES_GCM_12_192/AES_GCM_12_256/${PRF}/${KE}`,
    ]);
  });

  it("are strongSwan's for ESP, in stroke's and in vici's order", () => {
    const classic = `ESP:AES_CBC_128/AES_CBC_192/AES_CBC_256/HMAC_SHA2_256_128/HMAC_SHA2_384_192/HMAC_SHA2_512_256/HMAC_SHA1_96/AES_XCBC_96/${KE}/KE_NONE/NO_EXT_SEQ`;
    const aead = `ESP:AES_GCM_16_128/AES_GCM_16_192/AES_GCM_16_256/${KE}/KE_NONE/NO_EXT_SEQ`;
    expect(text(ProtocolId.ESP, ALL)).toEqual([classic, aead]);
    expect(text(ProtocolId.ESP, ALL, true)).toEqual([aead, classic]);
  });

  it("have no combined-mode proposal for AH", () => {
    expect(text(ProtocolId.AH, ALL)).toEqual([
      `AH:HMAC_SHA2_256_128/HMAC_SHA2_384_192/HMAC_SHA2_512_256/HMAC_SHA1_96/AES_XCBC_96/${KE}/KE_NONE/NO_EXT_SEQ`,
    ]);
  });

  it("name only what plugins provide, and leave out an IKE proposal that would lack a kind", () => {
    const few: SupportedAlgorithms = {
      crypters: [{ id: 12, keyBytes: 16 }],
      signers: plain([2]),
      aeads: sized([20]),
      prfs: plain([2]),
      keyExchanges: plain([14]),
    };
    expect(text(ProtocolId.IKE, { ...few, aeads: [] })).toEqual(["IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048"]);
    expect(text(ProtocolId.IKE, { ...few, signers: [] })).toEqual([
      "IKE:AES_GCM_16_128/AES_GCM_16_192/AES_GCM_16_256/PRF_HMAC_SHA1/MODP_2048",
    ]);
    expect(text(ProtocolId.IKE, { ...few, keyExchanges: [] })).toEqual([]);
  });

  it("do not depend on plugins for what the kernel does", () => {
    const none: SupportedAlgorithms = { crypters: [], signers: [], aeads: [], prfs: [], keyExchanges: [] };
    expect(text(ProtocolId.IKE, none)).toEqual([]);
    expect(text(ProtocolId.AH, none)).toEqual([
      "AH:HMAC_SHA2_256_128/HMAC_SHA2_384_192/HMAC_SHA2_512_256/HMAC_SHA1_96/AES_XCBC_96/NO_EXT_SEQ",
    ]);
  });
});
