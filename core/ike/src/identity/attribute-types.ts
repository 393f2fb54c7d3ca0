/**
 * Attribute types of distinguished names with the names that strongSwan reads and prints for them. Names are matched without regard to
 * case; an OID that has none prints as the hex octets of its encoding.
 */
interface AttributeType {
  /** Content octets of the OBJECT IDENTIFIER in hex. */
  readonly oid: string;
  /** The name that is printed; reading accepts the aliases, too. */
  readonly name: string;
  readonly aliases: readonly string[];
}

const X520 = "5504";

const ATTRIBUTE_TYPES: readonly AttributeType[] = [
  { oid: `${X520}03`, name: "CN", aliases: [] },
  { oid: `${X520}04`, name: "SN", aliases: [] },
  { oid: `${X520}05`, name: "serialNumber", aliases: [] },
  { oid: `${X520}06`, name: "C", aliases: [] },
  { oid: `${X520}07`, name: "L", aliases: [] },
  { oid: `${X520}08`, name: "ST", aliases: [] },
  { oid: `${X520}09`, name: "STREET", aliases: [] },
  { oid: `${X520}0a`, name: "O", aliases: [] },
  { oid: `${X520}0b`, name: "OU", aliases: [] },
  { oid: `${X520}0c`, name: "T", aliases: [] },
  { oid: `${X520}0d`, name: "D", aliases: [] },
  { oid: `${X520}10`, name: "postalAddress", aliases: [] },
  { oid: `${X520}11`, name: "postalCode", aliases: [] },
  { oid: `${X520}29`, name: "N", aliases: [] },
  { oid: `${X520}2a`, name: "G", aliases: [] },
  { oid: `${X520}2b`, name: "I", aliases: [] },
  { oid: `${X520}2d`, name: "ID", aliases: [] },
  { oid: `${X520}2e`, name: "dnQualifier", aliases: [] },
  { oid: `${X520}36`, name: "dmdName", aliases: [] },
  { oid: `${X520}41`, name: "pseudonym", aliases: [] },
  { oid: "0992268993f22c640101", name: "UID", aliases: [] },
  { oid: "0992268993f22c640119", name: "DC", aliases: [] },
  { oid: "2a864886f70d010901", name: "E", aliases: ["Email", "emailAddress"] },
  { oid: "2a864886f70d010902", name: "unstructuredName", aliases: ["UN"] },
  { oid: "2a864886f70d010908", name: "unstructuredAddress", aliases: ["UA"] },
  { oid: "6086480186f842030103", name: "employeeNumber", aliases: ["EN"] },
  { oid: "028206010a0714", name: "ND", aliases: [] },
  { oid: "2b060104018931010102024b", name: "TCGID", aliases: [] },
];

/** Hex OID of the e-mail attribute: its values compare without regard to case. */
export const EMAIL_OID = "2a864886f70d010901";
/** Attributes whose values are IA5Strings: PKCS #9 emailAddress and unstructuredName. */
export const IA5_OIDS: ReadonlySet<string> = new Set([EMAIL_OID, "2a864886f70d010902"]);

const BY_NAME = new Map<string, string>();
const BY_OID = new Map<string, string>();
for (const { oid, name, aliases } of ATTRIBUTE_TYPES) {
  BY_OID.set(oid, name);
  for (const each of [name, ...aliases]) BY_NAME.set(each.toLowerCase(), oid);
}

/** Hex OID of an attribute name, undefined for an unknown one. */
export function attributeOid(name: string): string | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Name of an attribute by its hex OID; the OID's octets as `2a:03:04` where it has none. */
export function attributeName(oid: string): string {
  return BY_OID.get(oid) ?? (oid.match(/../g) ?? []).join(":");
}
