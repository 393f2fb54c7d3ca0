import { bitString, children, octetsOf, parseDer, sequence, toDer } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import type { Signer } from "./signature-algorithm.js";

/** The three parts of what is signed: certificates, CRLs and requests, RFC 5280 section 4.1.1. */
export interface SignedParts {
  readonly toBeSigned: Der;
  readonly algorithm: Der;
  readonly signature: Buffer;
}

/** DER of it with its signature. @throws {PkiError} */
export function signed(toBeSigned: Der, signer: Signer): Buffer {
  const signature = signer.sign(toDer(toBeSigned));
  return toDer(sequence(toBeSigned, signer.algorithm, bitString(signature)));
}

/** @throws {Error} for octets that are nothing signed */
export function signedParts(octets: Buffer): SignedParts {
  const [toBeSigned, algorithm, signature] = children(parseDer(octets));
  if (toBeSigned === undefined || algorithm === undefined || signature === undefined) throw new Error("parts are missing");
  return { toBeSigned, algorithm, signature: octetsOf(signature).subarray(1) };
}
