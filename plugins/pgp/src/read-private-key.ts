import { createDecipheriv, createHash, createPrivateKey, timingSafeEqual } from "node:crypto";
import { withoutArmour } from "./armour.js";
import { OctetReader, malformed, unusable } from "./octet-reader.js";
import { PacketTag, readKeyPackets } from "./packets.js";
import { base64Url, readPublicKeyPacket } from "./public-key.js";
import type { PublicKeyPacket } from "./public-key.js";
import { keyOf, readStringToKey } from "./string-to-key.js";

/** How the secret numbers are protected, RFC 4880 section 5.5.3. */
const PLAIN = 0;
const WITH_SHA1 = 254;
const WITH_CHECKSUM = 255;

/** Ciphers by number, section 9.2, with the octets of their keys and blocks. */
const CIPHERS: Readonly<Record<number, readonly [name: string, keyOctets: number, blockOctets: number]>> = {
  2: ["des-ede3-cfb", 24, 8],
  7: ["aes-128-cfb", 16, 16],
  8: ["aes-192-cfb", 24, 16],
  9: ["aes-256-cfb", 32, 16],
};

const SHA1_OCTETS = 20;
const CHECKSUM_OCTETS = 2;
const WRONG_PASSPHRASE = "the passphrase is wrong";

/**
 * Reads a secret key, armoured or not.
 * @returns PKCS#8, the caller's to zero
 * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY, which tell nothing of the key
 */
export function readPgpPrivateKey(data: Uint8Array, passphrase?: Uint8Array): Uint8Array {
  const octets = withoutArmour(data, "PRIVATE KEY BLOCK");
  const { primary } = readKeyPackets(octets, PacketTag.SECRET_KEY);
  const reader = new OctetReader(primary);
  const key = readPublicKeyPacket(reader);
  const secret = openSecret(reader, key, passphrase);
  try {
    return toPkcs8(key, new OctetReader(secret));
  } finally {
    secret.fill(0);
    // What was in armour is a copy.
    if (octets !== data) octets.fill(0);
  }
}

/** The secret numbers, which are the caller's to zero. */
function openSecret(reader: OctetReader, { version }: PublicKeyPacket, passphrase: Uint8Array | undefined): Uint8Array {
  const protection = reader.number(1, "protection");
  if (protection === PLAIN) {
    const all = reader.rest();
    if (all.length < CHECKSUM_OCTETS || !isSumRight(all)) malformed("the checksum of its secret is wrong");
    return new Uint8Array(all.subarray(0, -CHECKSUM_OCTETS));
  }
  if ((protection !== WITH_SHA1 && protection !== WITH_CHECKSUM) || version === 3)
    unusable("its protection is of an old kind that is not supported");
  const cipher = CIPHERS[reader.number(1, "cipher")];
  if (cipher === undefined) unusable("its cipher is not supported");
  const [name, keyOctets, blockOctets] = cipher;
  const how = readStringToKey(reader);
  const iv = reader.take(blockOctets, "initialization vector");
  if (passphrase === undefined) unusable("it has a passphrase, and none is given");
  const key = keyOf(passphrase, how, keyOctets);
  const decipher = createDecipheriv(name, key, iv);
  const all = new Uint8Array(Buffer.concat([decipher.update(reader.rest()), decipher.final()]));
  key.fill(0);
  const checkOctets = protection === WITH_SHA1 ? SHA1_OCTETS : CHECKSUM_OCTETS;
  const isRight = all.length >= checkOctets && (protection === WITH_SHA1 ? isHashRight(all) : isSumRight(all));
  if (!isRight) {
    all.fill(0);
    unusable(WRONG_PASSPHRASE);
  }
  return all.subarray(0, -checkOctets);
}

function isHashRight(all: Uint8Array): boolean {
  const hash = createHash("sha1").update(all.subarray(0, -SHA1_OCTETS)).digest();
  return timingSafeEqual(hash, all.subarray(-SHA1_OCTETS));
}

function isSumRight(all: Uint8Array): boolean {
  const sum = all.subarray(0, -CHECKSUM_OCTETS).reduce((total, octet) => (total + octet) & 0xffff, 0);
  return all.at(-2) === sum >> 8 && all.at(-1) === (sum & 0xff);
}

/** @param secret exponent, primes p and q, and the inverse of p modulo q */
function toPkcs8({ modulus, exponent }: PublicKeyPacket, secret: OctetReader): Uint8Array {
  const [d, p, q, u] = ["exponent", "prime", "prime", "coefficient"].map((field) => secret.mpi(`secret ${field}`)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  secret.end("secret numbers");
  const [n, e, exp, first, second, inverse] = [modulus, exponent, d, p, q, u].map(numberOf) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const isKey = first > 1n && second > 1n && first * second === n && (first * inverse) % second === 1n;
  if (!isKey || (e * exp) % (first - 1n) !== 1n || (e * exp) % (second - 1n) !== 1n)
    malformed("its numbers do not belong together");
  // PKCS#1 has the coefficient of the second prime modulo the first: the two change places.
  const jwk = {
    kty: "RSA",
    n: base64Url(modulus),
    e: base64Url(exponent),
    d: base64Url(d),
    p: base64Url(q),
    q: base64Url(p),
    dp: base64Url(octetsOf(exp % (second - 1n))),
    dq: base64Url(octetsOf(exp % (first - 1n))),
    qi: base64Url(u),
  };
  try {
    const exported = createPrivateKey({ key: jwk, format: "jwk" }).export({ format: "der", type: "pkcs8" });
    const own = new Uint8Array(exported);
    exported.fill(0);
    return own;
  } catch {
    return unusable("its numbers are no RSA key");
  }
}

const numberOf = (octets: Uint8Array): bigint => (octets.length === 0 ? 0n : BigInt(`0x${Buffer.from(octets).toString("hex")}`));

function octetsOf(number: bigint): Uint8Array {
  const hex = number.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}
