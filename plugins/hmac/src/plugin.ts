import { HmacPrf, HmacSigner, NativeHasher } from "@cygnet/native";
import type { HmacHash } from "@cygnet/native";
import { definePlugin, hasher, PLUGIN_API, PluginError, providePrf, provideSigner } from "@cygnet/plugin-api";
import type { CryptoRegistry, Feature, Hasher, Prf, Signer } from "@cygnet/plugin-api";
import { HashAlgorithm, IntegrityAlgorithm, PseudoRandomFunction } from "@cygnet/wire";
import { GenericHmacPrf, GenericHmacSigner } from "./generic-hmac.js";

interface HashUse {
  readonly hash: HashAlgorithm;
  readonly native: HmacHash;
  readonly blockBytes: number;
  readonly prf: PseudoRandomFunction;
  /** Integrity algorithm and octets of its checksum. */
  readonly signers: readonly (readonly [IntegrityAlgorithm, number])[];
}

const HASHES: readonly HashUse[] = [
  {
    hash: HashAlgorithm.SHA1,
    native: "SHA1",
    blockBytes: 64,
    prf: PseudoRandomFunction.PRF_HMAC_SHA1,
    signers: [
      [IntegrityAlgorithm.AUTH_HMAC_SHA1_96, 12],
      [IntegrityAlgorithm.AUTH_HMAC_SHA1_128, 16],
      [IntegrityAlgorithm.AUTH_HMAC_SHA1_160, 20],
    ],
  },
  {
    hash: HashAlgorithm.MD5,
    native: "MD5",
    blockBytes: 64,
    prf: PseudoRandomFunction.PRF_HMAC_MD5,
    signers: [
      [IntegrityAlgorithm.AUTH_HMAC_MD5_96, 12],
      [IntegrityAlgorithm.AUTH_HMAC_MD5_128, 16],
    ],
  },
  {
    hash: HashAlgorithm.SHA256,
    native: "SHA256",
    blockBytes: 64,
    prf: PseudoRandomFunction.PRF_HMAC_SHA2_256,
    signers: [
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, 16],
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_256, 32],
    ],
  },
  {
    hash: HashAlgorithm.SHA384,
    native: "SHA384",
    blockBytes: 128,
    prf: PseudoRandomFunction.PRF_HMAC_SHA2_384,
    signers: [
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192, 24],
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_384, 48],
    ],
  },
  {
    hash: HashAlgorithm.SHA512,
    native: "SHA512",
    blockBytes: 128,
    prf: PseudoRandomFunction.PRF_HMAC_SHA2_512,
    signers: [
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256, 32],
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_512, 64],
    ],
  },
];

/** HMAC as PRFs and integrity algorithms, over whichever plugin provides the hash. */
export default definePlugin({
  name: "hmac",
  api: PLUGIN_API,
  features: () => [...HASHES.map(prfOf), ...HASHES.flatMap(signersOf)],
});

function prfOf(use: HashUse): Feature {
  const create = (registry: CryptoRegistry): Prf => {
    const base = hasherOf(registry, use);
    // The hash of this addon's OpenSSL has an HMAC there, with saved midstates.
    return base instanceof NativeHasher ? new HmacPrf(use.native) : new GenericHmacPrf(base, use.blockBytes);
  };
  return providePrf(use.prf, create, { depends: [hasher(use.hash)] });
}

function signersOf(use: HashUse): Feature[] {
  return use.signers.map(([id, icvBytes]) => {
    const create = (registry: CryptoRegistry): Signer => {
      const base = hasherOf(registry, use);
      return base instanceof NativeHasher
        ? new HmacSigner(use.native, icvBytes)
        : new GenericHmacSigner(base, use.blockBytes, icvBytes);
    };
    return provideSigner(id, create, { depends: [hasher(use.hash)] });
  });
}

function hasherOf(registry: CryptoRegistry, use: HashUse): Hasher {
  const base = registry.hasher(use.hash);
  if (base === undefined) throw new PluginError("CYG_CRYPTO_MISSING", "hmac", `no ${hasher(use.hash)} to build upon`);
  return base;
}
