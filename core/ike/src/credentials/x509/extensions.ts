import { DerReader, Tag, contextTag } from "./der-reader.js";
import { readGeneralName, readGeneralNames, uriText } from "./general-name.js";
import type { GeneralName } from "./general-name.js";

/** Bits of the keyUsage extension, the first one of the BIT STRING lowest. */
export const KeyUsage = { DIGITAL_SIGNATURE: 1, KEY_CERT_SIGN: 1 << 5, CRL_SIGN: 1 << 6 } as const;

/** What the extensions of a certificate say, RFC 5280 section 4.2. */
export interface Extensions {
  readonly isCa: boolean;
  /** How many intermediate certificates may follow, undefined for any number. */
  readonly pathLength: number | undefined;
  /** `KeyUsage` bits, undefined where everything is allowed. */
  readonly keyUsage: number | undefined;
  /** OIDs of the extended key usage. */
  readonly extendedKeyUsage: readonly string[];
  readonly altNames: readonly GeneralName[];
  readonly permittedNames: readonly GeneralName[];
  readonly excludedNames: readonly GeneralName[];
  /** OIDs. */
  readonly policies: readonly string[];
  readonly crlUris: readonly string[];
  /** Where delta CRLs are, the freshest CRL. */
  readonly deltaUris: readonly string[];
  readonly ocspUris: readonly string[];
  /** Key identifiers in hex. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  /** OID of a critical extension that we do not understand: the certificate must not be used, RFC 5280 section 4.2. */
  readonly unknownCritical: string | undefined;
}

export const NO_EXTENSIONS: Extensions = {
  isCa: false,
  pathLength: undefined,
  keyUsage: undefined,
  extendedKeyUsage: [],
  altNames: [],
  permittedNames: [],
  excludedNames: [],
  policies: [],
  crlUris: [],
  deltaUris: [],
  ocspUris: [],
  subjectKeyId: undefined,
  authorityKeyId: undefined,
  unknownCritical: undefined,
};

type Found = { -readonly [K in keyof Extensions]: Extensions[K] };
type Read = (found: Found, reader: DerReader) => void;

const OCSP_METHOD = "1.3.6.1.5.5.7.48.1";

const READERS: Readonly<Record<string, Read>> = {
  "2.5.29.14": (found, reader) => (found.subjectKeyId = hex(reader.read(Tag.OCTET_STRING))),
  "2.5.29.15": (found, reader) => (found.keyUsage = usageBits(reader.read(Tag.BIT_STRING))),
  "2.5.29.17": (found, reader) => (found.altNames = readGeneralNames(reader.enter())),
  "2.5.29.19": (found, reader) => {
    const constraints = reader.enter();
    if (constraints.tag === Tag.BOOLEAN) found.isCa = constraints.boolean();
    if (!constraints.atEnd) found.pathLength = constraints.number();
  },
  "2.5.29.30": (found, reader) => {
    const constraints = reader.enter();
    if (constraints.tag === contextTag(0)) found.permittedNames = readSubtrees(constraints.enter(contextTag(0)));
    if (constraints.tag === contextTag(1)) found.excludedNames = readSubtrees(constraints.enter(contextTag(1)));
  },
  "2.5.29.31": (found, reader) => (found.crlUris = readDistributionPoints(reader.enter())),
  "2.5.29.32": (found, reader) => (found.policies = readAll(reader.enter(), (policies) => policies.enter().oid())),
  "2.5.29.35": (found, reader) => {
    const keyId = reader.enter().maybe(contextTag(0, false));
    if (keyId) found.authorityKeyId = hex(keyId);
  },
  "2.5.29.37": (found, reader) => (found.extendedKeyUsage = readAll(reader.enter(), (usages) => usages.oid())),
  "2.5.29.46": (found, reader) => (found.deltaUris = readDistributionPoints(reader.enter())),
  "1.3.6.1.5.5.7.1.1": (found, reader) => {
    const uris = readAll(reader.enter(), (list) => {
      const access = list.enter();
      const method = access.oid();
      const name = readGeneralName(access);
      return method === OCSP_METHOD && name.kind === 6 ? uriText(name) : undefined;
    });
    found.ocspUris = uris.filter((uri) => uri !== undefined);
  },
};

/** @throws {DefinitionError} CYG_CERT_SYNTAX */
export function readExtensions(reader: DerReader, what: string): Extensions {
  const found: Found = { ...NO_EXTENSIONS };
  const list = reader.enter();
  const seen = new Set<string>();
  while (!list.atEnd) {
    const extension = list.enter();
    const oid = extension.oid();
    if (seen.has(oid)) list.fail(`extension ${oid} is there twice`);
    seen.add(oid);
    const isCritical = extension.tag === Tag.BOOLEAN && extension.boolean();
    const value = extension.read(Tag.OCTET_STRING);
    const read = READERS[oid];
    if (read) read(found, new DerReader(value, what));
    else if (isCritical) found.unknownCritical = oid;
  }
  return found;
}

function readSubtrees(reader: DerReader): GeneralName[] {
  return readAll(reader, (subtrees) => readGeneralName(subtrees.enter()));
}

/** URIs of CRLDistributionPoints, RFC 5280 section 4.2.1.13, of which a freshest CRL extension consists too. */
export function readDistributionPoints(reader: DerReader): string[] {
  const names = readAll(reader, (points) => {
    const point = points.enter();
    if (point.tag !== contextTag(0)) return [];
    const name = point.enter(contextTag(0));
    return name.tag === contextTag(0) ? readGeneralNames(name.enter(contextTag(0))) : [];
  });
  return names.flat().flatMap((name) => (name.kind === 6 ? [uriText(name)] : []));
}

function readAll<T>(reader: DerReader, read: (reader: DerReader) => T): T[] {
  const all: T[] = [];
  while (!reader.atEnd) all.push(read(reader));
  return all;
}

function usageBits(content: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < Math.min(9, (content.length - 1) * 8); i++) if (content[1 + (i >> 3)]! & (0x80 >> (i & 7))) bits |= 1 << i;
  return bits;
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
