import { formatAddress } from "@cygnet/plugin-api";
import { IdType, idTypeName } from "@cygnet/wire";
import { printDn } from "./distinguished-name.js";
import { colonHexOf, isPrintable, printable } from "./text.js";

/** Key ids of this size are taken for SHA-1 hashes of keys, even if all their octets happen to be printable. */
const SHA1_BYTES = 20;

/** The text of an identity as strongSwan prints it. */
export function printIdentity(type: number, data: Uint8Array): string {
  switch (type) {
    case IdType.ID_ANY:
      return "%any";
    case IdType.ID_IPV4_ADDR:
    case IdType.ID_IPV6_ADDR:
      return data.length === addressBytes(type) ? formatAddress(data) : invalid(type);
    case IdType.ID_IPV4_ADDR_SUBNET:
    case IdType.ID_IPV6_ADDR_SUBNET: {
      const size = addressBytes(type);
      if (data.length !== size * 2) return invalid(type);
      return `${formatAddress(data.subarray(0, size))}/${maskBits(data.subarray(size))}`;
    }
    case IdType.ID_IPV4_ADDR_RANGE:
    case IdType.ID_IPV6_ADDR_RANGE: {
      const size = addressBytes(type);
      if (data.length !== size * 2) return invalid(type);
      return `${formatAddress(data.subarray(0, size))}-${formatAddress(data.subarray(size))}`;
    }
    case IdType.ID_FQDN:
    case IdType.ID_RFC822_ADDR:
    case IdType.ID_DER_ASN1_GN_URI:
      return printable(data);
    case IdType.ID_DER_ASN1_DN:
      return printDn(data);
    case IdType.ID_DER_ASN1_GN:
      return "(ASN.1 general name)";
    case IdType.ID_KEY_ID:
      return isPrintable(data) && data.length !== SHA1_BYTES ? printable(data) : colonHexOf(data);
    default:
      return `(unknown ID type: ${type})`;
  }
}

/** Octets of one address in identities of an address type. */
export function addressBytes(type: number): number {
  return type === IdType.ID_IPV4_ADDR || type === IdType.ID_IPV4_ADDR_SUBNET || type === IdType.ID_IPV4_ADDR_RANGE ? 4 : 16;
}

/** Leading one bits of a network mask; what follows the first zero does not count. */
export function maskBits(mask: Uint8Array): number {
  let bits = 0;
  for (const octet of mask) {
    if (octet === 0xff) bits += 8;
    else return bits + Math.clz32(~(octet << 24));
  }
  return bits;
}

function invalid(type: number): string {
  return `(invalid ${idTypeName(type)})`;
}
