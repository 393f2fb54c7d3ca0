import { Identification } from "@cygnet/ike/identity";
import { IdType, idTypeName } from "@cygnet/wire";
import { parseDer, tagged } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { PkiError, attempt } from "../pki-error.js";

/** A distinguished name in strongSwan's notation. @throws {PkiError} */
export function distinguishedName(text: string): Der {
  const identity = identityOf(text);
  if (identity.type !== IdType.ID_DER_ASN1_DN) throw new PkiError(`'${text}' is no distinguished name`);
  return attempt(`'${text}' is no distinguished name`, () => parseDer(identity.data));
}

/** An identity as GeneralName, RFC 5280 section 4.2.1.6. @throws {PkiError} for identities that are none */
export function generalName(text: string): Der {
  const { type, data } = identityOf(text);
  switch (type) {
    case IdType.ID_RFC822_ADDR:
      return tagged(1, ascii(text, data));
    case IdType.ID_FQDN:
      return tagged(2, ascii(text, data));
    case IdType.ID_DER_ASN1_DN:
      return tagged(4, [distinguishedName(text)]);
    case IdType.ID_DER_ASN1_GN_URI:
      return tagged(6, ascii(text, data));
    case IdType.ID_IPV4_ADDR:
    case IdType.ID_IPV6_ADDR:
      return tagged(7, data);
    case IdType.ID_DER_ASN1_GN:
      return attempt(`'${text}' is no name`, () => parseDer(data));
    default:
      throw new PkiError(`'${text}' (${idTypeName(type)}) cannot be in a certificate${hint(text)}`);
  }
}

/** A name as base of a name constraint, where networks are allowed, too: RFC 5280 section 4.2.1.10. @throws {PkiError} */
export function constraintBase(text: string): Der {
  const { type, data } = identityOf(text);
  const isNetwork = type === IdType.ID_IPV4_ADDR_SUBNET || type === IdType.ID_IPV6_ADDR_SUBNET;
  if (isNetwork) return tagged(7, data);
  const isAddress = type === IdType.ID_IPV4_ADDR || type === IdType.ID_IPV6_ADDR;
  return isAddress ? tagged(7, Buffer.concat([data, Buffer.alloc(data.length, 0xff)])) : generalName(text);
}

/** A URI as GeneralName. @throws {PkiError} */
export function uriName(uri: string): Der {
  return tagged(6, ascii(uri, Buffer.from(uri)));
}

function identityOf(text: string): Identification {
  return attempt("a name is malformed", () => Identification.parse(text));
}

/** These are IA5Strings: domains and mail addresses with other characters have an encoding of their own. @throws {PkiError} */
function ascii(text: string, octets: Uint8Array): Uint8Array {
  if (octets.some((octet) => octet > 0x7e))
    throw new PkiError(`'${text}' has characters beyond ASCII, which this kind of name cannot`);
  return octets;
}

function hint(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? `, but 'uri:${text}' can` : "";
}
