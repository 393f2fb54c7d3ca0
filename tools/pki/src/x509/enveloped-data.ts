import {
  children,
  integer,
  isTagged,
  nullValue,
  objectIdentifier,
  octetString,
  octetsOf,
  oidOf,
  sequence,
  set,
  tagged,
  toDer,
} from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { CONTENT, contentInfo, contentOctets, issuerAndSerial } from "./content-info.js";

const RSA = "1.2.840.113549.1.1.1";
/** Ciphers in CBC mode by OID, with the octets of their keys. */
const CIPHERS: ReadonlyMap<string, readonly [name: string, keyOctets: number]> = new Map([
  ["1.2.840.113549.3.7", ["des-ede3-cbc", 24]],
  ["2.16.840.1.101.3.4.1.2", ["aes-128-cbc", 16]],
  ["2.16.840.1.101.3.4.1.22", ["aes-192-cbc", 24]],
  ["2.16.840.1.101.3.4.1.42", ["aes-256-cbc", 32]],
]);
/** What we encrypt with, as strongSwan does. */
const AES_128_CBC = "2.16.840.1.101.3.4.1.2";
const BLOCK_OCTETS = 16;
const VERSION = 0;
/** Octets that padding of PKCS#1 v1.5 has at least, RFC 8017 section 7.2.1. */
const MIN_PADDING = 8;

/** Data for who has the key of a certificate, RFC 5652 section 6. @param certificate DER */
export function makeEnvelopedData(data: Buffer, certificate: Buffer, publicKey: KeyObject): Buffer {
  const [name, keyOctets] = CIPHERS.get(AES_128_CBC)!;
  const [key, iv] = [randomBytes(keyOctets), randomBytes(BLOCK_OCTETS)];
  const cipher = createCipheriv(name, key, iv);
  const sealed = Buffer.concat([cipher.update(data), cipher.final()]);
  const recipient = sequence(
    integer(VERSION),
    issuerAndSerial(certificate),
    sequence(objectIdentifier(RSA), nullValue()),
    octetString(publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)),
  );
  const encrypted = sequence(
    objectIdentifier(CONTENT.DATA),
    sequence(objectIdentifier(AES_128_CBC), octetString(iv)),
    tagged(0, sealed),
  );
  return toDer(contentInfo(CONTENT.ENVELOPED_DATA, sequence(integer(VERSION), set(recipient), encrypted)));
}

/**
 * Opens it.
 * @param certificates that the recipient may be named by, in DER
 * @returns undefined where it is for nobody of these, or the key does not open it
 * @throws {Error} for what is none, or has another cipher
 */
export function openEnvelopedData(value: Der | undefined, certificates: readonly Buffer[], key: KeyObject): Buffer | undefined {
  const [, recipients, encrypted] = children(value).filter((field) => !isTagged(field, 0));
  const [, algorithm, sealed] = children(encrypted);
  const [oid, parameters] = children(algorithm);
  const cipher = CIPHERS.get(oidOf(oid));
  if (cipher === undefined) throw new Error(`cipher ${oidOf(oid)} is not supported`);
  const names = certificates.map((each) => toDer(issuerAndSerial(each)));
  for (const recipient of children(recipients)) {
    const [, name, keyAlgorithm, sealedKey] = children(recipient);
    if (!names.some((each) => each.equals(toDer(name))) || oidOf(children(keyAlgorithm)[0]) !== RSA) continue;
    const opened = openKey(octetsOf(sealedKey), key, cipher[1]);
    if (opened === undefined) return undefined;
    const decipher = createDecipheriv(cipher[0], opened, octetsOf(parameters));
    try {
      return Buffer.concat([decipher.update(contentOctets(sealed)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Removes the padding of RSAES-PKCS1-v1_5, which Node.js refuses to do where servers might tell others of it: here nobody asks. */
function openKey(sealed: Buffer, key: KeyObject, octets: number): Buffer | undefined {
  let padded: Buffer;
  try {
    padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, sealed);
  } catch {
    return undefined;
  }
  const end = padded.indexOf(0, 2);
  const isRight = padded[0] === 0 && padded[1] === 2 && end >= 2 + MIN_PADDING && padded.length - end - 1 === octets;
  return isRight ? padded.subarray(end + 1) : undefined;
}
