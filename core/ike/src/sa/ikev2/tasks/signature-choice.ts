import { LogGroup } from "@cygnet/plugin-api";
import { AuthMethod, HashAlgorithm } from "@cygnet/wire";
import type { AuthConfig } from "../../../config/index.js";
import { findScheme } from "../../../credentials/index.js";
import type { OwnCredential, SignatureScheme } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";

/** How an AUTH payload is signed. */
export interface SignatureChoice {
  readonly method: AuthMethod;
  readonly scheme: SignatureScheme;
}

/** Largest RSA modulus for which a hash is as strong as the key, by NIST SP 800-57. */
const RSA_SHA256_BITS = 3072;
const RSA_SHA384_BITS = 7680;

const { SHA256, SHA384, SHA512 } = HashAlgorithm;

/** Methods of RFC 4754, which fix curve and hash. */
const ECDSA_METHODS = [
  { method: AuthMethod.ECDSA_256, bits: 256, hash: SHA256 },
  { method: AuthMethod.ECDSA_384, bits: 384, hash: SHA384 },
  { method: AuthMethod.ECDSA_521, bits: 521, hash: SHA512 },
] as const;

/** The scheme of a method that names it by itself, with signatures of RFC 4754; undefined for others. */
export function schemeOfMethod(method: number): { readonly scheme: SignatureScheme; readonly bits: number } | undefined {
  if (method === AuthMethod.RSA) return { scheme: findScheme("RSA", HashAlgorithm.SHA1)!, bits: 0 };
  const ecdsa = ECDSA_METHODS.find((each) => each.method === method);
  return ecdsa && { scheme: findScheme("ECDSA", ecdsa.hash)!, bits: ecdsa.bits };
}

/**
 * How we sign with a key: a digital signature with the hash that fits its size where the peer takes that, else what RFC 7296 has.
 * @param peerHashes undefined when the peer does not know RFC 7427
 */
export function chooseSignature(
  { options, log }: IkeContext,
  { key }: OwnCredential,
  own: AuthConfig,
  peerHashes: readonly number[] | undefined,
): SignatureChoice | undefined {
  const { kind, bits } = key.publicKey;
  if (!peerHashes || !options.signature_authentication) return withoutHashes(kind, bits);
  const isPss = kind === "RSA" && (options.rsa_pss || key.key.isPssOnly || wantsPss(own));
  for (const hash of preferredHashes(kind, bits)) {
    const scheme = peerHashes.includes(hash) ? findScheme(kind, hash, isPss) : undefined;
    if (scheme && own.signatures.allowsIke(scheme, options.signature_authentication_constraints))
      return { method: AuthMethod.DS, scheme };
  }
  log.log(LogGroup.IKE, 1, `no common hash algorithm found to create signature with ${kind} key`);
  return undefined;
}

/** Whether the constraints leave nothing but PSS. */
function wantsPss({ signatures }: AuthConfig): boolean {
  return [SHA256, SHA384, SHA512].every((hash) => !signatures.allowsIke(findScheme("RSA", hash)!, true));
}

function withoutHashes(kind: string, bits: number): SignatureChoice | undefined {
  const method = kind === "RSA" ? AuthMethod.RSA : ECDSA_METHODS.find((each) => kind === "ECDSA" && each.bits === bits)?.method;
  const found = method === undefined ? undefined : schemeOfMethod(method);
  return method === undefined || !found ? undefined : { method, scheme: found.scheme };
}

/** The hash that fits first, then stronger ones, then weaker ones. */
function preferredHashes(kind: string, bits: number): readonly HashAlgorithm[] {
  if (kind === "ED25519" || kind === "ED448") return [HashAlgorithm.IDENTITY];
  const fits =
    kind === "RSA" ? (bits <= RSA_SHA256_BITS ? 0 : bits <= RSA_SHA384_BITS ? 1 : 2) : bits <= 256 ? 0 : bits <= 384 ? 1 : 2;
  const all = [SHA256, SHA384, SHA512];
  return [...all.slice(fits), ...all.slice(0, fits).reverse(), HashAlgorithm.SHA1];
}
