import { KdfAlgorithm, PluginError, RngQuality, XofAlgorithm } from "@cygnet/plugin-api";
import type { Aead, Rng } from "@cygnet/plugin-api";
import { ProtocolId } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { AlgorithmRegistry, defaultProposals, testVectors } from "../src/index.js";
import type { RegistryOptions, TestVectors } from "../src/index.js";
import {
  nodeAesCbc,
  nodeAesGcm,
  nodeEcp256,
  nodeHasher,
  nodePrf,
  nodeSigner,
  unusedKeyExchange,
} from "./support/node-algorithms.js";
import { RecordingLogger } from "./support/recording-logger.js";

/** A few published answers, so that this test depends on nothing else. */
const VECTORS: TestVectors = {
  hasher: [{ id: 1, source: "FIPS 180 example", data: "616263", hash: "a9993e364706816aba3e25717850c26c9cd0d89d" }],
  prf: [
    {
      id: 2,
      source: "RFC 2202 section 3, test case 1",
      key: "0b".repeat(20),
      seed: "4869205468657265",
      output: "b617318655057264e28bc0b6fb378c8ef146be00",
    },
  ],
  signer: [
    {
      id: 2,
      source: "RFC 2202 section 3, test case 1",
      key: "0b".repeat(20),
      data: "4869205468657265",
      icv: "b617318655057264e28bc0b6",
    },
  ],
  crypter: [
    {
      id: 12,
      source: "RFC 3602 section 4, case 1",
      key: "06a9214036b8a15b512e03d534120006",
      iv: "3dafba429d9eb430b422da802c9fac41",
      plain: "53696e676c6520626c6f636b206d7367",
      cipher: "e353779c1079aeb82708942dbe77181a",
    },
  ],
  aead: [
    {
      id: 20,
      keyBytes: 16,
      source: "GCM specification, test case 2 with its IV as salt and IV",
      key: "00".repeat(20),
      iv: "00".repeat(8),
      aad: "",
      plain: "00".repeat(16),
      cipher: "0388dace60b6a392f328c2b971b2fe78",
      icv: "ab6e47d42cec13bdf53a67b21257bddf",
    },
  ],
  keyExchange: [
    {
      id: 19,
      source: "RFC 5903 section 8.1",
      private: "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      response:
        "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
      secret: "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
    },
  ],
  xof: [{ id: XofAlgorithm.XOF_SHAKE128, source: "test", seed: "01", output: "0102" }],
};

const registry = (options: Partial<RegistryOptions> = {}): AlgorithmRegistry =>
  new AlgorithmRegistry({ vectors: VECTORS, ...options });

function refusal(add: () => unknown): PluginError {
  try {
    add();
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

const rng = (quality: RngQuality): Rng => ({ quality, bytes: () => undefined });

describe("AlgorithmRegistry", () => {
  it("tests extendable output functions, and lists them and who derives keys", () => {
    const algorithms = registry();
    const counting = { expand: ([seed]: Uint8Array, out: Uint8Array) => out.forEach((_, i) => (out[i] = seed! + i)) };
    const silent = { expand: () => undefined };
    algorithms.addXof("openssl", XofAlgorithm.XOF_SHAKE128, counting);
    expect(refusal(() => algorithms.addXof("acme", XofAlgorithm.XOF_SHAKE128, silent)).message).toContain("wrong output");
    const undo = algorithms.addKdf("kdf", KdfAlgorithm.KDF_PRF);
    algorithms.addKdf("openssl", KdfAlgorithm.KDF_PRF);
    const rows = (): string[] => algorithms.list().map(({ kind, name, plugin }) => `${kind} ${name}[${plugin}]`);
    expect(rows()).toEqual(["xof XOF_SHAKE128[openssl]", "kdf KDF_PRF[kdf]"]);
    undo();
    expect(rows()).toEqual(["xof XOF_SHAKE128[openssl]", "kdf KDF_PRF[openssl]"]);
    expect(algorithms.xof(XofAlgorithm.XOF_SHAKE128)).toBe(counting);
    expect(algorithms.xof(XofAlgorithm.XOF_SHAKE256)).toBeUndefined();
  });

  it("uses the first provider, and the next one when that is gone", () => {
    const algorithms = registry();
    const [first, second, third] = [0, 1, 2].map(() => nodePrf("sha1", 20));
    const undoFirst = algorithms.addPrf("hmac", 2, first);
    const undoSecond = algorithms.addPrf("openssl", 2, second);
    algorithms.addPrf("acme", 2, third);
    expect(algorithms.prf(2)).toBe(first);
    undoSecond();
    undoFirst();
    expect(algorithms.prf(2)).toBe(third);
    undoFirst();
    expect(algorithms.prf(2)).toBe(third);
  });

  it("keeps key sizes apart", () => {
    const algorithms = registry();
    const aes128 = nodeAesCbc(16);
    algorithms.addCrypter("aes", 12, 16, aes128);
    expect(algorithms.crypter(12, 16)).toBe(aes128);
    expect(algorithms.crypter(12, 32)).toBeUndefined();
    expect(algorithms.aead(12, 16)).toBeUndefined();
  });

  it("gives a random source of at least the quality asked for", () => {
    const algorithms = registry();
    const [strong, real] = [rng(RngQuality.STRONG), rng(RngQuality.TRUE)];
    algorithms.addRng("random", strong);
    algorithms.addRng("random", real);
    expect(algorithms.rng(RngQuality.WEAK)).toBe(strong);
    expect(algorithms.rng(RngQuality.TRUE)).toBe(real);
    const nonceGen = { nonce: () => undefined };
    const undo = algorithms.addNonceGen("nonce", nonceGen);
    expect(algorithms.nonceGen()).toBe(nonceGen);
    undo();
    expect(algorithms.nonceGen()).toBeUndefined();
  });

  it("accepts algorithms that give the known answers", () => {
    const logger = new RecordingLogger(2);
    const algorithms = registry({ logger, requireVectors: true });
    algorithms.addHasher("sha1", 1, nodeHasher("sha1", 20));
    algorithms.addPrf("hmac", 2, nodePrf("sha1", 20));
    algorithms.addSigner("hmac", 2, nodeSigner("sha1", 20, 12));
    algorithms.addCrypter("aes", 12, 16, nodeAesCbc(16));
    algorithms.addAead("gcm", 20, 16, nodeAesGcm(16));
    algorithms.addKeyExchange("openssl", 19, nodeEcp256());
    expect(logger.lines).toEqual([
      "LIB2 enabled  HASH_SHA1[sha1]: passed 1 test vectors",
      "LIB2 enabled  PRF_HMAC_SHA1[hmac]: passed 1 test vectors",
      "LIB2 enabled  HMAC_SHA1_96[hmac]: passed 1 test vectors",
      "LIB2 enabled  AES_CBC-128[aes]: passed 1 test vectors",
      "LIB2 enabled  AES_GCM_16-128[gcm]: passed 1 test vectors",
      "LIB2 enabled  ECP_256[openssl]: passed 1 test vectors",
    ]);
  });

  it("names plugin, algorithm and source of the answer that an algorithm fails", () => {
    const logger = new RecordingLogger(1);
    const algorithms = registry({ logger });
    const error = refusal(() => algorithms.addPrf("broken", 2, nodePrf("sha256", 20)));
    expect(error).toMatchObject({ code: "CYG_CRYPTO_SELF_TEST", plugin: "broken" });
    expect(error.message).toContain("PRF_HMAC_SHA1");
    expect(error.message).toContain("RFC 2202 section 3, test case 1");
    expect(logger.lines[0]).toMatch(/^LIB1 disabled PRF_HMAC_SHA1\[broken\]: RFC 2202 .* test vector failed/);
    expect(algorithms.prf(2)).toBeUndefined();
    expect(algorithms.list()).toEqual([]);
  });

  it.each<[string, (algorithms: AlgorithmRegistry) => unknown]>([
    ["a hash of another algorithm", (a) => a.addHasher("x", 1, nodeHasher("sha256", 32))],
    ["a prf+ that differs", (a) => a.addPrf("x", 2, { ...nodePrf("sha1", 20), expand: (_, __, out) => void out.fill(1) })],
    ["a checksum of another size", (a) => a.addSigner("x", 2, nodeSigner("sha1", 20, 16))],
    ["a signer that verifies anything", (a) => a.addSigner("x", 2, { ...nodeSigner("sha1", 20, 12), verify: () => true })],
    ["a cipher that cannot decrypt", (a) => a.addCrypter("x", 12, 16, { ...nodeAesCbc(16), decrypt: () => undefined })],
    ["a cipher with another key size", (a) => a.addCrypter("x", 12, 16, nodeAesCbc(32))],
    ["an AEAD that opens forgeries", (a) => a.addAead("x", 20, 16, openAnything(nodeAesGcm(16)))],
    ["an AEAD without a salt", (a) => a.addAead("x", 20, 16, { ...nodeAesGcm(16), keyBytes: 16 })],
    ["a wrong shared secret", (a) => a.addKeyExchange("x", 19, { ...nodeEcp256(), derive: (_, __, s) => s.fill(1).length > 0 })],
    ["a key exchange that refuses", (a) => a.addKeyExchange("x", 19, { ...nodeEcp256(), derive: () => false })],
  ])("refuses %s", (_, add) => {
    expect(refusal(() => add(registry())).code).toBe("CYG_CRYPTO_SELF_TEST");
  });

  it("accepts an algorithm without a known answer unless answers are required", () => {
    expect(() => registry().addKeyExchange("gmp", 14, unusedKeyExchange())).not.toThrow();
    const error = refusal(() => registry({ requireVectors: true }).addKeyExchange("gmp", 14, unusedKeyExchange()));
    expect(error.message).toContain("no test vectors found");
  });

  it("lists one row per algorithm, in order of registration, with the plugin whose one is used", () => {
    const algorithms = registry();
    const undo = algorithms.addCrypter("aes", 12, 16, nodeAesCbc(16));
    algorithms.addCrypter("aes", 12, 32, nodeAesCbc(32));
    algorithms.addPrf("hmac", 2, nodePrf("sha1", 20));
    algorithms.addCrypter("openssl", 12, 16, nodeAesCbc(16));
    algorithms.addRng("random", rng(RngQuality.STRONG));
    algorithms.addNonceGen("nonce", { nonce: () => undefined });
    algorithms.addKeyExchange("gmp", 14, unusedKeyExchange());
    const names = () => algorithms.list().map(({ kind, name, plugin }) => `${kind} ${name}[${plugin}]`);
    expect(names()).toEqual([
      "encryption AES_CBC[aes]",
      "prf PRF_HMAC_SHA1[hmac]",
      "dh-group MODP_2048[gmp]",
      "random-gen RNG_STRONG[random]",
      "nonce-gen [nonce]",
    ]);
    undo();
    expect(algorithms.supported().crypters).toEqual([
      { id: 12, keyBytes: 32 },
      { id: 12, keyBytes: 16 },
    ]);
  });

  it("feeds the built-in proposals, and counts changes", () => {
    const algorithms = registry();
    const before = algorithms.generation;
    algorithms.addCrypter("aes", 12, 16, nodeAesCbc(16));
    algorithms.addSigner("hmac", 2, nodeSigner("sha1", 20, 12));
    algorithms.addPrf("hmac", 2, nodePrf("sha1", 20));
    algorithms.addKeyExchange("gmp", 14, unusedKeyExchange());
    expect(algorithms.generation).toBeGreaterThan(before);
    expect(defaultProposals(ProtocolId.IKE, algorithms.supported()).map(String)).toEqual([
      "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048",
    ]);
  });
});

describe("the built-in known answers", () => {
  const builtin = (): AlgorithmRegistry => registry({ vectors: testVectors, requireVectors: true });

  it("hold for algorithms of node:crypto", () => {
    const algorithms = builtin();
    const hashes = [
      { hash: "sha1", bytes: 20, hasher: 1, prf: 2, signer: 2, icv: 12 },
      { hash: "sha256", bytes: 32, hasher: 2, prf: 5, signer: 12, icv: 16 },
      { hash: "sha384", bytes: 48, hasher: 3, prf: 6, signer: 13, icv: 24 },
      { hash: "sha512", bytes: 64, hasher: 4, prf: 7, signer: 14, icv: 32 },
    ];
    for (const { hash, bytes, hasher, prf, signer, icv } of hashes) {
      algorithms.addHasher("node", hasher, nodeHasher(hash, bytes));
      algorithms.addPrf("node", prf, nodePrf(hash, bytes));
      algorithms.addSigner("node", signer, nodeSigner(hash, bytes, icv));
    }
    algorithms.addCrypter("node", 12, 16, nodeAesCbc(16));
    algorithms.addCrypter("node", 12, 32, nodeAesCbc(32));
    algorithms.addAead("node", 20, 16, nodeAesGcm(16));
    algorithms.addAead("node", 20, 32, nodeAesGcm(32));
    algorithms.addKeyExchange("node", 19, nodeEcp256());
    expect(algorithms.list()).toHaveLength(15);
  });

  it("catch the next algorithm over in each kind", () => {
    const prf = nodePrf("sha384", 48);
    const signer = nodeSigner("sha384", 48, 24);
    expect(refusal(() => builtin().addPrf("node", 7, prf)).message).toContain("PRF_HMAC_SHA2_512");
    expect(refusal(() => builtin().addSigner("node", 14, signer)).message).toContain("HMAC_SHA2_512_256");
  });
});

function openAnything(aead: Aead): Aead {
  return { ...aead, open: (state, message, ivAt) => aead.open(state, message, ivAt) || true };
}
