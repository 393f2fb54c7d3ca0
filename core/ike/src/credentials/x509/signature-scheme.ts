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

const { SHA1, SHA224, SHA256, SHA384, SHA512, SHA3_224, SHA3_256, SHA3_384, SHA3_512, IDENTITY } = HashAlgorithm;

/** A hash that PSS is used with. */
interface PssHash {
  readonly name: string;
  readonly hash: HashAlgorithm;
  readonly digest: SignatureParameters["digest"];
  /** Last digit of the hash's OID, 2.16.840.1.101.3.4.2. */
  readonly arc: number;
}

const PSS_HASHES: readonly PssHash[] = [
  { name: "SHA2_256", hash: SHA256, digest: "sha256", arc: 1 },
  { name: "SHA2_384", hash: SHA384, digest: "sha384", arc: 2 },
  { name: "SHA2_512", hash: SHA512, digest: "sha512", arc: 3 },
];

/** Octets of salt where the parameters name none. */
const DEFAULT_SALT = 20;

/** DER of less than 128 octets, in hexadecimal digits. */
const tagged = (tag: string, content: string): string => tag + (content.length / 2).toString(16).padStart(2, "0") + content;

/** RSASSA-PSS with one hash for message and mask, RFC 4055 section 3.1. */
function pss({ name, hash, digest, arc }: PssHash, saltBytes: number): SignatureScheme {
  const inner = `300d060960864801650304020${arc}0500`;
  const salt = saltBytes.toString(16).padStart(saltBytes < 0x80 ? 2 : 4, "0");
  // DER leaves a default out.
  const saltLength = saltBytes === DEFAULT_SALT ? "" : tagged("a2", tagged("02", salt));
  const parameters = tagged("30", `a00f${inner}a11c301a06092a864886f70d010108${inner}${saltLength}`);
  const identifier = tagged("30", `06092a864886f70d01010a${parameters}`);
  return scheme(`RSA_EMSA_PSS_${name}_SALT_${saltBytes}`, "RSA", hash, digest, identifier, saltBytes);
}

/** The parameters of RSASSA-PSS: hash, the same for the mask, and the length of the salt. */
const PSS =
  /^30..06092a864886f70d01010a30..a00f300d060960864801650304020(?<arc>[123])0500a11c301a06092a864886f70d010108300d060960864801650304020\k<arc>0500(?:a2..02..(?<salt>..|....))?$/;

/** PSS with a salt of any length: OpenSSL's is as long as there is room unless it is told otherwise. */
function pssOf(identifier: string): SignatureScheme | undefined {
  const { arc, salt } = PSS.exec(identifier)?.groups ?? {};
  const hash = PSS_HASHES.find((each) => String(each.arc) === arc);
  const saltBytes = salt === undefined ? DEFAULT_SALT : parseInt(salt, 16);
  if (!hash || saltBytes === 0 || saltBytes > 0x7fff) return undefined;
  const found = pss(hash, saltBytes);
  // What is encoded in another way is not DER.
  return hexOf(found.algorithmIdentifier) === identifier ? found : undefined;
}

const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** All schemes, within a kind of key from the weakest hash to the strongest. SHA-3 is of certificates alone: IKE has no numbers for it. */
const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  scheme("RSA_EMSA_PKCS1_SHA1", "RSA", SHA1, "sha1", "300d06092a864886f70d0101050500"),
  scheme("RSA_EMSA_PKCS1_SHA2_224", "RSA", SHA224, "sha224", "300d06092a864886f70d01010e0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_256", "RSA", SHA256, "sha256", "300d06092a864886f70d01010b0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_384", "RSA", SHA384, "sha384", "300d06092a864886f70d01010c0500"),
  scheme("RSA_EMSA_PKCS1_SHA2_512", "RSA", SHA512, "sha512", "300d06092a864886f70d01010d0500"),
  // The salt is as long as the hash, RFC 7427 section 3.
  ...PSS_HASHES.map((hash, i) => pss(hash, 32 + 16 * i)),
  scheme("RSA_EMSA_PKCS1_SHA3_224", "RSA", SHA3_224, "sha3-224", "300d060960864801650304030d0500"),
  scheme("RSA_EMSA_PKCS1_SHA3_256", "RSA", SHA3_256, "sha3-256", "300d060960864801650304030e0500"),
  scheme("RSA_EMSA_PKCS1_SHA3_384", "RSA", SHA3_384, "sha3-384", "300d060960864801650304030f0500"),
  scheme("RSA_EMSA_PKCS1_SHA3_512", "RSA", SHA3_512, "sha3-512", "300d06096086480165030403100500"),
  scheme("ECDSA_WITH_SHA1_DER", "ECDSA", SHA1, "sha1", "300906072a8648ce3d0401"),
  scheme("ECDSA_WITH_SHA224_DER", "ECDSA", SHA224, "sha224", "300a06082a8648ce3d040301"),
  scheme("ECDSA_WITH_SHA256_DER", "ECDSA", SHA256, "sha256", "300a06082a8648ce3d040302"),
  scheme("ECDSA_WITH_SHA384_DER", "ECDSA", SHA384, "sha384", "300a06082a8648ce3d040303"),
  scheme("ECDSA_WITH_SHA512_DER", "ECDSA", SHA512, "sha512", "300a06082a8648ce3d040304"),
  scheme("ECDSA_WITH_SHA3_224_DER", "ECDSA", SHA3_224, "sha3-224", "300b0609608648016503040309"),
  scheme("ECDSA_WITH_SHA3_256_DER", "ECDSA", SHA3_256, "sha3-256", "300b060960864801650304030a"),
  scheme("ECDSA_WITH_SHA3_384_DER", "ECDSA", SHA3_384, "sha3-384", "300b060960864801650304030b"),
  scheme("ECDSA_WITH_SHA3_512_DER", "ECDSA", SHA3_512, "sha3-512", "300b060960864801650304030c"),
  scheme("ED25519", "ED25519", IDENTITY, undefined, "300506032b6570"),
  scheme("ED448", "ED448", IDENTITY, undefined, "300506032b6571"),
];

const BY_IDENTIFIER = new Map(SIGNATURE_SCHEMES.map((each) => [hexOf(each.algorithmIdentifier), each]));

/** The scheme of a DER AlgorithmIdentifier, undefined for an unknown one. */
export function schemeOf(algorithmIdentifier: Uint8Array): SignatureScheme | undefined {
  const identifier = hexOf(algorithmIdentifier);
  return BY_IDENTIFIER.get(identifier) ?? pssOf(identifier);
}

/** The scheme of this kind, hash and padding. */
export function findScheme(kind: KeyKind, hash: HashAlgorithm, isPss = false): SignatureScheme | undefined {
  return SIGNATURE_SCHEMES.find((each) => each.kind === kind && each.hash === hash && each.isPss === isPss);
}
