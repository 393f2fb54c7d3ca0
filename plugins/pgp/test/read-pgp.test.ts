import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { DefinitionError } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { readPgpCertificate, readPgpPrivateKey } from "../src/index.js";
import { armour, makeKey, packet } from "./openpgp-keys.js";
import type { Protection } from "./openpgp-keys.js";

const vector = (name: string): Buffer => readFileSync(new URL(`vectors/${name}`, import.meta.url));
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const spkiOf = (pkcs8: Uint8Array): string =>
  hex(
    createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" })).export({
      format: "der",
      type: "spki",
    }),
  );
const octetsOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The error of a reader, as `CODE message`. */
function problem(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof DefinitionError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "none";
}

describe("a key of GnuPG", () => {
  it("is read with user id and fingerprint", () => {
    const { digest, userId, created, until } = readPgpCertificate(vector("public.asc"));
    expect(hex(digest)).toBe("07a6d532133f14bd5ded3a2a42ed50a5288483e0");
    expect(Buffer.from(userId).toString()).toBe("enc <enc@example.org>");
    expect([created, until]).toEqual([1_795_780_872_000, undefined]);
  });

  it("is opened with its passphrase, and belongs to the public one", () => {
    const pkcs8 = readPgpPrivateKey(vector("secret.asc"), octetsOf("secret"));
    expect(spkiOf(pkcs8)).toBe(hex(readPgpCertificate(vector("public.asc")).publicKey));
  });

  it.each([
    ["another passphrase", octetsOf("other"), "CYG_CERT_KEY the passphrase is wrong"],
    ["an empty passphrase", new Uint8Array(0), "CYG_CERT_KEY the passphrase is wrong"],
    ["none", undefined, "CYG_CERT_KEY it has a passphrase, and none is given"],
  ])("is not opened with %s", (_, passphrase, expected) => {
    expect(problem(() => readPgpPrivateKey(vector("secret.asc"), passphrase))).toBe(expected);
  });

  it("is refused where it is no RSA key, and where a secret one is in place of a public one", () => {
    expect(problem(() => readPgpCertificate(vector("ed25519.asc")))).toBe(
      "CYG_CERT_KEY it is no RSA key that signs, but of algorithm 22",
    );
    expect(problem(() => readPgpCertificate(vector("secret.asc")))).toBe(
      "CYG_CERT_SYNTAX it is a PGP PRIVATE KEY BLOCK where a PGP PUBLIC KEY BLOCK belongs",
    );
  });

  it("is refused with a wrong checksum of its armour", () => {
    const text = vector("public.asc").toString();
    const broken = text.replace(/\n=..../, (sum) => (sum === "\n=AAAA" ? "\n=AAAB" : "\n=AAAA"));
    expect(problem(() => readPgpCertificate(Buffer.from(broken)))).toBe("CYG_CERT_SYNTAX the checksum of its armour is wrong");
    expect(problem(() => readPgpCertificate(Buffer.from(text.replace(/\n=..../, ""))))).toBe("none");
  });
});

describe("a key of version", () => {
  it.each([3, 4])("%i is read, armoured and not", (version) => {
    const made = makeKey({ version });
    const spki = hex(createPublicKey(made.key).export({ format: "der", type: "spki" }));
    for (const data of [made.certificate, Buffer.from(armour("PUBLIC KEY BLOCK", made.certificate))]) {
      const { digest, userId, publicKey, created, octets } = readPgpCertificate(data);
      expect(hex(digest)).toBe(hex(made.digest));
      expect(digest).toHaveLength(version === 3 ? 16 : 20);
      expect(Buffer.from(userId).toString()).toBe("moon <moon@example.org>");
      expect([hex(publicKey), created, hex(octets)]).toEqual([spki, 1_700_000_000_000, hex(made.certificate)]);
    }
    for (const data of [made.secret, Buffer.from(armour("PRIVATE KEY BLOCK", made.secret))]) {
      const before = hex(data);
      expect(spkiOf(readPgpPrivateKey(data))).toBe(spki);
      // The caller's octets are the caller's to zero.
      expect(hex(data)).toBe(before);
    }
  });

  it("3 may expire", () => {
    const { created, until } = readPgpCertificate(makeKey({ version: 3, days: 10 }).certificate);
    expect(until).toBe(created + 864_000_000);
  });

  it("5 is not supported", () => {
    expect(problem(() => readPgpCertificate(makeKey({ version: 5 }).certificate))).toBe(
      "CYG_CERT_KEY keys of version 5 are not supported",
    );
  });
});

it("is named by its last user id, and must have one", () => {
  expect(Buffer.from(readPgpCertificate(makeKey({ userIds: ["a", "b"] }).certificate).userId).toString()).toBe("b");
  for (const userIds of [[], [""]])
    expect(problem(() => readPgpCertificate(makeKey({ userIds }).certificate))).toBe("CYG_CERT_SYNTAX it has no user id");
});

describe("a passphrase", () => {
  const usual: Protection = { passphrase: "open", cipher: 7, hash: 2, stringToKey: 3, usage: 254 };
  it.each([
    ["AES-128 and iterated SHA-1", usual],
    ["AES-256 and salted SHA-256", { ...usual, cipher: 9, hash: 8, stringToKey: 1 }],
    ["AES-256 and simple MD5, hashed twice", { ...usual, cipher: 9, hash: 1, stringToKey: 0 }],
    ["3DES and a plain checksum", { ...usual, cipher: 2, usage: 255 }],
  ])("opens %s", (_, protection) => {
    const { secret, key } = makeKey({ protection });
    const spki = hex(createPublicKey(key).export({ format: "der", type: "spki" }));
    expect(spkiOf(readPgpPrivateKey(secret, octetsOf("open")))).toBe(spki);
    expect(problem(() => readPgpPrivateKey(secret, octetsOf("shut")))).toBe("CYG_CERT_KEY the passphrase is wrong");
  });

  it.each([
    ["of version 3", makeKey({ version: 3, protection: usual }), "its protection is of an old kind that is not supported"],
    ["with a type of GnuPG's own", makeKey({ protection: { ...usual, stringToKey: 101 } }), "string-to-key 101 is not supported"],
  ])("does not open one %s", (_, { secret }, expected) => {
    expect(problem(() => readPgpPrivateKey(secret, octetsOf("open")))).toBe(`CYG_CERT_KEY ${expected}`);
  });
});

describe("refuses", () => {
  const { certificate, secret } = makeKey();
  const other = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  /** The secret numbers of another key behind a public one. */
  const mixed = (): Buffer => {
    const foreign = makeKey({ key: other }).secret;
    const at = 3 + 1 + 4 + 1 + 2 + 128 + 2 + 3;
    return packet(5, Buffer.concat([secret.subarray(3, at), foreign.subarray(at, 3 + foreign.readUInt16BE(1))]));
  };

  it.each([
    ["nothing", Buffer.alloc(0), "it does not begin with a key"],
    ["a user id in front", Buffer.concat([packet(13, Buffer.from("a")), certificate]), "it does not begin with a key"],
    ["two keys", Buffer.concat([certificate, certificate]), "it is more than one key"],
    ["what is no packet", Buffer.concat([certificate, Buffer.of(1)]), "there is no packet where one should begin"],
    ["a cut packet", certificate.subarray(0, -1), "it ends within its packets"],
    ["a length that is left open", Buffer.of(0x9b, 1), "the length of a packet of it is left open"],
    ["a packet in parts", Buffer.of(0xc6, 0xe1, 1, 1), "a packet of it comes in parts"],
    [
      "octets behind the numbers",
      packet(6, Buffer.concat([certificate.subarray(3, 3 + certificate.readUInt16BE(1)), Buffer.of(0)])),
      "there is something behind its public key",
    ],
    [
      "a wrong length of a number",
      packet(6, Buffer.from("046553f10001" + "0009" + "00ff", "hex")),
      "the length of its modulus is wrong",
    ],
    ["a modulus of zero", packet(6, Buffer.from("046553f10001" + "0000" + "0002" + "03", "hex")), "a number of its key is zero"],
  ])("%s", (_, data, expected) => {
    expect(problem(() => readPgpCertificate(data))).toBe(`CYG_CERT_SYNTAX ${expected}`);
  });

  it("secret numbers that are not the key's", () => {
    expect(problem(() => readPgpPrivateKey(mixed()))).toBe("CYG_CERT_SYNTAX its numbers do not belong together");
  });

  it("a wrong checksum of the secret", () => {
    const end = 3 + secret.readUInt16BE(1);
    const broken = Buffer.from(secret);
    broken[end - 1]! ^= 1;
    expect(problem(() => readPgpPrivateKey(broken))).toBe("CYG_CERT_SYNTAX the checksum of its secret is wrong");
  });

  it.each(["\n", "no header\n\nAAAA\n", "\nA?==\n", "\nAAA\n"])("armour with %j in it", (body) => {
    const text = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${body}-----END PGP PUBLIC KEY BLOCK-----\n`;
    expect(problem(() => readPgpCertificate(Buffer.from(text)))).toMatch(/^CYG_CERT_SYNTAX .*(armour|base64)/);
  });

  it("armour without an end", () => {
    expect(problem(() => readPgpCertificate(Buffer.from("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n")))).toBe(
      "CYG_CERT_SYNTAX its armour is malformed",
    );
  });
});
