import {
  X509Certificate,
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signWith,
  verify as verifyWith,
} from "node:crypto";
import type { KeyObject, SignKeyObjectInput } from "node:crypto";
import { feature, provideKeys } from "@cygnet/plugin-api";
import type {
  EcdsaEncoding,
  Feature,
  KeyKind,
  KeyProvider,
  SignatureParameters,
  SigningKey,
  VerifyingKey,
} from "@cygnet/plugin-api";

const CURVE_BITS: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };
const EDWARDS_BITS = { ED25519: 256, ED448: 456 } as const;
const PEM_BEGIN = "-----BEGIN ";

const KINDS: readonly KeyKind[] = ["RSA", "ECDSA", "ED25519", "ED448"];

/** The features of asymmetric keys. */
export const keys = (): Feature[] => [
  ...KINDS.flatMap((kind) => [feature("PRIVKEY", kind), feature("PUBKEY", kind)]).map((each) => provideKeys(each, keyProvider)),
  provideKeys(feature("CERT_DECODE", "X509"), keyProvider),
];

/** Public keys that are kept read: OpenSSL's decoder takes a quarter of a millisecond, ten times as long as verifying a signature. */
const MAX_RECENT = 64;
/** By their octets, those that were used last at the end. */
const recentKeys = new Map<string, VerifyingKey>();

/** Keys, signatures and certificates by OpenSSL. */
export const keyProvider: KeyProvider = {
  publicKey(spki) {
    const octets = Buffer.from(spki).toString("latin1");
    const key = recentKeys.get(octets) ?? readPublicKey(spki);
    if (!key) return undefined;
    recentKeys.delete(octets);
    if (recentKeys.size >= MAX_RECENT) recentKeys.delete(recentKeys.keys().next().value!);
    recentKeys.set(octets, key);
    return key;
  },
  privateKey(data, passphrase) {
    const key = readPrivateKey(Buffer.from(data), passphrase && Buffer.from(passphrase));
    const kind = key && kindOf(key);
    return key && kind ? new OpensslPrivateKey(key, kind) : undefined;
  },
  isCertificate: (der) => attempt(() => new X509Certificate(der)) !== undefined,
  fingerprint: (hash, octets) => createHash(hash).update(octets).digest("hex"),
};

class OpensslPublicKey implements VerifyingKey {
  readonly bits: number;
  readonly #key: KeyObject;

  constructor(
    key: KeyObject,
    readonly kind: KeyKind,
  ) {
    this.#key = key;
    this.bits = bitsOf(key, kind);
  }

  verify(parameters: SignatureParameters, data: Uint8Array, signature: Uint8Array, encoding: EcdsaEncoding): boolean {
    // OpenSSL reports keys and signatures that do not go together as errors.
    return attempt(() => verifyWith(parameters.digest, data, inputOf(this.#key, parameters, encoding), signature)) === true;
  }
}

class OpensslPrivateKey implements SigningKey {
  readonly isPssOnly: boolean;
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  constructor(
    key: KeyObject,
    readonly kind: KeyKind,
  ) {
    this.#key = key;
    this.isPssOnly = key.asymmetricKeyType === "rsa-pss";
    this.publicKey = new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }));
  }

  toPkcs8(): Uint8Array {
    const exported = this.#key.export({ format: "der", type: "pkcs8" });
    const own = new Uint8Array(exported);
    exported.fill(0);
    return own;
  }

  /** In the thread pool. */
  sign(parameters: SignatureParameters, data: Uint8Array, encoding: EcdsaEncoding): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signWith(parameters.digest, data, inputOf(this.#key, parameters, encoding), (error, signature) => {
        if (error) reject(error);
        else resolve(signature);
      });
    });
  }
}

function inputOf(key: KeyObject, { saltBytes }: SignatureParameters, dsaEncoding: EcdsaEncoding): SignKeyObjectInput {
  if (saltBytes > 0) return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes };
  return key.asymmetricKeyType === "ec" ? { key, dsaEncoding } : { key };
}

function readPublicKey(spki: Uint8Array): VerifyingKey | undefined {
  const key = attempt(() => createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }));
  const kind = key && kindOf(key);
  return key && kind ? new OpensslPublicKey(key, kind) : undefined;
}

function readPrivateKey(data: Buffer, passphrase: Buffer | undefined): KeyObject | undefined {
  const secret = passphrase ? { passphrase } : {};
  if (data.includes(PEM_BEGIN)) return attempt(() => createPrivateKey({ key: data, format: "pem", ...secret }));
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    const key = attempt(() => createPrivateKey({ key: data, format: "der", type, ...secret }));
    if (key) return key;
  }
  return undefined;
}

function kindOf(key: KeyObject): KeyKind | undefined {
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    case "ed448":
      return "ED448";
    default:
      return undefined;
  }
}

function bitsOf({ asymmetricKeyDetails }: KeyObject, kind: KeyKind): number {
  if (kind === "RSA") return asymmetricKeyDetails?.modulusLength ?? 0;
  if (kind === "ECDSA") return CURVE_BITS[asymmetricKeyDetails?.namedCurve ?? ""] ?? 0;
  return EDWARDS_BITS[kind];
}

/** OpenSSL's reasons tell an operator little, and may tell something of a key: that it failed is enough. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
