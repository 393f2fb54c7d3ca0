import { CryptoRegistry } from "./crypto.js";
import type { KeyProvider } from "./key-provider.js";
import type { Aead, Crypter, Hasher, KeyExchange, NonceGen, Prf, Rng, Signer, Xof } from "./crypto.js";
import * as feature from "./feature.js";
import type { FeatureRef, KdfAlgorithm, RngQuality, XofAlgorithm } from "./feature.js";
import type { Feature } from "./plugin.js";

/** What a crypto feature may state beside its algorithm. */
export interface Needs {
  readonly depends?: readonly FeatureRef[];
  readonly softDepends?: readonly FeatureRef[];
}

/**
 * Features that provide algorithms, one line each:
 * `features: () => [provideHasher(HashAlgorithm.SHA1, () => new Sha1Hasher())]`.
 *
 * `create` runs once per thread, at registration. It gets the registry, to build upon other algorithms it declared in `depends`.
 */
type Create<T> = (registry: CryptoRegistry) => T;

export const provideHasher = (id: number, create: Create<Hasher>, needs: Needs = {}): Feature => ({
  provides: feature.hasher(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addHasher(plugin, id, create(registry));
  },
});

export const providePrf = (id: number, create: Create<Prf>, needs: Needs = {}): Feature => ({
  provides: feature.prf(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addPrf(plugin, id, create(registry));
  },
});

export const provideSigner = (id: number, create: Create<Signer>, needs: Needs = {}): Feature => ({
  provides: feature.signer(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addSigner(plugin, id, create(registry));
  },
});

export const provideCrypter = (id: number, keyBytes: number, create: Create<Crypter>, needs: Needs = {}): Feature => ({
  provides: feature.crypter(id, keyBytes),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addCrypter(plugin, id, keyBytes, create(registry));
  },
});

/** Keys and signatures, under one of the features that they cover, such as `PRIVKEY:RSA`. */
export const provideKeys = (provides: FeatureRef, keys: KeyProvider): Feature => ({
  provides,
  on: "both",
  register: ({ plugin, resolve }) => resolve(CryptoRegistry).addKeyProvider(plugin, keys),
});

/** `keyBytes` is the cipher's key without the salt, as in the feature's name. */
export const provideAead = (id: number, keyBytes: number, create: Create<Aead>, needs: Needs = {}): Feature => ({
  provides: feature.aead(id, keyBytes),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addAead(plugin, id, keyBytes, create(registry));
  },
});

export const provideKeyExchange = (id: number, create: Create<KeyExchange>, needs: Needs = {}): Feature => ({
  provides: feature.keyExchange(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addKeyExchange(plugin, id, create(registry));
  },
});

export const provideXof = (id: XofAlgorithm, create: Create<Xof>, needs: Needs = {}): Feature => ({
  provides: feature.xof(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addXof(plugin, id, create(registry));
  },
});

export const provideKdf = (id: KdfAlgorithm, needs: Needs = {}): Feature => ({
  provides: feature.kdf(id),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => resolve(CryptoRegistry).addKdf(plugin, id),
});

export const provideRng = (quality: RngQuality, create: Create<Rng>, needs: Needs = {}): Feature => ({
  provides: feature.rng(quality),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addRng(plugin, create(registry));
  },
});

export const provideNonceGen = (create: Create<NonceGen>, needs: Needs = {}): Feature => ({
  provides: feature.nonceGen(),
  on: "both",
  ...needs,
  register: ({ plugin, resolve }) => {
    const registry = resolve(CryptoRegistry);
    return registry.addNonceGen(plugin, create(registry));
  },
});
