import { createCipheriv, createHash, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** How the secret numbers of a key are protected. */
export interface Protection {
  readonly passphrase: string;
  /** Numbers of RFC 4880 sections 9.2, 9.4 and 3.7. */
  readonly cipher: number;
  readonly hash: number;
  readonly stringToKey: number;
  /** 254 with SHA-1, 255 with a sum. */
  readonly usage: number;
}

export interface MadeKey {
  readonly certificate: Buffer;
  readonly secret: Buffer;
  /** OpenPGP fingerprint. */
  readonly digest: Buffer;
  readonly key: KeyObject;
}

const CIPHERS: Readonly<Record<number, readonly [string, number, number]>> = {
  2: ["des-ede3-cfb", 24, 8],
  7: ["aes-128-cfb", 16, 16],
  9: ["aes-256-cfb", 32, 16],
};
const HASHES: Readonly<Record<number, string>> = { 1: "md5", 2: "sha1", 8: "sha256" };
const RSA = 1;

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });

/** Makes an OpenPGP key of one RSA key, without the signatures that nobody reads. */
export function makeKey({
  version = 4,
  created = 1_700_000_000,
  days = 0,
  userIds = ["moon <moon@example.org>"],
  protection,
  algorithm = RSA,
  key = privateKey,
}: {
  readonly version?: number;
  /** Seconds since 1970. */
  readonly created?: number;
  readonly days?: number;
  readonly userIds?: readonly string[];
  readonly protection?: Protection;
  readonly algorithm?: number;
  readonly key?: KeyObject;
} = {}): MadeKey {
  const { n, e, d, p, q } = key.export({ format: "jwk" });
  const [modulus, exponent, secretExponent, first, second] = [n, e, d, p, q].map((text) => Buffer.from(text!, "base64url")) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const head = Buffer.concat([
    Buffer.of(version),
    number(created, 4),
    ...(version === 3 ? [number(days, 2)] : []),
    Buffer.of(algorithm),
    mpi(modulus),
    mpi(exponent),
  ]);
  const numbers = Buffer.concat([secretExponent, first, second, inverse(first, second)].map(mpi));
  const names = userIds.map((id) => packet(13, Buffer.from(id)));
  return {
    certificate: Buffer.concat([packet(6, head), ...names]),
    secret: Buffer.concat([packet(5, Buffer.concat([head, protect(numbers, protection)])), ...names]),
    digest:
      version === 3
        ? createHash("md5").update(modulus).update(exponent).digest()
        : createHash("sha1").update(Buffer.of(0x99)).update(number(head.length, 2)).update(head).digest(),
    key,
  };
}

/** A packet with a header of the old format. */
export function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x80 | (tag << 2) | 1), number(body.length, 2), body]);
}

/** The packets as text, with the checksum, which strongSwan knows armour by. */
export function armour(label: string, octets: Buffer): string {
  const lines = octets.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN PGP ${label}-----\nComment: made for a test\n\n${lines.join("\n")}\n=${checksum(octets)}\n-----END PGP ${label}-----\n`;
}

/** CRC-24 of RFC 4880 section 6.1, by division of the whole polynomial. */
function checksum(octets: Buffer): string {
  const bits = BigInt(octets.length * 8);
  let rest = (BigInt(`0x${octets.toString("hex")}`) ^ (0xb704cen << (bits - 24n))) << 24n;
  for (let bit = bits + 23n; bit >= 24n; bit--) if ((rest >> bit) & 1n) rest ^= 0x1864cfbn << (bit - 24n);
  return number(Number(rest), 3).toString("base64");
}

function protect(numbers: Buffer, protection: Protection | undefined): Buffer {
  const sum = number(
    numbers.reduce((total, octet) => (total + octet) & 0xffff, 0),
    2,
  );
  if (!protection) return Buffer.concat([Buffer.of(0), numbers, sum]);
  const { passphrase, cipher, hash, stringToKey, usage } = protection;
  const [name, keyOctets, blockOctets] = CIPHERS[cipher]!;
  const salt = stringToKey === 0 ? Buffer.alloc(0) : Buffer.from("saltsalt");
  const coded = 96;
  const once = Buffer.concat([salt, Buffer.from(passphrase)]);
  const count = stringToKey === 3 ? 65_536 : once.length;
  const input = Buffer.alloc(count, once);
  const key = Buffer.concat(
    [0, 1].map((zeros) => createHash(HASHES[hash]!).update(Buffer.alloc(zeros)).update(input).digest()),
  ).subarray(0, keyOctets);
  const iv = Buffer.alloc(blockOctets, 7);
  const cipherer = createCipheriv(name, key, iv);
  const check = usage === 254 ? createHash("sha1").update(numbers).digest() : sum;
  const sealed = Buffer.concat([cipherer.update(Buffer.concat([numbers, check])), cipherer.final()]);
  const how = [usage, cipher, stringToKey, hash, ...salt, ...(stringToKey === 3 ? [coded] : [])];
  return Buffer.concat([Buffer.from(how), iv, sealed]);
}

function mpi(octets: Buffer): Buffer {
  const from = octets.findIndex((octet) => octet !== 0);
  const own = octets.subarray(from);
  return Buffer.concat([number(own.length * 8 - (Math.clz32(own[0]!) - 24), 2), own]);
}

function number(value: number, octets: number): Buffer {
  const buffer = Buffer.alloc(octets);
  buffer.writeUIntBE(value, 0, octets);
  return buffer;
}

/** The inverse of one prime modulo the other, by Fermat. */
function inverse(first: Buffer, second: Buffer): Buffer {
  const modulus = BigInt(`0x${second.toString("hex")}`);
  let base = BigInt(`0x${first.toString("hex")}`) % modulus;
  let result = 1n;
  for (let exponent = modulus - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  const hex = result.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
