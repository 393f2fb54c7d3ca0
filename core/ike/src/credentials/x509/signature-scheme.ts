import type { KeyKind, SignatureParameters } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";

/** A way to sign: key, hash and padding, with its AlgorithmIdentifier of RFC 7427 appendix A, which certificates have too. */
export interface SignatureScheme extends SignatureParameters {
  /** As log lines print it. */
  readonly name: string;
  readonly kind: KeyKind;
  readonly isPss: boolean;
  readonly hash: HashAlgorithm;
  readonly algorithmIdentifier: Uint8Array;
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

function scheme(
  name: string,
  kind: KeyKind,
  hash: HashAlgorithm,
  digest: SignatureParameters["digest"],
  identifier: string,
  saltBytes = 0,
): SignatureScheme {
  return { name, kind, isPss: saltBytes > 0, hash, digest, saltBytes, algorithmIdentifier: hex(identifier) };
}

const { SHA1, SHA224, SHA256, SHA384, SHA512, IDENTITY } = HashAlgorithm;

function pss(
  name: string,
  hash: HashAlgorithm,
  digest: SignatureParameters["digest"],
  arc: string,
  saltBytes: number,
): SignatureScheme {
  const inner = `300d060960864801650304020${arc}0500`;
  const salt = saltBytes.toString(16).padStart(2, "0");
  const identifier = `304106092a864886f70d01010a3034a00f${inner}a11c301a06092a864886f70d010108${inner}a2030201${salt}`;
  return scheme(name, "RSA", hash, digest, identifier, saltBytes);
}

/** All schemes, within a kind of key from the weakest hash to the strongest. */
export const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  scheme("RSA_EMSA_PKCS1_SHA1", "RSA", SHA1, "sha1", "300d06092a864886f70d0101050500"),
  scheme("RSA_EMSA_PKCS1_SHA2_224", "RSA", SHA224, "sha224", "300d06092a864886f70d01010e0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_256", "RSA", SHA256, "sha256", "300d06092a864886f70d01010b0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_384", "RSA", SHA384, "sha384", "300d06092a864886f70d01010c0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_512", "RSA", SHA512, "sha512", "300d06092a864886f70d01010d0500"),
  pss("RSA_EMSA_PSS_SHA2_256_SALT_32", SHA256, "sha256", "1", 32),
  pss("RSA_EMSA_PSS_SHA2_384_SALT_48", SHA384, "sha384", "2", 48),
  pss("RSA_EMSA_PSS_SHA2_512_SALT_64", SHA512, "sha512", "3", 64),
  scheme("ECDSA_WITH_SHA1_DER", "ECDSA", SHA1, "sha1", "300906072a8648ce3d0401"),
  scheme("ECDSA_WITH_SHA224_DER", "ECDSA", SHA224, "sha224", "300a06082a8648ce3d040301"),
  scheme("ECDSA_WITH_SHA256_DER", "ECDSA", SHA256, "sha256", "300a06082a8648ce3d040302"),
  scheme("ECDSA_WITH_SHA384_DER", "ECDSA", SHA384, "sha384", "300a06082a8648ce3d040303"),
  scheme("ECDSA_WITH_SHA512_DER", "ECDSA", SHA512, "sha512", "300a06082a8648ce3d040304"),
  scheme("ED25519", "ED25519", IDENTITY, undefined, "300506032b6570"),
  scheme("ED448", "ED448", IDENTITY, undefined, "300506032b6571"),
];

const BY_IDENTIFIER = new Map(SIGNATURE_SCHEMES.map((each) => [Buffer.from(each.algorithmIdentifier).toString("hex"), each]));

/** The scheme of a DER AlgorithmIdentifier, undefined for an unknown one. */
export function schemeOf(algorithmIdentifier: Uint8Array): SignatureScheme | undefined {
  return BY_IDENTIFIER.get(Buffer.from(algorithmIdentifier).toString("hex"));
}

/** The scheme of this kind, hash and padding. */
export function findScheme(kind: KeyKind, hash: HashAlgorithm, isPss = false): SignatureScheme | undefined {
  return SIGNATURE_SCHEMES.find((each) => each.kind === kind && each.hash === hash && each.isPss === isPss);
}
