import type { IkeKeys } from "@cygnet/plugin-api";
import { RngQuality } from "@cygnet/plugin-api";
import { ProtocolId } from "@cygnet/wire";
import { beforeEach, describe, expect, it } from "vitest";
import { childKeyLengths, CryptoError, IkeAuth, IkeKeymat, IkeSuites, parseProposal, ProposalBuilder } from "../src/index.js";
import type { IkeKeyInput, IkeSuite } from "../src/index.js";
import { bodyOf, capturedExchange, cutPayloads, ikeMessage } from "./support/captured-exchange.js";
import type { CapturedIkeKeys } from "./support/captured-exchange.js";
import { fromHex, hex } from "./support/hex.js";
import { nodeAesGcm, nodePrf } from "./support/node-algorithms.js";
import { testRegistry, testRng } from "./support/test-registry.js";

/** The SK payload is the first one in every captured message: header, generic payload header, IV. */
const IV_AT = 32;
const NONCE_BYTES = 32;
const SA = 33;
const ID_I = 35;
const ID_R = 36;
const NONCE = 40;

function keyInput(keys: CapturedIkeKeys, spiInitiator: string, spiResponder: string): IkeKeyInput {
  const nonces = fromHex(keys.nonces_ni_nr);
  const half = (spi: string, at: number): number => parseInt(spi.slice(at, at + 8), 16);
  return {
    nonceInitiator: nonces.subarray(0, NONCE_BYTES),
    nonceResponder: nonces.subarray(NONCE_BYTES),
    sharedSecret: fromHex(keys.shared_secret),
    spiInitiatorHi: half(spiInitiator, 0),
    spiInitiatorLo: half(spiInitiator, 8),
    spiResponderHi: half(spiResponder, 0),
    spiResponderLo: half(spiResponder, 8),
  };
}

const rawHex = (keys: IkeKeys): Record<string, string> => ({
  sk_d: hex(keys.skD),
  sk_ai: hex(keys.skAi),
  sk_ar: hex(keys.skAr),
  sk_ei: hex(keys.skEi),
  sk_er: hex(keys.skEr),
  sk_pi: hex(keys.skPi),
  sk_pr: hex(keys.skPr),
});

const expectedHex = (keys: CapturedIkeKeys): Record<string, string> => ({
  sk_d: keys.sk_d,
  sk_ai: keys.sk_ai ?? "",
  sk_ar: keys.sk_ar ?? "",
  sk_ei: keys.sk_ei,
  sk_er: keys.sk_er,
  sk_pi: keys.sk_pi,
  sk_pr: keys.sk_pr,
});

describe.each(["ikev2-psk-aes128-sha1-modp1024", "ikev2-psk-aes256gcm16-prfsha256-ecp256"])("%s", (name) => {
  const capture = capturedExchange(name);
  const ike = capture.packets.filter(({ kind }) => kind === "ike");
  const auth = ike.filter(({ exchange }) => exchange === "IKE_AUTH");
  const { ispi, rspi } = ike[1].header;
  const keymat = new IkeKeymat(testRng);
  const ikeAuth = new IkeAuth();
  const suite = new IkeSuites(testRegistry()).get(parseProposal(ProtocolId.IKE, capture.ike_proposal));
  const input = keyInput(capture.ike_key_sets[0], ispi, rspi);
  let keys: Uint8Array;

  beforeEach(() => {
    keys = keymat.derive(suite, input);
  });

  it("re-derives every SK_ key", () => {
    let seen: Record<string, string> = {};
    keymat.derive(suite, input, { onKeys: (raw) => (seen = rawHex(raw)) });
    expect(seen).toEqual(expectedHex(capture.ike_key_sets[0]));
  });

  it("re-derives SKEYSEED", () => {
    const seeds: string[] = [];
    const watched = {
      ...suite.prf,
      setKey: (key: Uint8Array, state: Uint8Array) => (seeds.push(hex(key)), suite.prf.setKey(key, state)),
    };
    const registry = testRegistry();
    const watchedSuite = new IkeSuites({
      prf: () => watched,
      aead: (id, keyBytes) => registry.aead(id, keyBytes),
      crypter: (id, keyBytes) => registry.crypter(id, keyBytes),
      signer: (id) => registry.signer(id),
      keyExchange: (id) => registry.keyExchange(id),
    }).get(suite.proposal);
    keymat.derive(watchedSuite, input);
    expect(seeds.slice(0, 2)).toEqual([capture.nonce_i + capture.nonce_r, capture.ike_key_sets[0].skeyseed]);
  });

  it("opens every SK payload to the captured payloads", () => {
    const isOurs = ike.filter(({ header, sk }) => sk !== undefined && header.ispi === ispi);
    expect(isOurs.length).toBeGreaterThanOrEqual(6);
    for (const packet of isOurs) {
      const message = ikeMessage(packet);
      expect(hex(message.subarray(IV_AT, IV_AT + suite.ivBytes))).toBe(packet.sk?.iv);
      expect(keymat.open(suite, keys, packet.dir === "I->R", message, IV_AT)).toBe(true);
      const plain = message.subarray(IV_AT + suite.ivBytes, message.length - suite.icvBytes);
      expect(hex(plain)).toBe(packet.sk?.plaintext_with_padding);
      const inner = packet.sk?.inner_payloads.map(({ type, body }) => ({ type, body }));
      expect(cutPayloads(message[28], plain)).toEqual(inner);
    }
  });

  it("refuses them in the wrong direction, damaged or cut, and leaves them untouched", () => {
    const message = ikeMessage(auth[0]);
    const attempt = (bytes: Uint8Array, byInitiator: boolean): boolean => {
      const copy = bytes.slice();
      const isOpen = keymat.open(suite, keys, byInitiator, copy, IV_AT);
      expect(hex(copy)).toBe(hex(bytes));
      return isOpen;
    };
    expect(attempt(message, false)).toBe(false);
    const damaged = message.slice();
    damaged[17] ^= 0x80;
    expect(attempt(damaged, true)).toBe(false);
    for (let length = IV_AT; length < message.length; length++) expect(attempt(message.subarray(0, length), true)).toBe(false);
  });

  it("seals what the other side opens", () => {
    const theirs = keymat.derive(suite, input);
    for (const byInitiator of [true, false]) {
      const message = new Uint8Array(IV_AT + suite.ivBytes + 64 + suite.icvBytes).fill(5);
      keymat.seal(suite, keys, byInitiator, message, IV_AT);
      expect(hex(message.subarray(IV_AT + suite.ivBytes, IV_AT + suite.ivBytes + 64))).not.toBe("05".repeat(64));
      expect(keymat.open(suite, theirs, byInitiator, message, IV_AT)).toBe(true);
      expect(hex(message.subarray(IV_AT + suite.ivBytes, IV_AT + suite.ivBytes + 64))).toBe("05".repeat(64));
    }
  });

  it("never uses an IV twice, also when the counter wraps or the block is moved", () => {
    const seen = new Set<string>();
    const sealOne = (): string => {
      const message = new Uint8Array(IV_AT + suite.ivBytes + 16 + suite.icvBytes);
      keymat.seal(suite, keys, true, message, IV_AT);
      return hex(message.subarray(IV_AT, IV_AT + suite.ivBytes));
    };
    if (suite.aead.ivKind === "counter") keys.fill(0xff, 0, 8);
    for (let i = 0; i < 300; i++) {
      seen.add(sealOne());
      keys = keys.slice();
    }
    expect(seen.size).toBe(300);
  });

  it("recomputes what both sides signed and their AUTH values", () => {
    const psk = fromHex(capture.psk_hex);
    const sides = [
      { byInitiator: true, octets: capture.psk_auth.octets_i, value: capture.psk_auth.auth_i, init: ike[0], id: ID_I },
      { byInitiator: false, octets: capture.psk_auth.octets_r, value: capture.psk_auth.auth_r, init: ike[1], id: ID_R },
    ];
    sides.forEach(({ byInitiator, octets, value, init, id }, i) => {
      const authInput = {
        byInitiator,
        initMessage: ikeMessage(init),
        nonceOther: bodyOf(ike[1 - i].payloads, NONCE),
        idBody: bodyOf(auth[i].sk?.inner_payloads ?? [], id),
      };
      expect(hex(ikeAuth.octets(suite, keys, authInput))).toBe(octets);
      const out = new Uint8Array(suite.prf.outputBytes);
      ikeAuth.psk(suite, keys, authInput, psk, out);
      expect(hex(out)).toBe(value);
      expect(ikeAuth.verifyPsk(suite, keys, authInput, psk, fromHex(value))).toBe(true);
      expect(ikeAuth.verifyPsk(suite, keys, authInput, psk.subarray(1), fromHex(value))).toBe(false);
      expect(ikeAuth.verifyPsk(suite, keys, authInput, psk, fromHex(value).subarray(1))).toBe(false);
    });
  });

  it("re-derives the keys of every CHILD_SA", () => {
    const lengths = childKeyLengths(parseProposal(ProtocolId.ESP, capture.esp_proposal));
    if (lengths === undefined) throw new Error("unknown key lengths");
    for (const child of capture.child_key_sets) {
      const seed = fromHex(child.prf_plus_seed);
      const secret = child.pfs_shared_secret === undefined ? undefined : fromHex(child.pfs_shared_secret);
      const nonces = seed.subarray(secret?.length ?? 0);
      const derived = keymat.childKeys(
        suite,
        keys,
        { nonceInitiator: nonces.subarray(0, NONCE_BYTES), nonceResponder: nonces.subarray(NONCE_BYTES), sharedSecret: secret },
        lengths,
      );
      expect(hex(derived.encryptionInitiator)).toBe(child.encr_i);
      expect(hex(derived.encryptionResponder)).toBe(child.encr_r);
      expect(hex(derived.integrityInitiator)).toBe(child.integ_i ?? "");
      expect(hex(derived.integrityResponder)).toBe(child.integ_r ?? "");
      keymat.wipeChildKeys(lengths);
      expect(derived.encryptionInitiator.every((octet) => octet === 0)).toBe(true);
    }
  });

  it("leaves no key in its work areas, and none in a wiped block", () => {
    let raw: IkeKeys | undefined;
    keymat.derive(suite, input, { onKeys: (seen) => (raw = seen) });
    expect(raw?.skD.every((octet) => octet === 0)).toBe(true);
    expect(raw?.skEi.every((octet) => octet === 0)).toBe(true);
    expect(suite.work.every((octet) => octet === 0)).toBe(true);
    keymat.wipe(keys);
    expect(keys.every((octet) => octet === 0)).toBe(true);
  });

  it("clears its work area when an algorithm throws", () => {
    const fail = (): never => {
      throw new Error("provider failed");
    };
    const registry = testRegistry();
    const failing = new IkeSuites({
      prf: (id) => registry.prf(id),
      keyExchange: (id) => registry.keyExchange(id),
      aead: (id, keyBytes) => {
        const aead = registry.aead(id, keyBytes);
        return aead === undefined ? undefined : { ...aead, seal: fail, open: fail };
      },
      crypter: (id, keyBytes) => {
        const crypter = registry.crypter(id, keyBytes);
        return crypter === undefined ? undefined : { ...crypter, encrypt: fail, decrypt: fail };
      },
      signer: (id) => registry.signer(id),
    }).get(suite.proposal);
    const block = keymat.derive(failing, input);
    const message = ikeMessage(auth[0]);
    expect(() => keymat.seal(failing, block, true, message.slice(), IV_AT)).toThrow("provider failed");
    expect(() => keymat.open(failing, block, true, message.slice(), IV_AT)).toThrow("provider failed");
    expect(failing.work.every((octet) => octet === 0)).toBe(true);
  });

  it("derives into a given array, of the right size only", () => {
    const into = new Uint8Array(suite.keyBlockBytes);
    expect(keymat.derive(suite, input, { into })).toBe(into);
    expect(hex(into.subarray(16))).toBe(hex(keys.subarray(16)));
    expect(() => keymat.derive(suite, input, { into: new Uint8Array(8) })).toThrow("wrong size");
    expect(() => keymat.open(suite, new Uint8Array(8), true, ikeMessage(auth[0]), IV_AT)).toThrow("another suite");
  });
});

describe("rekeying of an IKE_SA", () => {
  const capture = capturedExchange("ikev2-psk-aes256gcm16-prfsha256-ecp256");
  const suites = new IkeSuites(testRegistry());
  const suite = suites.get(parseProposal(ProtocolId.IKE, capture.ike_proposal));
  const keymat = new IkeKeymat(testRng);
  const { ispi, rspi } = capture.packets[1].header;
  const old = keymat.derive(suite, keyInput(capture.ike_key_sets[0], ispi, rspi));
  /** The new SPIs are in the proposals of the exchange. */
  const newSpi = (payloads: Parameters<typeof bodyOf>[0]): string => hex(bodyOf(payloads, SA).subarray(8, 16));
  const [request, response] = capture.packets.filter(
    ({ sk }) => sk?.inner_payloads[0]?.type === SA && sk.inner_payloads[0].body.slice(10, 14) === "0108",
  );
  const input = keyInput(
    capture.ike_key_sets[1],
    newSpi(request.sk?.inner_payloads ?? []),
    newSpi(response.sk?.inner_payloads ?? []),
  );

  it("takes SK_d of the old one as key", () => {
    let seen: Record<string, string> = {};
    keymat.derive(suite, input, { old: { suite, keys: old }, onKeys: (raw) => (seen = rawHex(raw)) });
    expect(seen).toEqual(expectedHex(capture.ike_key_sets[1]));
  });

  it("uses the old PRF for SKEYSEED and the new one for the keys", () => {
    const other = suites.get(parseProposal(ProtocolId.IKE, "aes128-sha1-modp1024"));
    const block = keymat.derive(other, input, { old: { suite, keys: old } });
    const again = keymat.derive(other, input, { old: { suite, keys: old } });
    expect(block.length).toBe(other.keyBlockBytes);
    expect(hex(again)).toBe(hex(block));
    expect(hex(keymat.derive(other, input))).not.toBe(hex(block));
  });
});

describe("IkeSuites", () => {
  it("makes one suite per proposal, also for equal ones that are different objects", () => {
    const suites = new IkeSuites(testRegistry());
    const text = "aes128-sha1-modp1024";
    const suite = suites.get(parseProposal(ProtocolId.IKE, text));
    expect(suites.get(parseProposal(ProtocolId.IKE, text))).toBe(suite);
    const builder = new ProposalBuilder();
    for (let id = 2000; id < 7000; id++) builder.reset(ProtocolId.IKE).add(1, id).build();
    builder
      .reset(ProtocolId.IKE)
      .add(1, 128 * 65536 + 12)
      .add(3, 2)
      .add(2, 2)
      .add(4, 2);
    const equal = builder.build();
    expect(equal).not.toBe(suite.proposal);
    expect(suites.get(equal)).toBe(suite);
  });

  it("lays out a block without overlaps, aligned to 16 octets", () => {
    const suite = new IkeSuites(testRegistry()).get(parseProposal(ProtocolId.IKE, "aes128-sha1-modp1024"));
    const { skDAt, skIAt, skRAt, skPiAt, skPrAt, keyBlockBytes, prf, aead } = suite;
    const starts = [skDAt, skIAt, skRAt, skPiAt, skPrAt, keyBlockBytes];
    const sizes = [prf.stateBytes, aead.stateBytes, aead.stateBytes, prf.stateBytes, prf.stateBytes];
    expect(skDAt).toBe(16);
    sizes.forEach((size, i) => expect(starts[i + 1]).toBeGreaterThanOrEqual(starts[i] + size));
    expect(starts.every((at) => at % 16 === 0)).toBe(true);
    expect(suite).toMatchObject({ ivBytes: 16, icvBytes: 12, blockBytes: 16, encryptionKeyBytes: 16, integrityKeyBytes: 20 });
  });

  it("takes the next provider for new IKE_SAs once one is unloaded", () => {
    const registry = testRegistry();
    const suites = new IkeSuites(registry);
    const proposal = parseProposal(ProtocolId.IKE, "aes128-sha1-modp1024");
    const first = suites.get(proposal);
    registry.addPrf("other", 2, nodePrf("sha1", 20));
    expect(suites.get(proposal)).not.toBe(first);
    expect(suites.get(proposal).prf).toBe(first.prf);
  });

  it("refuses a counter mode whose IV cannot hold the counter", () => {
    const registry = testRegistry();
    registry.addAead("short", 20, 16, { ...nodeAesGcm(16), ivBytes: 4 });
    const get = (): IkeSuite => new IkeSuites(registry).get(parseProposal(ProtocolId.IKE, "aes128gcm16-prfsha1-modp1024"));
    expect(get).toThrow(expect.objectContaining({ code: "CYG_CRYPTO_IV" }));
  });

  it.each([
    ["aes256-sha1-modp1024", "ENCRYPTION_ALGORITHM AES_CBC (key size 256) not supported!"],
    ["aes128gcm16-prfsha1-modp1024", "ENCRYPTION_ALGORITHM AES_GCM_16 (key size 128) not supported!"],
    ["aes128-md5-prfsha1-modp1024", "INTEGRITY_ALGORITHM HMAC_MD5_96 not supported!"],
    ["aes128-sha1-prfmd5-modp1024", "PSEUDO_RANDOM_FUNCTION PRF_HMAC_MD5 not supported!"],
    ["aes128-sha1-modp2048", "negotiated DH group MODP_2048 not supported"],
  ])("says what is missing for %s", (text, message) => {
    const get = (): IkeSuite => new IkeSuites(testRegistry()).get(parseProposal(ProtocolId.IKE, text));
    expect(get).toThrow(CryptoError);
    expect(get).toThrow(message);
  });
});

describe("SKEYSEED", () => {
  const keyOf = (prfId: number, hasFixedKey: boolean): string => {
    const keys: string[] = [];
    const plain = nodePrf("md5", 16);
    const registry = testRegistry();
    const builder = new ProposalBuilder().reset(ProtocolId.IKE);
    const proposal = builder
      .add(1, 128 * 65536 + 12)
      .add(3, 2)
      .add(2, prfId)
      .add(4, 2)
      .build();
    registry.addPrf("test", prfId, {
      ...plain,
      hasFixedKey,
      setKey: (key, state) => (keys.push(hex(key)), plain.setKey(key, state)),
    });
    const input: IkeKeyInput = {
      nonceInitiator: new Uint8Array(20).fill(0x11),
      nonceResponder: new Uint8Array(24).fill(0x22),
      sharedSecret: new Uint8Array(32).fill(3),
      spiInitiatorHi: 1,
      spiInitiatorLo: 2,
      spiResponderHi: 0xffffffff,
      spiResponderLo: 0x80000000,
    };
    new IkeKeymat({ quality: RngQuality.STRONG, bytes: (out) => void out.fill(9) }).derive(
      new IkeSuites(registry).get(proposal),
      input,
    );
    return keys[0];
  };

  it("is keyed with both nonces", () => {
    expect(keyOf(1, false)).toBe("11".repeat(20) + "22".repeat(24));
  });

  it("is keyed with half a key of each nonce for AES-XCBC, AES-CMAC and PRFs with a fixed key size", () => {
    for (const [id, fixed] of [
      [4, false],
      [8, false],
      [1028, false],
      [4000, true],
    ] as const) {
      expect(keyOf(id, fixed)).toBe("11".repeat(8) + "22".repeat(8));
    }
  });
});
