import { EXTENSION, enumerated, integer, sequence, tagged, time } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import type { Validity } from "../options/validity.js";
import { attempt } from "../pki-error.js";
import { crlNames, extension, keyIdentifier } from "./extension.js";
import type { Signer } from "./signature-algorithm.js";
import { signed } from "./signed.js";

/** A certificate that counts no more. */
export interface Revocation {
  /** In network order. */
  readonly serial: Uint8Array;
  readonly date: Date;
  /** Number of the reason, RFC 5280 section 5.3.1; 0 for none. */
  readonly reason: number;
}

/** What a CRL says, RFC 5280 section 5. Numbers are in network order. */
export interface RevocationListContent {
  /** A Name. */
  readonly issuer: Der;
  readonly authorityKeyId: Uint8Array;
  readonly validity: Validity;
  readonly number: Uint8Array;
  /** The number of the CRL that this one adds to, where it is a delta CRL. */
  readonly baseNumber: Uint8Array | undefined;
  /** Where delta CRLs to this one are. */
  readonly deltaUris: readonly string[];
  /** OIDs of critical extensions without content, to test what does not know them. */
  readonly critical: readonly string[];
  readonly revoked: readonly Revocation[];
}

const VERSION_2 = 1;

/** A CRL in DER. @throws {PkiError} */
export function makeRevocationList(content: RevocationListContent, signer: Signer): Buffer {
  const { issuer, validity, revoked } = content;
  const extensions = attempt("an extension cannot be made", () => listExtensions(content));
  const toBeSigned = sequence(
    integer(VERSION_2),
    signer.algorithm,
    issuer,
    time(validity.begin),
    time(validity.end),
    // An empty list must not be there, RFC 5280 section 5.1.2.6.
    ...(revoked.length === 0 ? [] : [sequence(...revoked.map(entry))]),
    tagged(0, [sequence(...extensions)]),
  );
  return signed(toBeSigned, signer);
}

function listExtensions({ authorityKeyId, number, baseNumber, deltaUris, critical }: RevocationListContent): Der[] {
  const points = deltaUris.map((uri) => ({ uri, issuer: undefined }));
  return [
    extension(EXTENSION.AUTHORITY_KEY_ID, keyIdentifier(authorityKeyId)),
    extension(EXTENSION.CRL_NUMBER, integer(number)),
    ...(points.length === 0 ? [] : [extension(EXTENSION.FRESHEST_CRL, crlNames(points))]),
    ...(baseNumber === undefined ? [] : [extension(EXTENSION.DELTA_CRL_INDICATOR, integer(baseNumber), "critical")]),
    ...critical.map((oid) => extension(oid, undefined, "critical")),
  ];
}

function entry({ serial, date, reason }: Revocation): Der {
  const reasons = reason === 0 ? [] : [sequence(extension(EXTENSION.REASON_CODE, enumerated(reason)))];
  return sequence(integer(serial), time(date), ...reasons);
}
