import { encryptionName, hashName, integrityName, keyExchangeName, prfName } from "./algorithm-names.js";

/** strongSwan's feature types, as `stroke listplugins` prints them. */
export type FeatureType =
  | "CRYPTER"
  | "AEAD"
  | "SIGNER"
  | "HASHER"
  | "PRF"
  | "XOF"
  | "DRBG"
  | "KDF"
  | "KE"
  | "RNG"
  | "NONCE_GEN"
  | "PRIVKEY"
  | "PRIVKEY_GEN"
  | "PRIVKEY_SIGN"
  | "PRIVKEY_DECRYPT"
  | "PUBKEY"
  | "PUBKEY_VERIFY"
  | "PUBKEY_ENCRYPT"
  | "CERT_DECODE"
  | "CERT_ENCODE"
  | "CONTAINER_DECODE"
  | "CONTAINER_ENCODE"
  | "EAP_SERVER"
  | "EAP_PEER"
  | "XAUTH_SERVER"
  | "XAUTH_PEER"
  | "DATABASE"
  | "FETCHER"
  | "RESOLVER"
  | "CUSTOM";

/** Quality of random numbers; a better one satisfies a dependency on a lesser one. */
export enum RngQuality {
  WEAK = 0,
  STRONG = 1,
  TRUE = 2,
}

/** Extendable output functions; the numbers are ours. */
export enum XofAlgorithm {
  XOF_SHAKE128 = 1,
  XOF_SHAKE256 = 2,
}

/** Key derivation functions; the numbers are ours. */
export enum KdfAlgorithm {
  KDF_PRF = 1,
  KDF_PRF_PLUS = 2,
}

/**
 * Names something a plugin provides or needs. Equal features have equal `toString()`, which is strongSwan's notation:
 * `CRYPTER:AES_CBC-16` (key size in octets), `HASHER:HASH_SHA1`, `RNG:RNG_STRONG`, `NONCE_GEN`, `CUSTOM:socket`.
 */
export interface FeatureRef {
  readonly type: FeatureType;
  readonly name: string;
  /** Algorithm number for crypto features, RNG quality for RNGs; undefined for the rest. */
  readonly id?: number;
  /** Key size in octets of crypters and AEADs. */
  readonly keyBytes?: number;
  toString(): string;
}

class Ref implements FeatureRef {
  constructor(
    readonly type: FeatureType,
    readonly name: string,
    readonly id?: number,
    readonly keyBytes?: number,
  ) {}

  toString(): string {
    if (this.name === "") return this.type;
    return `${this.type}:${this.name}${this.keyBytes === undefined ? "" : `-${this.keyBytes}`}`;
  }
}

export const crypter = (id: number, keyBytes: number): FeatureRef => new Ref("CRYPTER", encryptionName(id), id, keyBytes);
export const aead = (id: number, keyBytes: number): FeatureRef => new Ref("AEAD", encryptionName(id), id, keyBytes);
export const signer = (id: number): FeatureRef => new Ref("SIGNER", integrityName(id), id);
export const hasher = (id: number): FeatureRef => new Ref("HASHER", hashName(id), id);
export const prf = (id: number): FeatureRef => new Ref("PRF", prfName(id), id);
export const keyExchange = (id: number): FeatureRef => new Ref("KE", keyExchangeName(id), id);
export const rng = (quality: RngQuality): FeatureRef => new Ref("RNG", `RNG_${RngQuality[quality]}`, quality);
export const nonceGen = (): FeatureRef => new Ref("NONCE_GEN", "");
export const xof = (id: XofAlgorithm): FeatureRef => new Ref("XOF", XofAlgorithm[id], id);
export const kdf = (id: KdfAlgorithm): FeatureRef => new Ref("KDF", KdfAlgorithm[id], id);
/** Services that are no algorithm: `custom("socket")`, `custom("kernel-ipsec")`, or a plugin's own. */
export const custom = (name: string): FeatureRef => new Ref("CUSTOM", name);
/** Content from URIs that begin with a scheme: `fetcher("http://")`. */
export const fetcher = (scheme: string): FeatureRef => new Ref("FETCHER", scheme);
/** Any feature of the remaining types, by its printed name. */
export const feature = (type: FeatureType, name: string): FeatureRef => new Ref(type, name);

/** Whether a dependency is met by what is provided: equal, or an RNG of equal or better quality. */
export function satisfies(provided: FeatureRef, needed: FeatureRef): boolean {
  if (provided.type !== needed.type) return false;
  if (needed.type === "RNG") return (provided.id ?? 0) >= (needed.id ?? 0);
  if (needed.type === "DATABASE" && needed.name === "DB_ANY") return true;
  return provided.toString() === needed.toString();
}
