import { objectIdentifier, octetString, sequence, tagged, toDer, trueValue } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { uriName } from "./names.js";

/** Where a CRL is, and who signs it, if that is not who issued the certificate. */
export interface CrlPoint {
  readonly uri: string;
  /** A Name. */
  readonly issuer: Der | undefined;
}

/** An Extension, RFC 5280 section 4.1. @param value what its OCTET STRING contains, nothing if undefined @throws {Error} for no OID */
export function extension(oid: string, value: Der | undefined, critical?: "critical"): Der {
  const content = octetString(value === undefined ? new Uint8Array(0) : toDer(value));
  return sequence(objectIdentifier(oid), ...(critical === undefined ? [] : [trueValue()]), content);
}

/** An AuthorityKeyIdentifier, RFC 5280 section 4.2.1.1. */
export function keyIdentifier(id: Uint8Array): Der {
  return sequence(tagged(0, id));
}

/** CRLDistributionPoints, RFC 5280 section 4.2.1.13, a point for each. @throws {PkiError} for a URI beyond ASCII */
export function crlNames(points: readonly CrlPoint[]): Der {
  return sequence(
    ...points.map(({ uri, issuer }) => {
      const name = tagged(0, [tagged(0, [uriName(uri)])]);
      return sequence(name, ...(issuer === undefined ? [] : [tagged(2, [tagged(4, [issuer])])]));
    }),
  );
}
