import { IdType } from "@cygnet/wire";
import { Identification } from "../../identity/index.js";
import { contextTag } from "./der-reader.js";
import type { DerReader } from "./der-reader.js";

/** A GeneralName of RFC 5280 section 4.2.1.6, as far as an identity can be one. */
export interface GeneralName {
  /** The number of its alternative: 1 mail address, 2 DNS name, 4 directory name, 6 URI, 7 address. */
  readonly kind: number;
  readonly data: Uint8Array;
}

const KINDS: Readonly<Record<number, number>> = {
  [contextTag(1, false)]: 1,
  [contextTag(2, false)]: 2,
  [contextTag(4)]: 4,
  [contextTag(6, false)]: 6,
  [contextTag(7, false)]: 7,
};

/** Reads names up to the end; those of other kinds are kept with kind -1, so that nobody takes them for absent. */
export function readGeneralNames(reader: DerReader): GeneralName[] {
  const names: GeneralName[] = [];
  while (!reader.atEnd) names.push(readGeneralName(reader));
  return names;
}

export function readGeneralName(reader: DerReader): GeneralName {
  const kind = KINDS[reader.tag] ?? -1;
  const content = reader.read(reader.tag);
  return { kind, data: content };
}

/** The identity that a name stands for, undefined where none does. */
export function identityOf({ kind, data }: GeneralName): Identification | undefined {
  switch (kind) {
    case 1:
      return Identification.fromWire(IdType.ID_RFC822_ADDR, data);
    case 2:
      return Identification.fromWire(IdType.ID_FQDN, data);
    case 4:
      return Identification.fromWire(IdType.ID_DER_ASN1_DN, data);
    case 7:
      if (data.length === 4) return Identification.fromWire(IdType.ID_IPV4_ADDR, data);
      return data.length === 16 ? Identification.fromWire(IdType.ID_IPV6_ADDR, data) : undefined;
    default:
      return undefined;
  }
}

/** Text of a URI. */
export const uriText = ({ data }: GeneralName): string => Buffer.from(data).toString("latin1");
