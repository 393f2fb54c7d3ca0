import { ProtocolId } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import {
  childKeyLengths,
  cipherKeyBytes,
  encryptionKeyBytes,
  integrityKeyBytes,
  parseProposal,
  prfKeyBytes,
} from "../../src/index.js";

const lengths = (text: string, protocol = ProtocolId.ESP) => childKeyLengths(parseProposal(protocol, text));

describe("key lengths", () => {
  it.each([
    ["aes128-sha1", 16, 20],
    ["aes256-sha256", 32, 32],
    ["aes192-sha384", 24, 48],
    ["aes256gcm16", 36, 0],
    ["aes128gcm8", 20, 0],
    ["aes256ccm12", 35, 0],
    ["aes128gmac", 20, 0],
    ["aes128ctr-sha512", 20, 64],
    ["camellia256ctr-aesxcbc", 36, 16],
    ["chacha20poly1305", 36, 0],
    ["chacha20poly1305compat", 36, 0],
    ["3des-md5", 24, 16],
    ["des-md5", 8, 16],
    ["null-aescmac", 0, 16],
    ["aes128", 16, 0],
  ])("of ESP %s are %i and %i octets", (text, encryptionBytes, integrityBytes) => {
    expect(lengths(text)).toEqual({ encryptionBytes, integrityBytes });
  });

  it("of AH with GMAC include the salt", () => {
    expect(lengths("aes256gmac", ProtocolId.AH)).toEqual({ encryptionBytes: 0, integrityBytes: 36 });
  });

  it("tell key and salt apart", () => {
    expect(cipherKeyBytes(20, 256)).toBe(32);
    expect(encryptionKeyBytes(20, 256)).toBe(36);
    expect(cipherKeyBytes(28, 0)).toBe(32);
  });

  it("are unknown without a key length where one is needed, and for unknown algorithms", () => {
    expect(encryptionKeyBytes(12, 0)).toBeUndefined();
    expect(encryptionKeyBytes(12, 129)).toBeUndefined();
    expect(integrityKeyBytes(4711)).toBeUndefined();
    expect(prfKeyBytes(4711)).toBeUndefined();
    expect(prfKeyBytes(7)).toBe(64);
  });
});
