import { Identification } from "@cygnet/ike/identity";
import { IdType } from "@cygnet/wire";
import { ADDRESS_FAMILIES, bitString, octetString, sequence } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { PkiError, attempt } from "../pki-error.js";

/** First and last address of a block, of the same length. */
interface AddressBlock {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

const SINGLE: readonly number[] = [IdType.ID_IPV4_ADDR, IdType.ID_IPV6_ADDR];
const NETWORKS: readonly number[] = [IdType.ID_IPV4_ADDR_SUBNET, IdType.ID_IPV6_ADDR_SUBNET];
const RANGES: readonly number[] = [IdType.ID_IPV4_ADDR_RANGE, IdType.ID_IPV6_ADDR_RANGE];

/**
 * The IPAddrBlocks of addresses, networks and ranges, RFC 3779 section 2.2.3, by family; within one they stay in the order in which they
 * were given, which should rise, without blocks that touch (section 2.2.3.6).
 * @throws {PkiError}
 */
export function addressBlocks(texts: readonly string[]): Der {
  const blocks = texts.map(parseBlock);
  const families = [...ADDRESS_FAMILIES].flatMap(([number, bytes]) => {
    const own = blocks.filter(({ first }) => first.length === bytes);
    const identifier = Buffer.of(number >> 8, number & 0xff);
    return own.length === 0 ? [] : [sequence(octetString(identifier), sequence(...own.map(encodeBlock)))];
  });
  return sequence(...families);
}

function parseBlock(text: string): AddressBlock {
  const { type, data } = attempt(`'${text}' is no address block`, () => Identification.parse(text));
  if (SINGLE.includes(type)) return { first: data, last: data };
  const half = data.length / 2;
  const [first, second] = [data.subarray(0, half), data.subarray(half)];
  if (RANGES.includes(type)) return { first, last: second };
  if (!NETWORKS.includes(type)) throw new PkiError(`'${text}' is no address block`);
  return { first, last: first.map((octet, i) => octet | (~second[i]! & 0xff)) };
}

/** A network as its leading bits; any other range as first and last, without the bits that are all 0 or all 1 at their ends. */
function encodeBlock({ first, last }: AddressBlock): Der {
  const [lowest, highest] = [bitsOf(first), bitsOf(last)];
  const common = Array.from(lowest).findIndex((bit, i) => bit !== highest[i]);
  const prefix = common < 0 ? lowest.length : common;
  if (!lowest.slice(prefix).includes("1") && !highest.slice(prefix).includes("0")) return leadingBits(lowest.slice(0, prefix));
  return sequence(leadingBits(lowest.replace(/0+$/, "")), leadingBits(highest.replace(/1+$/, "")));
}

function bitsOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");
}

function leadingBits(bits: string): Der {
  const octets = bits.match(/.{1,8}/g) ?? [];
  const unused = octets.length * 8 - bits.length;
  return bitString(
    Uint8Array.from(octets, (each) => parseInt(each.padEnd(8, "0"), 2)),
    unused,
  );
}
