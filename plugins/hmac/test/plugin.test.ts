import { HmacPrf, NativeHasher } from "@cygnet/native";
import type { HashName } from "@cygnet/native";
import { definePlugin, PLUGIN_API, provideHasher } from "@cygnet/plugin-api";
import type { Hasher, Plugin } from "@cygnet/plugin-api";
import { describeCryptoPlugin, registerAll } from "@cygnet/plugin-testkit/crypto";
import { HashAlgorithm, PseudoRandomFunction } from "@cygnet/wire";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import hmac, { GenericHmacPrf } from "../src/index.js";

const HASHES: readonly (readonly [HashAlgorithm, HashName, number])[] = [
  [HashAlgorithm.SHA1, "SHA1", 20],
  [HashAlgorithm.MD5, "MD5", 16],
  [HashAlgorithm.SHA256, "SHA256", 32],
  [HashAlgorithm.SHA384, "SHA384", 48],
  [HashAlgorithm.SHA512, "SHA512", 64],
];

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const hashes = (create: (name: HashName, hashBytes: number) => Hasher): Plugin =>
  definePlugin({
    name: "base",
    api: PLUGIN_API,
    features: () => HASHES.map(([id, name, size]) => provideHasher(id, () => create(name, size))),
  });
const native = hashes((name) => new NativeHasher(name));
/** Hashes from elsewhere, as a third party's plugin would have them. */
const foreign = hashes((name, hashBytes) => ({
  hashBytes,
  hash: (data, out) => {
    if (out.length !== hashBytes) throw new RangeError("out");
    out.set(createHash(name.toLowerCase()).update(data).digest());
  },
}));

const expected = {
  features: [
    "PRF:PRF_HMAC_SHA1",
    "PRF:PRF_HMAC_MD5",
    "PRF:PRF_HMAC_SHA2_256",
    "PRF:PRF_HMAC_SHA2_384",
    "PRF:PRF_HMAC_SHA2_512",
    "SIGNER:HMAC_SHA1_96",
    "SIGNER:HMAC_SHA1_128",
    "SIGNER:HMAC_SHA1_160",
    "SIGNER:HMAC_MD5_96",
    "SIGNER:HMAC_MD5_128",
    "SIGNER:HMAC_SHA2_256_128",
    "SIGNER:HMAC_SHA2_256_256",
    "SIGNER:HMAC_SHA2_384_192",
    "SIGNER:HMAC_SHA2_384_384",
    "SIGNER:HMAC_SHA2_512_256",
    "SIGNER:HMAC_SHA2_512_512",
  ],
  depends: {
    "PRF:PRF_HMAC_SHA1": ["HASHER:HASH_SHA1"],
    "PRF:PRF_HMAC_MD5": ["HASHER:HASH_MD5"],
    "PRF:PRF_HMAC_SHA2_256": ["HASHER:HASH_SHA2_256"],
    "PRF:PRF_HMAC_SHA2_384": ["HASHER:HASH_SHA2_384"],
    "PRF:PRF_HMAC_SHA2_512": ["HASHER:HASH_SHA2_512"],
    "SIGNER:HMAC_SHA1_96": ["HASHER:HASH_SHA1"],
    "SIGNER:HMAC_SHA1_128": ["HASHER:HASH_SHA1"],
    "SIGNER:HMAC_SHA1_160": ["HASHER:HASH_SHA1"],
    "SIGNER:HMAC_MD5_96": ["HASHER:HASH_MD5"],
    "SIGNER:HMAC_MD5_128": ["HASHER:HASH_MD5"],
    "SIGNER:HMAC_SHA2_256_128": ["HASHER:HASH_SHA2_256"],
    "SIGNER:HMAC_SHA2_256_256": ["HASHER:HASH_SHA2_256"],
    "SIGNER:HMAC_SHA2_384_192": ["HASHER:HASH_SHA2_384"],
    "SIGNER:HMAC_SHA2_384_384": ["HASHER:HASH_SHA2_384"],
    "SIGNER:HMAC_SHA2_512_256": ["HASHER:HASH_SHA2_512"],
    "SIGNER:HMAC_SHA2_512_512": ["HASHER:HASH_SHA2_512"],
  },
};

describe("over the addon's hashes", () => describeCryptoPlugin(hmac, { ...expected, base: [native] }));
describe("over any other plugin's hashes", () => describeCryptoPlugin(hmac, { ...expected, base: [foreign] }));

describe("plugin hmac", () => {
  it("uses saved midstates for the addon's hashes only", () => {
    const id = PseudoRandomFunction.PRF_HMAC_SHA1;
    expect(registerAll(hmac, {}, registerAll(native).registry).registry.prf(id)).toBeInstanceOf(HmacPrf);
    expect(registerAll(hmac, {}, registerAll(foreign).registry).registry.prf(id)).toBeInstanceOf(GenericHmacPrf);
  });

  it("fails with the missing hash's name", () => {
    expect(() => registerAll(hmac)).toThrow(/HASHER:HASH_SHA1/);
  });
});
