import { IdType } from "@cygnet/wire";
import { countDnWildcards, isWildcard, rdnEquals } from "./distinguished-name.js";
import type { RdnMatching } from "./distinguished-name.js";
import type { Identification } from "./identification.js";
import { addressBytes, maskBits } from "./print-identity.js";
import { bytesEqual, compareBytes, hexOf, latin1Of } from "./text.js";

/** Match qualities, strongSwan's numbers: what lies between counts wildcards. */
const MATCH_PERFECT = 20;
const MATCH_ONE_WILDCARD = 19;
const MATCH_MAX_WILDCARDS = 2;
export const MATCH_ANY = 1;
export const MATCH_NONE = 0;

const STAR = 0x2a;
/** Parameters of the 32 bit FNV-1a hash. */
const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** A name counts no more wildcards than this, so that it still matches better than a pattern that asks for nothing but `%any`. */
const MAX_WILDCARDS = 17;

/** See `Identification.equals`. */
export function identitiesEqual(a: Identification, b: Identification): boolean {
  if (a.type !== b.type) return false;
  switch (a.type) {
    case IdType.ID_ANY:
      return true;
    case IdType.ID_FQDN:
    case IdType.ID_RFC822_ADDR:
      return a.data.length === b.data.length && endsWithIgnoringCase(a.data, b.data, 0);
    case IdType.ID_DER_ASN1_DN:
      return bytesEqual(a.data, b.data) || (a.data.length === b.data.length && namesEqual(a, b));
    default:
      return bytesEqual(a.data, b.data);
  }
}

function namesEqual(a: Identification, b: Identification): boolean {
  const left = a.name;
  const right = b.name;
  if (!left.complete || !right.complete || left.rdns.length !== right.rdns.length) return false;
  return left.rdns.every((rdn, i) => rdnEquals(rdn, right.rdns[i]!));
}

/** See `Identification.matches`. */
export function matchIdentity(id: Identification, pattern: Identification, matching: RdnMatching): number {
  if (pattern.type === IdType.ID_ANY) return MATCH_ANY;
  if (id.type === pattern.type) {
    if (identitiesEqual(id, pattern)) return MATCH_PERFECT;
    if (id.type === IdType.ID_FQDN || id.type === IdType.ID_RFC822_ADDR) return matchSuffix(id.data, pattern.data);
    return id.type === IdType.ID_DER_ASN1_DN ? matchNames(id, pattern, matching) : MATCH_NONE;
  }
  if (id.type !== IdType.ID_IPV4_ADDR && id.type !== IdType.ID_IPV6_ADDR) return MATCH_NONE;
  return matchAddress(id.type, id.data, pattern);
}

/** `*.example.org` takes any name that ends so and has something in place of the star. */
function matchSuffix(data: Uint8Array, pattern: Uint8Array): number {
  if (pattern.length === 0 || pattern[0] !== STAR) return MATCH_NONE;
  if (pattern.length === 1) return MATCH_ANY;
  return data.length >= pattern.length && endsWithIgnoringCase(data, pattern, 1) ? MATCH_ONE_WILDCARD : MATCH_NONE;
}

function matchNames(id: Identification, pattern: Identification, matching: RdnMatching): number {
  if (!id.name.complete || !pattern.name.complete) return MATCH_NONE;
  const wildcards = countDnWildcards(id.name.rdns, pattern.name.rdns, matching);
  return wildcards < 0 ? MATCH_NONE : MATCH_PERFECT - Math.min(wildcards, MAX_WILDCARDS);
}

/** An address in a subnet or range of its family. */
function matchAddress(type: number, address: Uint8Array, pattern: Identification): number {
  const size = addressBytes(type);
  const subnetType = type === IdType.ID_IPV4_ADDR ? IdType.ID_IPV4_ADDR_SUBNET : IdType.ID_IPV6_ADDR_SUBNET;
  const rangeType = type === IdType.ID_IPV4_ADDR ? IdType.ID_IPV4_ADDR_RANGE : IdType.ID_IPV6_ADDR_RANGE;
  if (address.length !== size || pattern.data.length !== size * 2) return MATCH_NONE;
  const first = pattern.data.subarray(0, size);
  const second = pattern.data.subarray(size);
  if (pattern.type === rangeType) {
    if (compareBytes(address, first) < 0 || compareBytes(address, second) > 0) return MATCH_NONE;
    return bytesEqual(first, second) ? MATCH_PERFECT : MATCH_ONE_WILDCARD;
  }
  if (pattern.type !== subnetType) return MATCH_NONE;
  const bits = maskBits(second);
  for (let bit = 0; bit < bits; bit += 8) {
    const ignored = Math.max(0, 8 - (bits - bit));
    if (address[bit >> 3]! >> ignored !== first[bit >> 3]! >> ignored) return MATCH_NONE;
  }
  if (bits === size * 8) return MATCH_PERFECT;
  return bits === 0 ? MATCH_MAX_WILDCARDS : MATCH_ONE_WILDCARD;
}

/** See `Identification.containsWildcards`. */
export function identificationWildcards(id: Identification): boolean {
  if (id.type === IdType.ID_ANY) return true;
  if (id.type === IdType.ID_FQDN || id.type === IdType.ID_RFC822_ADDR) return id.data.includes(STAR);
  return id.type === IdType.ID_DER_ASN1_DN && id.name.rdns.some(isWildcard);
}

/** See `Identification.key`. */
export function identificationKey(id: Identification): string {
  switch (id.type) {
    case IdType.ID_ANY:
      return "0:";
    case IdType.ID_FQDN:
    case IdType.ID_RFC822_ADDR:
      // Folds a few letters beyond ASCII, too, which `equals` keeps apart: a bucket may hold both.
      return `${id.type}:${latin1Of(id.data).toLowerCase()}`;
    case IdType.ID_DER_ASN1_DN:
      if (id.name.complete) return `9:${id.name.rdns.map(({ oid, value }) => `${oid}=${hexOf(value.map(lower))}`).join(",")}`;
      return `9#${hexOf(id.data)}`;
    default:
      return `${id.type}:${hexOf(id.data)}`;
  }
}

/** See `Identification.hash`. */
export function identificationHash(id: Identification): number {
  const { type, data } = id;
  const seed = FNV_BASIS ^ type;
  if (type === IdType.ID_ANY) return seed;
  if (type === IdType.ID_FQDN || type === IdType.ID_RFC822_ADDR) return hashFolded(seed, data);
  if (type !== IdType.ID_DER_ASN1_DN || !id.name.complete) return hashOctets(seed, data);
  let hash = seed;
  for (const { value } of id.name.rdns) hash = hashFolded(hash, value);
  return hash;
}

function hashFolded(seed: number, data: Uint8Array): number {
  let hash = seed;
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ lower(data[i]!), FNV_PRIME);
  return hash;
}

function hashOctets(seed: number, data: Uint8Array): number {
  let hash = seed;
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, FNV_PRIME);
  return hash;
}

/** Whether `data` ends with `pattern` from `from` on; ASCII letters without regard to case. */
function endsWithIgnoringCase(data: Uint8Array, pattern: Uint8Array, from: number): boolean {
  const shift = data.length - pattern.length;
  for (let i = from; i < pattern.length; i++) if (lower(data[i + shift]!) !== lower(pattern[i]!)) return false;
  return true;
}

function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}
