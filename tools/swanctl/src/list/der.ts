import forge from "node-forge";

/** A value of DER (X.690). */
export type Der = forge.asn1.Asn1;

/** @throws {Error} for what is no DER */
export function parseDer(octets: Uint8Array): Der {
  // Signatures are shown nowhere, and octets of a BIT STRING that look like DER are no tree.
  const options = { strict: true, decodeBitStrings: false } as unknown as boolean;
  return forge.asn1.fromDer(Buffer.from(octets).toString("binary"), options);
}

export function toDer(value: Der): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), "binary");
}

/** What a constructed value has. @throws {Error} for others */
export function children(value: Der): readonly Der[] {
  if (!Array.isArray(value.value)) throw new Error("a value where a structure is due");
  return value.value;
}

/** The content of a primitive value; a BIT STRING has the octet of its unused bits in front. @throws {Error} for others */
export function octetsOf(value: Der): Buffer {
  if (typeof value.value !== "string") throw new Error("a structure where a value is due");
  return Buffer.from(value.value, "binary");
}

export function oidOf(value: Der): string {
  return forge.asn1.derToOid(octetsOf(value).toString("binary"));
}

/** UTCTime or GeneralizedTime. */
export function timeOf(value: Der): Date {
  const text = octetsOf(value).toString("latin1");
  return value.type === forge.asn1.Type.UTCTIME ? forge.asn1.utcTimeToDate(text) : forge.asn1.generalizedTimeToDate(text);
}

/** Whether it is the context specific tag `number`. */
export function isTagged(value: Der | undefined, number: number): value is Der {
  return value !== undefined && value.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && (value.type as number) === number;
}

/** Extensions by OID, each as the value within its OCTET STRING (RFC 5280 section 4.1). */
export function extensionsOf(list: Der): Map<string, Der> {
  return new Map(
    children(list).map((extension) => {
      const parts = children(extension);
      return [oidOf(parts[0]!), parseDer(octetsOf(parts[parts.length - 1]!))];
    }),
  );
}

/** Names of attributes that strongSwan has shorter than their OIDs. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "S",
  "2.5.4.5": "SN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "T",
  "2.5.4.13": "D",
  "2.5.4.41": "N",
  "2.5.4.42": "G",
  "2.5.4.43": "I",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "E",
};

/** A distinguished name as strongSwan writes it. */
export function nameText(name: Der): string {
  return children(name)
    .flatMap((set) => children(set))
    .map((attribute) => {
      const [type, value] = children(attribute);
      const oid = oidOf(type!);
      return `${ATTRIBUTES[oid] ?? oid}=${octetsOf(value!).toString("utf8")}`;
    })
    .join(", ");
}
