import { createCipheriv, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createEspSa } from "@cygnet/native";
import { hex, ipPacket } from "./packets.js";
import { key, saOptions, saPair, SUITES } from "./suites.js";

/* Packets made apart from the addon: by RFCs, and by node:crypto as the RFCs describe. */

const INNER = ipPacket({ source: [10, 1, 0, 1], destination: [10, 2, 0, 1], payload: key(61, 9) });

/** Padding, its length and the next header, RFC 4303 section 2.4. */
function withTrailer(inner: Uint8Array, align: number): Buffer {
  const padding = (align - ((inner.length + 2) % align)) % align;
  return Buffer.concat([inner, Uint8Array.from({ length: padding }, (_, i) => i + 1), Uint8Array.of(padding, 4)]);
}

const AEADS = {
  "AES-GCM-16, 128 bits": "aes-128-gcm",
  "AES-GCM-16, 256 bits": "aes-256-gcm",
  "ChaCha20-Poly1305": "chacha20-poly1305",
};
const HASHES: Record<number, readonly [string, number]> = {
  2: ["sha1", 12],
  12: ["sha256", 16],
  13: ["sha384", 24],
  14: ["sha512", 32],
};

describe("ESP by node:crypto", () => {
  it.each([false, true])("is what an AEAD makes, ESN %s", (esn) => {
    const sequence = esn ? 0x5_0000_0009n : 9n;
    for (const [name, cipher] of Object.entries(AEADS)) {
      const suite = SUITES.find((each) => each.name === name)!;
      const { encryptionKey } = saOptions(suite);
      const out = createEspSa(saOptions(suite, { esn }));
      out.setSequence(sequence - 1n);
      const sealed = Buffer.from(out.seal(INNER)!);
      const [secret, salt] = [encryptionKey.subarray(0, -4), encryptionKey.subarray(-4)];
      const iv = sealed.subarray(8, 16);
      const high = Buffer.alloc(4);
      high.writeUInt32BE(Number(sequence >> 32n));
      const aad = Buffer.concat(esn ? [sealed.subarray(0, 4), high, sealed.subarray(4, 8)] : [sealed.subarray(0, 8)]);
      const text = withTrailer(INNER, 4);
      const reference = createCipheriv(cipher as "aes-128-gcm", secret, Buffer.concat([salt, iv]), { authTagLength: 16 });
      reference.setAAD(aad, { plaintextLength: text.length });
      const encrypted = Buffer.concat([reference.update(text), reference.final(), reference.getAuthTag()]);
      expect(sealed.subarray(16)).toEqual(encrypted);
    }
  });

  it.each([false, true])("is what a cipher and an HMAC make, ESN %s", (esn) => {
    for (const suite of SUITES.filter(({ encryption, integrity }) => encryption === 12 && integrity in HASHES)) {
      const { encryptionKey, integrityKey } = saOptions(suite);
      const out = createEspSa(saOptions(suite, { esn }));
      out.setSequence(esn ? 0x5_0000_0000n : 0n);
      const sealed = Buffer.from(out.seal(INNER)!);
      const reference = createCipheriv(`aes-${encryptionKey.length * 8}-cbc`, encryptionKey, sealed.subarray(8, 24));
      reference.setAutoPadding(false);
      const body = Buffer.concat([sealed.subarray(0, 24), reference.update(withTrailer(INNER, 16)), reference.final()]);
      const [hash, bytes] = HASHES[suite.integrity]!;
      const mac = createHmac(hash, integrityKey).update(body);
      if (esn) mac.update(Uint8Array.of(0, 0, 0, 5));
      expect(sealed).toEqual(Buffer.concat([body, mac.digest().subarray(0, bytes)]));
    }
  });

  it("is what counter mode makes, whose blocks begin at 1 (RFC 3686)", () => {
    const suite = SUITES.find(({ encryption }) => encryption === 13)!;
    const { encryptionKey } = saOptions(suite);
    const sealed = Buffer.from(saPair(suite).out.seal(INNER)!);
    const counter = Buffer.concat([encryptionKey.subarray(16), sealed.subarray(8, 16), Uint8Array.of(0, 0, 0, 1)]);
    const reference = createCipheriv("aes-128-ctr", encryptionKey.subarray(0, 16), counter);
    expect(sealed.subarray(16, -16)).toEqual(Buffer.concat([reference.update(withTrailer(INNER, 4)), reference.final()]));
  });
});

describe("RFC 7634 appendix A", () => {
  it("is opened to the ping that it carries", () => {
    const sa = createEspSa(
      saOptions(
        SUITES.find(({ encryption }) => encryption === 28)!,
        {
          inbound: true,
          spi: 0x01020304,
          encryptionKey: hex(`
          808182838485868788898a8b8c8d8e8f 909192939495969798999a9b9c9d9e9f a0a1a2a3`),
        },
      ),
    );
    const ping = hex(`
      45000054a6f200004001e778c6336405 c000020508005b7a3a080000553bec10 0007362708090a0b0c0d0e0f10111213
      1415161718191a1b1c1d1e1f20212223 2425262728292a2b2c2d2e2f30313233 34353637`);
    const packet = hex(`
      01020304 00000005 1011121314151617
      24039428b97f417e3c13753a4f05087b 67c352e6a7fab1b982d466ef407ae5c6 14ee8099d52844eb61aa95dfab4c02f7
      2aa71e7c4c4f64c9befe2facc638e8f3 cbec163fac469b502773f6fb94e664da 9165b82829f641e0
      76aaa8266b7fb0f7b11b369907e1ad43`);
    expect(sa.open(packet)).toEqual(ping);
  });
});

describe("draft-mcgrew-gcm-test-01", () => {
  it.each([
    {
      name: "with an extended sequence number",
      esn: true,
      before: 0x8765_4320_ffff_ffffn,
      key: "4c80cdefbb5d10da906ac73c3613a634 2e443b68",
      packet: `00004321 00000000 4956ed7e3b244cfe
        fecf537e729d5b07dc30df528dd22b76 8d1b98736696a6fd348509fa13ceac34 cfa2436f14a3f3cf65925bf1f4a13c5d
        15b21e1884f5ff6247aeabb786b93bce 61bc17d768fd9732459018148f6cbe72 2fd04796562dfdb4`,
    },
    {
      name: "with a key of 192 bits",
      esn: false,
      before: 9n,
      key: "feffe9928665731c6d6a8f9467308308 feffe9928665731c cafebabe",
      packet: `0000a5f8 0000000a facedbaddecaf888
        a5b1f8066029aea40e598b8122de0242 0938b3ab33f828e687b8858b5bfbdbd0 315b27452144cc7795457b9652037f53
        18027b5b4cd7a636`,
    },
  ])("$name is found genuine, and refused for what it carries: no tunnel mode", ({ esn, before, key: secret, packet }) => {
    const sa = createEspSa({ ...saOptions(SUITES[2]!), inbound: true, esn, encryptionKey: hex(secret) });
    sa.setSequence(before);
    expect(sa.open(hex(packet))).toBeUndefined();
    expect(sa.use()).toEqual(expect.objectContaining({ forged: 0, replayed: 0, malformed: 1 }));
  });
});
