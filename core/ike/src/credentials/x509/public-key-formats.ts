import { DefinitionError } from "@cygnet/plugin-api";
import type { PublicKeyFormat } from "@cygnet/plugin-api";
import { DerReader, Tag } from "./der-reader.js";
import { derElement, derOid } from "./der-writer.js";
import { derOf, isPem } from "./pem.js";

const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const EDWARDS: Readonly<Record<string, string>> = { "ssh-ed25519": "1.3.101.112", "ssh-ed448": "1.3.101.113" };
const CURVES: Readonly<Record<string, string>> = {
  nistp256: "1.2.840.10045.3.1.7",
  nistp384: "1.3.132.0.34",
  nistp521: "1.3.132.0.35",
};
const NULL = 0x05;
/** A line of a file as OpenSSH writes it. */
const SSH_LINE = /^\s*(?:ssh-|ecdsa-sha2-)\S+\s+([A-Za-z0-9+/=]+)/;

/**
 * The SubjectPublicKeyInfo of a public key.
 * @param format of octets that are not self-explaining; without, they are PEM, DER (SubjectPublicKeyInfo or PKCS#1) or a line of OpenSSH
 * @throws {DefinitionError} CYG_CERT_SYNTAX
 */
export function spkiOf(data: Uint8Array, what: string, format?: PublicKeyFormat): Uint8Array {
  if (format === "dnskey") return rsaKeyOfDns(data, what);
  if (format === "sshkey") return keyOfSsh(data, what);
  const line = SSH_LINE.exec(Buffer.from(data.subarray(0, 8192)).toString("latin1"));
  if (line) return keyOfSsh(new Uint8Array(Buffer.from(line[1]!, "base64")), what);
  const der = isPem(data) ? derOf(data, ["PUBLIC KEY", "RSA PUBLIC KEY"], what) : data;
  const inner = new DerReader(der, what).enter();
  // PKCS#1 begins with the modulus, where the other has the algorithm.
  return inner.tag === Tag.INTEGER ? rsaSpki(der) : der;
}

/** The RSA key of a KEY record of DNS, RFC 3110 section 2. */
function rsaKeyOfDns(record: Uint8Array, what: string): Uint8Array {
  const isLong = record[0] === 0;
  const at = isLong ? 3 : 1;
  const length = isLong ? (record[1] ?? 0) * 256 + (record[2] ?? 0) : (record[0] ?? 0);
  const exponent = record.subarray(at, at + length);
  const modulus = record.subarray(at + length);
  if (length === 0 || exponent.length < length || modulus.length === 0)
    throw new DefinitionError("CYG_CERT_SYNTAX", what, "it is no RSA key as DNS has it");
  return rsaSpki(derElement(Tag.SEQUENCE, integer(modulus), integer(exponent)));
}

/** RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4. */
function keyOfSsh(blob: Uint8Array, what: string): Uint8Array {
  const fields: Uint8Array[] = [];
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + view.getUint32(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  const type = Buffer.from(fields[0] ?? []).toString("latin1");
  const [, first, second] = fields;
  if (type === "ssh-rsa" && first && second) return rsaSpki(derElement(Tag.SEQUENCE, integer(second), integer(first)));
  const edwards = EDWARDS[type];
  if (edwards !== undefined && first) return spki([derOid(edwards)], first);
  const curve = first && CURVES[Buffer.from(first).toString("latin1")];
  if (type.startsWith("ecdsa-sha2-") && curve !== undefined && second)
    return spki([derOid(EC_PUBLIC_KEY), derOid(curve)], second);
  throw new DefinitionError("CYG_CERT_SYNTAX", what, "it is no key as SSH has it, or of a kind that is not supported");
}

const rsaSpki = (key: Uint8Array): Uint8Array => spki([derOid(RSA_ENCRYPTION), derElement(NULL)], key);

function spki(algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array {
  return derElement(Tag.SEQUENCE, derElement(Tag.SEQUENCE, ...algorithm), derElement(Tag.BIT_STRING, Uint8Array.of(0), key));
}

/** A positive INTEGER. */
function integer(octets: Uint8Array): Uint8Array {
  let from = 0;
  while (from < octets.length - 1 && octets[from] === 0) from++;
  const value = octets.subarray(from);
  return value[0]! & 0x80 ? derElement(Tag.INTEGER, Uint8Array.of(0), value) : derElement(Tag.INTEGER, value);
}
