import type {
  Aead,
  Crypter,
  CryptoRegistry,
  Hasher,
  KeyExchange,
  KeyProvider,
  NonceGen,
  Prf,
  RegisteredAlgorithm,
  Rng,
  RngQuality,
  Signer,
  KdfAlgorithm,
  Xof,
  XofAlgorithm,
} from "@cygnet/plugin-api";

export interface Recorded<T> {
  readonly plugin: string;
  readonly id: number;
  readonly keyBytes: number;
  readonly algorithm: T;
}

type Find<T> = (entry: Recorded<T>) => boolean;

/** A registry that takes everything untested and remembers it, for tests of plugins. */
export class RecordingRegistry implements CryptoRegistry {
  readonly hashers: Recorded<Hasher>[] = [];
  readonly prfs: Recorded<Prf>[] = [];
  readonly signers: Recorded<Signer>[] = [];
  readonly crypters: Recorded<Crypter>[] = [];
  readonly aeads: Recorded<Aead>[] = [];
  readonly keyExchanges: Recorded<KeyExchange>[] = [];
  readonly xofs: Recorded<Xof>[] = [];
  readonly kdfs: Recorded<undefined>[] = [];
  readonly rngs: Recorded<Rng>[] = [];
  readonly nonceGens: Recorded<NonceGen>[] = [];
  readonly keyProviders: Recorded<KeyProvider>[] = [];

  /** How many registrations have not been undone. */
  get size(): number {
    const tables = [
      this.hashers,
      this.prfs,
      this.signers,
      this.crypters,
      this.aeads,
      this.keyExchanges,
      this.xofs,
      this.kdfs,
      this.rngs,
      this.nonceGens,
      this.keyProviders,
    ];
    return tables.reduce((sum, table) => sum + table.length, 0);
  }

  addHasher = (plugin: string, id: number, algorithm: Hasher): (() => void) =>
    add(this.hashers, { plugin, id, keyBytes: 0, algorithm });
  addPrf = (plugin: string, id: number, algorithm: Prf): (() => void) => add(this.prfs, { plugin, id, keyBytes: 0, algorithm });
  addSigner = (plugin: string, id: number, algorithm: Signer): (() => void) =>
    add(this.signers, { plugin, id, keyBytes: 0, algorithm });
  addCrypter = (plugin: string, id: number, keyBytes: number, algorithm: Crypter): (() => void) =>
    add(this.crypters, { plugin, id, keyBytes, algorithm });
  addAead = (plugin: string, id: number, keyBytes: number, algorithm: Aead): (() => void) =>
    add(this.aeads, { plugin, id, keyBytes, algorithm });
  addKeyExchange = (plugin: string, id: number, algorithm: KeyExchange): (() => void) =>
    add(this.keyExchanges, { plugin, id, keyBytes: 0, algorithm });
  addXof = (plugin: string, id: XofAlgorithm, algorithm: Xof): (() => void) =>
    add(this.xofs, { plugin, id, keyBytes: 0, algorithm });
  addKdf = (plugin: string, id: KdfAlgorithm): (() => void) => add(this.kdfs, { plugin, id, keyBytes: 0, algorithm: undefined });
  addRng = (plugin: string, algorithm: Rng): (() => void) =>
    add(this.rngs, { plugin, id: algorithm.quality, keyBytes: 0, algorithm });
  addNonceGen = (plugin: string, algorithm: NonceGen): (() => void) =>
    add(this.nonceGens, { plugin, id: 0, keyBytes: 0, algorithm });
  addKeyProvider = (plugin: string, algorithm: KeyProvider): (() => void) =>
    add(this.keyProviders, { plugin, id: 0, keyBytes: 0, algorithm });

  hasher = (id: number): Hasher | undefined => first(this.hashers, (entry) => entry.id === id);
  prf = (id: number): Prf | undefined => first(this.prfs, (entry) => entry.id === id);
  signer = (id: number): Signer | undefined => first(this.signers, (entry) => entry.id === id);
  crypter = (id: number, keyBytes: number): Crypter | undefined =>
    first(this.crypters, (entry) => entry.id === id && entry.keyBytes === keyBytes);
  aead = (id: number, keyBytes: number): Aead | undefined =>
    first(this.aeads, (entry) => entry.id === id && entry.keyBytes === keyBytes);
  keyExchange = (id: number): KeyExchange | undefined => first(this.keyExchanges, (entry) => entry.id === id);
  xof = (id: XofAlgorithm): Xof | undefined => first(this.xofs, (entry) => entry.id === id);
  rng = (quality: RngQuality): Rng | undefined => first(this.rngs, (entry) => entry.id >= quality);
  nonceGen = (): NonceGen | undefined => first(this.nonceGens, () => true);
  keyProvider = (): KeyProvider => {
    const found = first(this.keyProviders, () => true);
    if (!found) throw new Error("no plugin of this test provides keys");
    return found;
  };
  list = (): readonly RegisteredAlgorithm[] => [];
}

function add<T>(table: Recorded<T>[], entry: Recorded<T>): () => void {
  table.push(entry);
  return () => {
    table.splice(table.indexOf(entry), 1);
  };
}

const first = <T>(table: readonly Recorded<T>[], find: Find<T>): T | undefined => table.find(find)?.algorithm;
