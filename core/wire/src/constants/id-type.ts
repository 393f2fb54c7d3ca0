import { nameOf } from "./names.js";

/** Identification types, RFC 7296 section 3.5; 201 is a strongSwan private number. */
export enum IdType {
  ID_ANY = 0,
  ID_IPV4_ADDR = 1,
  ID_FQDN = 2,
  ID_RFC822_ADDR = 3,
  ID_IPV4_ADDR_SUBNET = 4,
  ID_IPV6_ADDR = 5,
  ID_IPV6_ADDR_SUBNET = 6,
  ID_IPV4_ADDR_RANGE = 7,
  ID_IPV6_ADDR_RANGE = 8,
  ID_DER_ASN1_DN = 9,
  ID_DER_ASN1_GN = 10,
  ID_KEY_ID = 11,
  ID_DER_ASN1_GN_URI = 201,
}

/** Name of an identification type, such as `ID_FQDN`; `(99)` for an unknown one. */
export function idTypeName(value: number): string {
  return nameOf(IdType, value);
}
