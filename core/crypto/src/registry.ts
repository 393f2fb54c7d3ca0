import {
  encryptionName,
  hashName,
  integrityName,
  KdfAlgorithm,
  keyExchangeName,
  LogGroup,
  PluginError,
  prfName,
  RngQuality,
  XofAlgorithm,
} from "@cygnet/plugin-api";
import type {
  Aead,
  Crypter,
  CryptoRegistry,
  Hasher,
  KeyExchange,
  KeyProvider,
  Logger,
  NonceGen,
  Prf,
  RegisteredAlgorithm,
  Rng,
  Signer,
  Xof,
} from "@cygnet/plugin-api";
import type { SupportedAlgorithm, SupportedAlgorithms } from "./proposal/default-proposals.js";
import { ProviderTable } from "./provider-table.js";
import type { Provider } from "./provider-table.js";
import { NOT_APPLICABLE, testAead, testCrypter, testHasher, testKeyExchange, testPrf, testSigner, testXof } from "./self-test.js";
import type { SelfTestResult, TestVectors } from "./self-test.js";

/** How a registry tests what it is given. */
export interface RegistryOptions {
  readonly vectors: TestVectors;
  /** `charon.crypto_test.required`: refuse algorithms that no vector applies to. */
  readonly requireVectors?: boolean;
  /** Gets the results in group LIB: failures at level 1, passes at level 2. */
  readonly logger?: Logger | undefined;
}

type Kind = RegisteredAlgorithm["kind"];

/**
 * The algorithms of one shard.
 *
 * Providers are used in order of registration; a later one takes over when an earlier one is unloaded. Each is run against the
 * known answers before it is accepted. Lookups are one map access.
 */
export class AlgorithmRegistry implements CryptoRegistry {
  readonly #hashers = new ProviderTable<Hasher>();
  readonly #prfs = new ProviderTable<Prf>();
  readonly #signers = new ProviderTable<Signer>();
  readonly #crypters = new ProviderTable<Crypter>();
  readonly #aeads = new ProviderTable<Aead>();
  readonly #keyExchanges = new ProviderTable<KeyExchange>();
  readonly #xofs = new ProviderTable<Xof>();
  /** Who says so; there is nothing to call. */
  readonly #kdfs = new ProviderTable<{ readonly plugin: string }>();
  readonly #rngs = new ProviderTable<Rng>();
  readonly #nonceGens = new ProviderTable<NonceGen>();
  readonly #keyProviders = new ProviderTable<KeyProvider>();
  readonly #options: RegistryOptions;
  #generation = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Rises with every change, so that what was resolved from the registry knows when to look again. */
  get generation(): number {
    return this.#generation;
  }

  addHasher(plugin: string, id: number, hasher: Hasher): () => void {
    this.#test(plugin, hashName(id), this.#options.vectors.hasher, id, 0, (vector) => testHasher(hasher, vector));
    return this.#add(this.#hashers, plugin, id, 0, hasher);
  }

  addPrf(plugin: string, id: number, prf: Prf): () => void {
    this.#test(plugin, prfName(id), this.#options.vectors.prf, id, 0, (vector) => testPrf(prf, vector));
    return this.#add(this.#prfs, plugin, id, 0, prf);
  }

  addSigner(plugin: string, id: number, signer: Signer): () => void {
    this.#test(plugin, integrityName(id), this.#options.vectors.signer, id, 0, (vector) => testSigner(signer, vector));
    return this.#add(this.#signers, plugin, id, 0, signer);
  }

  addCrypter(plugin: string, id: number, keyBytes: number, crypter: Crypter): () => void {
    const name = `${encryptionName(id)}-${keyBytes * 8}`;
    this.#test(plugin, name, this.#options.vectors.crypter, id, keyBytes, (vector) => testCrypter(crypter, vector));
    return this.#add(this.#crypters, plugin, id, keyBytes, crypter);
  }

  addAead(plugin: string, id: number, keyBytes: number, aead: Aead): () => void {
    const name = `${encryptionName(id)}-${keyBytes * 8}`;
    this.#test(plugin, name, this.#options.vectors.aead, id, keyBytes, (vector) => testAead(aead, vector));
    return this.#add(this.#aeads, plugin, id, keyBytes, aead);
  }

  addKeyExchange(plugin: string, id: number, keyExchange: KeyExchange): () => void {
    const vectors = this.#options.vectors.keyExchange;
    this.#test(plugin, keyExchangeName(id), vectors, id, 0, (vector) => testKeyExchange(keyExchange, vector));
    return this.#add(this.#keyExchanges, plugin, id, 0, keyExchange);
  }

  addXof(plugin: string, id: XofAlgorithm, xof: Xof): () => void {
    this.#test(plugin, XofAlgorithm[id], this.#options.vectors.xof, id, 0, (vector) => testXof(xof, vector));
    return this.#add(this.#xofs, plugin, id, 0, xof);
  }

  addKdf(plugin: string, id: KdfAlgorithm): () => void {
    return this.#add(this.#kdfs, plugin, id, 0, { plugin });
  }

  addRng(plugin: string, rng: Rng): () => void {
    return this.#add(this.#rngs, plugin, rng.quality, 0, rng);
  }

  addNonceGen(plugin: string, nonceGen: NonceGen): () => void {
    return this.#add(this.#nonceGens, plugin, 0, 0, nonceGen);
  }

  addKeyProvider(plugin: string, keys: KeyProvider): () => void {
    return this.#add(this.#keyProviders, plugin, 0, 0, keys);
  }

  hasher(id: number): Hasher | undefined {
    return this.#hashers.get(id, 0);
  }

  prf(id: number): Prf | undefined {
    return this.#prfs.get(id, 0);
  }

  signer(id: number): Signer | undefined {
    return this.#signers.get(id, 0);
  }

  crypter(id: number, keyBytes: number): Crypter | undefined {
    return this.#crypters.get(id, keyBytes);
  }

  aead(id: number, keyBytes: number): Aead | undefined {
    return this.#aeads.get(id, keyBytes);
  }

  keyExchange(id: number): KeyExchange | undefined {
    return this.#keyExchanges.get(id, 0);
  }

  xof(id: XofAlgorithm): Xof | undefined {
    return this.#xofs.get(id, 0);
  }

  rng(quality: RngQuality): Rng | undefined {
    for (const { algorithm } of this.#rngs.all()) if (algorithm.quality >= quality) return algorithm;
    return undefined;
  }

  nonceGen(): NonceGen | undefined {
    return this.#nonceGens.get(0, 0);
  }

  keyProvider(): KeyProvider {
    const keys = this.#keyProviders.get(0, 0);
    if (!keys) throw new PluginError("CYG_CERT_PROVIDER", "keys", "no loaded plugin provides keys and signatures, load openssl");
    return keys;
  }

  list(): readonly RegisteredAlgorithm[] {
    return [
      ...rows("encryption", this.#crypters, encryptionName),
      ...rows("integrity", this.#signers, integrityName),
      ...rows("aead", this.#aeads, encryptionName),
      ...rows("hasher", this.#hashers, hashName),
      ...rows("prf", this.#prfs, prfName),
      ...rows("xof", this.#xofs, (id) => XofAlgorithm[id]!),
      ...rows("kdf", this.#kdfs, (id) => KdfAlgorithm[id]!),
      ...rows("dh-group", this.#keyExchanges, keyExchangeName),
      ...rows("random-gen", this.#rngs, (quality) => `RNG_${RngQuality[quality]}`),
      ...rows("nonce-gen", this.#nonceGens, () => ""),
    ];
  }

  /** What can be negotiated, for the built-in proposals. A snapshot. */
  supported(): SupportedAlgorithms {
    return {
      crypters: supportedOf(this.#crypters),
      aeads: supportedOf(this.#aeads),
      signers: supportedOf(this.#signers),
      prfs: supportedOf(this.#prfs),
      keyExchanges: supportedOf(this.#keyExchanges),
    };
  }

  #add<T>(table: ProviderTable<T>, plugin: string, id: number, keyBytes: number, algorithm: T): () => void {
    const undo = table.add({ plugin, id, keyBytes, algorithm });
    this.#generation++;
    return () => {
      undo();
      this.#generation++;
    };
  }

  #test<V extends TestedVector>(
    plugin: string,
    name: string,
    vectors: readonly V[],
    id: number,
    keyBytes: number,
    run: (vector: V) => SelfTestResult,
  ): void {
    let passed = 0;
    for (const vector of vectors) {
      if (vector.id !== id || (keyBytes !== 0 && vectorKeyBytes(vector) !== keyBytes)) continue;
      let result: SelfTestResult;
      let cause: unknown = undefined;
      try {
        result = run(vector);
      } catch (error) {
        // Whatever a provider throws on valid input means the same as a wrong answer.
        result = error instanceof Error ? error.message : String(error);
        cause = error;
      }
      if (result === NOT_APPLICABLE) continue;
      if (result !== undefined) this.#refuse(plugin, name, `${vector.source} test vector failed (${result})`, cause);
      passed++;
    }
    if (passed > 0) this.#log(2, `enabled  ${name}[${plugin}]: passed ${passed} test vectors`);
    else if (this.#options.requireVectors === true) this.#refuse(plugin, name, "no test vectors found");
    else this.#log(2, `enabled  ${name}[${plugin}]: no test vectors found`);
  }

  #refuse(plugin: string, name: string, reason: string, cause?: unknown): never {
    this.#log(1, `disabled ${name}[${plugin}]: ${reason}`);
    const message = `plugin '${plugin}': ${name} is not usable: ${reason}`;
    throw new PluginError("CYG_CRYPTO_SELF_TEST", plugin, message, { cause });
  }

  #log(level: number, message: string): void {
    const { logger } = this.#options;
    if (logger?.enabled(LogGroup.LIB, level)) logger.log(LogGroup.LIB, level, message);
  }
}

/** What all vectors have, and what says for which key size one of a cipher is. */
interface TestedVector {
  readonly id: number;
  readonly source: string;
  readonly keyBytes?: number;
  readonly key?: string;
}

/** The size by which the vector's algorithm is registered: what it says, else the length of its key. */
function vectorKeyBytes(vector: TestedVector): number {
  return vector.keyBytes ?? (vector.key ?? "").length / 2;
}

/** One row per algorithm: the provider of its first registration that is in use. */
function rows<T>(kind: Kind, table: ProviderTable<T>, name: (id: number) => string): RegisteredAlgorithm[] {
  const seen = new Set<number>();
  const result: RegisteredAlgorithm[] = [];
  for (const { id, plugin } of table.inUse()) {
    if (seen.has(id)) continue;
    seen.add(id);
    result.push({ kind, name: name(id), plugin });
  }
  return result;
}

function supportedOf<T>(table: ProviderTable<T>): SupportedAlgorithm[] {
  return table.inUse().map(({ id, keyBytes }: Provider<T>) => ({ id, keyBytes }));
}
