import { describe, expect, it } from "vitest";
import {
  RngQuality,
  aead,
  crypter,
  custom,
  definePlugin,
  hasher,
  keyExchange,
  nonceGen,
  prf,
  rng,
  satisfies,
  signer,
} from "@cygnet/plugin-api";
import { EncryptionAlgorithm, HashAlgorithm, IntegrityAlgorithm, KeyExchangeMethod, PseudoRandomFunction } from "@cygnet/wire";

describe("features", () => {
  it.each([
    [crypter(EncryptionAlgorithm.ENCR_AES_CBC, 16), "CRYPTER:AES_CBC-16"],
    [crypter(EncryptionAlgorithm.ENCR_3DES, 24), "CRYPTER:3DES_CBC-24"],
    [aead(EncryptionAlgorithm.ENCR_AES_GCM_ICV16, 32), "AEAD:AES_GCM_16-32"],
    [signer(IntegrityAlgorithm.AUTH_HMAC_SHA1_96), "SIGNER:HMAC_SHA1_96"],
    [hasher(HashAlgorithm.SHA256), "HASHER:HASH_SHA2_256"],
    [prf(PseudoRandomFunction.PRF_HMAC_SHA1), "PRF:PRF_HMAC_SHA1"],
    [keyExchange(KeyExchangeMethod.MODP_2048_BIT), "KE:MODP_2048"],
    [rng(RngQuality.STRONG), "RNG:RNG_STRONG"],
    [nonceGen(), "NONCE_GEN"],
    [custom("kernel-ipsec"), "CUSTOM:kernel-ipsec"],
  ])("print in strongSwan's notation (%#)", (feature, text) => {
    expect(String(feature)).toBe(text);
  });

  it("are satisfied by what is equal, and RNGs by what is better", () => {
    expect(satisfies(rng(RngQuality.TRUE), rng(RngQuality.STRONG))).toBe(true);
    expect(satisfies(rng(RngQuality.WEAK), rng(RngQuality.STRONG))).toBe(false);
    expect(satisfies(crypter(12, 16), crypter(12, 16))).toBe(true);
    expect(satisfies(crypter(12, 16), crypter(12, 32))).toBe(false);
    expect(satisfies(custom("socket"), custom("kernel-net"))).toBe(false);
  });
});

describe("definePlugin", () => {
  it("refuses names that a configuration could not hold", () => {
    const features = () => [];
    expect(definePlugin({ name: "socket-default", api: 1, features }).name).toBe("socket-default");
    for (const name of ["", "a b", "a.b", "-x", "x{"]) {
      expect(() => definePlugin({ name, api: 1, features })).toThrow(
        expect.objectContaining({ code: "CYG_PLUGIN_DEFINITION", plugin: name }),
      );
    }
  });
});
