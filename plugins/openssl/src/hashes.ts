import { HmacPrf, HmacSigner, IdentityHasher, KeyedSha1Prf, NativeHasher } from "@cygnet/native";
import type { HashName, HmacHash } from "@cygnet/native";
import { provideHasher, providePrf, provideSigner } from "@cygnet/plugin-api";
import type { Feature } from "@cygnet/plugin-api";
import { HashAlgorithm as Hash, IntegrityAlgorithm as Integrity, PseudoRandomFunction as Prf } from "@cygnet/wire";

const HASHES: readonly (readonly [Hash, HashName])[] = [
  [Hash.MD4, "MD4"],
  [Hash.MD5, "MD5"],
  [Hash.SHA1, "SHA1"],
  [Hash.SHA224, "SHA224"],
  [Hash.SHA256, "SHA256"],
  [Hash.SHA384, "SHA384"],
  [Hash.SHA512, "SHA512"],
  [Hash.SHA3_224, "SHA3-224"],
  [Hash.SHA3_256, "SHA3-256"],
  [Hash.SHA3_384, "SHA3-384"],
  [Hash.SHA3_512, "SHA3-512"],
];
const PRFS: readonly (readonly [Prf, HmacHash])[] = [
  [Prf.PRF_HMAC_MD5, "MD5"],
  [Prf.PRF_HMAC_SHA1, "SHA1"],
  [Prf.PRF_HMAC_SHA2_256, "SHA256"],
  [Prf.PRF_HMAC_SHA2_384, "SHA384"],
  [Prf.PRF_HMAC_SHA2_512, "SHA512"],
];
/** Algorithm, hash and octets of the checksum. */
const SIGNERS: readonly (readonly [Integrity, HmacHash, number])[] = [
  [Integrity.AUTH_HMAC_MD5_96, "MD5", 12],
  [Integrity.AUTH_HMAC_MD5_128, "MD5", 16],
  [Integrity.AUTH_HMAC_SHA1_96, "SHA1", 12],
  [Integrity.AUTH_HMAC_SHA1_128, "SHA1", 16],
  [Integrity.AUTH_HMAC_SHA1_160, "SHA1", 20],
  [Integrity.AUTH_HMAC_SHA2_256_128, "SHA256", 16],
  [Integrity.AUTH_HMAC_SHA2_256_256, "SHA256", 32],
  [Integrity.AUTH_HMAC_SHA2_384_192, "SHA384", 24],
  [Integrity.AUTH_HMAC_SHA2_384_384, "SHA384", 48],
  [Integrity.AUTH_HMAC_SHA2_512_256, "SHA512", 32],
  [Integrity.AUTH_HMAC_SHA2_512_512, "SHA512", 64],
];

/** Hashes, PRFs and integrity algorithms in strongSwan's order. */
export const hashers = (): Feature[] => HASHES.map(([id, name]) => provideHasher(id, () => new NativeHasher(name)));

export const macs = (): Feature[] => [
  providePrf(Prf.PRF_KEYED_SHA1, () => new KeyedSha1Prf()),
  ...PRFS.map(([id, hash]) => providePrf(id, () => new HmacPrf(hash))),
  ...SIGNERS.map(([id, hash, icvBytes]) => provideSigner(id, () => new HmacSigner(hash, icvBytes))),
];

/** Stated by signature schemes that hash the message themselves. */
export const identityHasher = (): Feature => provideHasher(Hash.IDENTITY, () => new IdentityHasher());
