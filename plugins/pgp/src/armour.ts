import { malformed } from "./octet-reader.js";

const BLOCK = /^-----BEGIN PGP ([A-Z ]+)-----\r?\n([\s\S]*?)^-----END PGP \1-----/m;
const HEADER = /^[A-Za-z]+: .*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** `=` and a CRC-24 in base64. */
const CHECKSUM = /^=[A-Za-z0-9+/]{4}$/;

/**
 * The octets in an armoured block, RFC 4880 section 6.2, or the octets themselves where there is no armour.
 * @param label what the block must be, such as `PUBLIC KEY BLOCK`
 * @throws {DefinitionError} CYG_CERT_SYNTAX
 */
export function withoutArmour(data: Uint8Array, label: string): Uint8Array {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (!buffer.includes("-----BEGIN ")) return data;
  const match = BLOCK.exec(buffer.toString("latin1"));
  if (!match) malformed("its armour is malformed");
  if (match[1] !== label) malformed(`it is a PGP ${match[1]!.trim()} where a PGP ${label} belongs`);
  const lines = match[2]!.split(/\r?\n/).map((line) => line.trimEnd());
  const blank = lines.indexOf("");
  if (blank < 0 || !lines.slice(0, blank).every((line) => HEADER.test(line)))
    malformed("the headers of its armour are malformed");
  const body = lines.slice(blank + 1).filter((line) => line !== "");
  const last = body.at(-1) ?? "";
  const checksum = CHECKSUM.test(last) ? body.pop() : undefined;
  const text = body.join("");
  if (!BASE64.test(text) || text.length % 4 !== 0) malformed("its base64 is malformed");
  const octets = new Uint8Array(Buffer.from(text, "base64"));
  if (checksum !== undefined && Buffer.from(checksum.slice(1), "base64").readUIntBE(0, 3) !== crc24(octets))
    malformed("the checksum of its armour is wrong");
  return octets;
}

/** CRC-24 of RFC 4880 section 6.1. */
function crc24(octets: Uint8Array): number {
  let crc = 0xb704ce;
  for (const octet of octets) {
    crc ^= octet << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc;
}
