import { children, integer, nullValue, objectIdentifier, octetsOf, oidOf, sequence, tagged, isTagged } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { constants, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { PkiError, attempt } from "../pki-error.js";

/** Names of digests as `--digest` has them. */
export const DIGESTS = [
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "sha3_224",
  "sha3_256",
  "sha3_384",
  "sha3_512",
] as const;
export type Digest = (typeof DIGESTS)[number];

/** How RSA signatures are padded, RFC 8017 section 8. */
export type RsaPadding = "pkcs1" | "pss";

/** What signatures shall be like; a digest that is not given is that of the key's strength. */
export interface SignatureOptions {
  readonly digest: Digest | undefined;
  readonly rsaPadding: RsaPadding;
}

/** A way to sign: digest, `undefined` where the algorithm has its own, and octets of salt with PSS. */
interface Scheme {
  readonly digest: Digest | undefined;
  readonly saltBytes: number | undefined;
}

/** RSASSA-PKCS1-v1_5 with each digest: RFC 8017 appendix A.2.4, NIST's OIDs for SHA-3. */
const PKCS1: Readonly<Record<Digest, string>> = {
  md5: "1.2.840.113549.1.1.4",
  sha1: "1.2.840.113549.1.1.5",
  sha224: "1.2.840.113549.1.1.14",
  sha256: "1.2.840.113549.1.1.11",
  sha384: "1.2.840.113549.1.1.12",
  sha512: "1.2.840.113549.1.1.13",
  sha3_224: "2.16.840.1.101.3.4.3.13",
  sha3_256: "2.16.840.1.101.3.4.3.14",
  sha3_384: "2.16.840.1.101.3.4.3.15",
  sha3_512: "2.16.840.1.101.3.4.3.16",
};
/** ECDSA, RFC 5758 section 3.2; those that strongSwan reads. */
const ECDSA: Readonly<Partial<Record<Digest, string>>> = {
  sha1: "1.2.840.10045.4.1",
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
};
/** The digests themselves, with their size in octets. */
const HASHES: Readonly<Record<Digest, readonly [oid: string, bytes: number]>> = {
  md5: ["1.2.840.113549.2.5", 16],
  sha1: ["1.3.14.3.2.26", 20],
  sha224: ["2.16.840.1.101.3.4.2.4", 28],
  sha256: ["2.16.840.1.101.3.4.2.1", 32],
  sha384: ["2.16.840.1.101.3.4.2.2", 48],
  sha512: ["2.16.840.1.101.3.4.2.3", 64],
  sha3_224: ["2.16.840.1.101.3.4.2.7", 28],
  sha3_256: ["2.16.840.1.101.3.4.2.8", 32],
  sha3_384: ["2.16.840.1.101.3.4.2.9", 48],
  sha3_512: ["2.16.840.1.101.3.4.2.10", 64],
};
const PSS = "1.2.840.113549.1.1.10";
const MGF1 = "1.2.840.113549.1.1.8";
/** RFC 8410 section 3. */
const EDWARDS: Readonly<Record<string, string>> = { ed25519: "1.3.101.112", ed448: "1.3.101.113" };
/** The default of RSASSA-PSS, RFC 8017 appendix A.2.3. */
const DEFAULT_SALT = 20;
/** Sizes up to which SHA-256 and SHA-384 are as strong as a key. */
const RSA_LIMITS = [3072, 7680] as const;
const CURVE_LIMITS = [256, 384] as const;

/** Signs what makes a certificate, CRL or request together with its signature, RFC 5280 section 4.1.1. */
export class Signer {
  /** The AlgorithmIdentifier, which certificates and CRLs have inside, too. */
  readonly algorithm: Der;
  readonly #scheme: Scheme;

  /** @throws {PkiError} for a key that does not sign in this way */
  constructor(
    private readonly key: KeyObject,
    options: SignatureOptions,
  ) {
    [this.#scheme, this.algorithm] = choose(key, options);
  }

  /** @throws {PkiError} where the key is too small for it */
  sign(octets: Uint8Array): Buffer {
    const { digest } = this.#scheme;
    return attempt("signing failed", () => sign(nodeDigest(digest), octets, { key: this.key, ...padding(this.#scheme) }));
  }
}

/** Whether a signature is right; false for algorithms that are not known, too. */
export function isSignatureOf(key: KeyObject, algorithm: Der, octets: Uint8Array, signature: Uint8Array): boolean {
  const scheme = schemeOf(key, algorithm);
  if (scheme === undefined) return false;
  return verify(nodeDigest(scheme.digest), octets, { key, ...padding(scheme) }, signature);
}

/** RSASSA-PKCS1-v1_5 with a digest, as an AlgorithmIdentifier. */
export const rsaAlgorithm = (digest: Digest): Der => sequence(objectIdentifier(PKCS1[digest]), nullValue());

export const digestOid = (digest: Digest): string => HASHES[digest][0];

/** The digest of an OID, undefined for one that is not known. */
export const digestOf = (oid: string): Digest | undefined => DIGESTS.find((each) => HASHES[each][0] === oid);

function choose(key: KeyObject, { digest, rsaPadding }: SignatureOptions): readonly [Scheme, Der] {
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const chosen = digest ?? bySize(key.asymmetricKeyDetails?.modulusLength ?? 0, RSA_LIMITS);
      if (rsaPadding === "pkcs1") return [{ digest: chosen, saltBytes: undefined }, rsaAlgorithm(chosen)];
      return [{ digest: chosen, saltBytes: HASHES[chosen][1] }, pssAlgorithm(chosen)];
    }
    case "ec": {
      const chosen = digest ?? bySize(curveBits(key), CURVE_LIMITS);
      const oid = ECDSA[chosen];
      if (oid === undefined) throw new PkiError(`ECDSA keys do not sign with ${chosen}`);
      return [{ digest: chosen, saltBytes: undefined }, sequence(objectIdentifier(oid))];
    }
    default: {
      const oid = EDWARDS[key.asymmetricKeyType ?? ""];
      if (oid === undefined) throw new PkiError(`keys of type ${key.asymmetricKeyType} do not sign`);
      if (digest !== undefined) throw new PkiError(`${key.asymmetricKeyType} keys have a digest of their own, not ${digest}`);
      return [{ digest: undefined, saltBytes: undefined }, sequence(objectIdentifier(oid))];
    }
  }
}

function bySize(bits: number, [first, second]: readonly [number, number]): Digest {
  if (bits <= first) return "sha256";
  return bits <= second ? "sha384" : "sha512";
}

/** The curve's size is in its name: prime256v1, secp384r1. */
function curveBits(key: KeyObject): number {
  return Number(/\d{3}/.exec(key.asymmetricKeyDetails?.namedCurve ?? "")?.[0] ?? 0);
}

/** Without the fields that have their default. */
function pssAlgorithm(digest: Digest): Der {
  const [oid, bytes] = HASHES[digest];
  const hash = (): Der => sequence(objectIdentifier(oid), nullValue());
  const parameters =
    digest === "sha1"
      ? []
      : [tagged(0, [hash()]), tagged(1, [sequence(objectIdentifier(MGF1), hash())]), tagged(2, [integer(bytes)])];
  return sequence(objectIdentifier(PSS), sequence(...parameters));
}

function schemeOf(key: KeyObject, algorithm: Der): Scheme | undefined {
  const [type, parameters] = children(algorithm) as [Der, Der | undefined];
  const oid = oidOf(type);
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return oid === PSS ? pssScheme(parameters) : byOid(PKCS1, oid);
    case "ec":
      return byOid(ECDSA, oid);
    default:
      return EDWARDS[key.asymmetricKeyType ?? ""] === oid ? { digest: undefined, saltBytes: undefined } : undefined;
  }
}

function pssScheme(parameters: Der | undefined): Scheme | undefined {
  const fields = parameters === undefined ? [] : children(parameters);
  const hash = fields.find((field) => isTagged(field, 0));
  const salt = fields.find((field) => isTagged(field, 2));
  const oid = hash === undefined ? HASHES.sha1[0] : oidOf(children(children(hash)[0]!)[0]!);
  const digest = DIGESTS.find((each) => HASHES[each][0] === oid);
  const octets = salt === undefined ? undefined : octetsOf(children(salt)[0]!);
  return digest && { digest, saltBytes: octets === undefined ? DEFAULT_SALT : octets.readUIntBE(0, Math.min(octets.length, 4)) };
}

function byOid(table: Readonly<Partial<Record<Digest, string>>>, oid: string): Scheme | undefined {
  const digest = DIGESTS.find((each) => table[each] === oid);
  return digest && { digest, saltBytes: undefined };
}

function nodeDigest(digest: Digest | undefined): string | undefined {
  return digest?.replace("_", "-");
}

function padding({ saltBytes }: Scheme): { readonly padding?: number; readonly saltLength?: number } {
  return saltBytes === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes };
}
