import type { SharedSecret } from "@cygnet/plugin-api";
import { Identification } from "../identity/index.js";
import { MATCH_ANY, MATCH_NONE } from "../identity/index.js";
import { SecretEntry } from "./secret-entry.js";

/** What control tells the shards about secrets. Plain data. */
export type SecretChange =
  | { readonly op: "replace"; readonly set: string; readonly secrets: readonly SharedSecret[] }
  | { readonly op: "remove"; readonly set: string };

interface Ranked {
  readonly entry: SecretEntry;
  readonly local: number;
  readonly remote: number;
}

const NO_SECRETS: readonly SecretEntry[] = Object.freeze([]);

/**
 * The shared secrets of one shard, in named sets that are replaced as a whole. Synchronous; a lookup that finds one secret makes no
 * garbage, and its cost does not depend on how many secrets have other owners.
 */
export class SecretStore {
  readonly #sets = new Map<string, readonly SecretEntry[]>();
  /** By type and the hash of an owner without wildcards. Owners that share a hash are told apart by matching them. */
  readonly #exact = new Map<SharedSecret["type"], Map<number, SecretEntry[]>>();
  /** Secrets with an owner that may match several identities, or without owners. */
  readonly #loose = new Map<SharedSecret["type"], SecretEntry[]>();
  #sequence = 0;

  /**
   * Replaces what a set held; the former secrets are zeroed.
   * @param secrets are copied
   * @throws {DefinitionError} CYG_ID_SYNTAX; nothing has changed then
   */
  replace(set: string, secrets: readonly SharedSecret[]): void {
    const owners = secrets.map((secret) => secret.owners.map((owner) => Identification.parse(owner)));
    const entries = secrets.map(({ type, secret }, i) => new SecretEntry(type, owners[i]!, secret, this.#sequence++));
    this.remove(set);
    this.#sets.set(set, entries);
    for (const entry of entries) this.#index(entry);
  }

  /** Removes a set and zeroes its secrets. @returns whether there was one */
  remove(set: string): boolean {
    const before = this.#sets.get(set);
    if (!before) return false;
    this.#sets.delete(set);
    this.#unindex(before);
    before.forEach((entry) => entry.wipe());
    return true;
  }

  /** Removes and zeroes everything, at shutdown. */
  clear(): void {
    for (const set of [...this.#sets.keys()]) this.remove(set);
  }

  /** Applies what `CredentialStoreImpl` broadcasts. @throws {DefinitionError} as `replace` */
  apply(change: SecretChange): void {
    if (change.op === "replace") this.replace(change.set, change.secrets);
    else this.remove(change.set);
  }

  /**
   * Secrets that may be shared by two identities, best match first: owners that are both of them, then those that match one, wildcards
   * behind exact ones, secrets without owners last. Between equal ones, the better match of the remote identity and then the older
   * secret goes first.
   *
   * @param local undefined when it does not matter
   * @returns valid until the store changes
   */
  sharedSecrets(
    type: SharedSecret["type"],
    local: Identification | undefined,
    remote: Identification | undefined,
  ): readonly SecretEntry[] {
    const byOwner = this.#exact.get(type);
    const ofLocal = local && byOwner?.get(local.hash);
    const ofRemote = remote && byOwner?.get(remote.hash);
    const loose = this.#loose.get(type);
    const lists = (ofLocal ? 1 : 0) + (ofRemote ? 1 : 0) + (loose ? 1 : 0);
    if (lists === 0) return NO_SECRETS;
    const single = lists === 1 ? (ofLocal ?? ofRemote ?? loose)! : undefined;
    if (single?.length === 1) return rank(single[0]!, local, remote) ? single[0]!.alone : NO_SECRETS;
    const found: Ranked[] = [];
    for (const list of [ofLocal, ofRemote, loose]) {
      for (const entry of list ?? []) {
        if (found.some((ranked) => ranked.entry === entry)) continue;
        const ranked = rank(entry, local, remote);
        if (ranked) found.push(ranked);
      }
    }
    return found.sort(compareRanked).map(({ entry }) => entry);
  }

  /** Whether a secret has the identity among its owners. */
  names(type: SharedSecret["type"], id: Identification): boolean {
    return this.sharedSecrets(type, undefined, id).some(({ owners }) => owners.length > 0);
  }

  #index(entry: SecretEntry): void {
    if (isLoose(entry)) return append(this.#loose, entry.type, entry);
    let byOwner = this.#exact.get(entry.type);
    if (!byOwner) this.#exact.set(entry.type, (byOwner = new Map()));
    for (const hash of new Set(entry.owners.map((owner) => owner.hash))) append(byOwner, hash, entry);
  }

  /** Takes out a whole set at once: each list that it has entries in is gone through a single time. */
  #unindex(entries: readonly SecretEntry[]): void {
    const gone = new Set(entries);
    for (const entry of entries) {
      if (isLoose(entry)) drop(this.#loose, entry.type, gone, entry);
      else for (const { hash } of entry.owners) drop(this.#exact.get(entry.type)!, hash, gone, entry);
    }
  }
}

function isLoose(entry: SecretEntry): boolean {
  return entry.owners.length === 0 || entry.owners.some(isPattern);
}

/** Whether an owner can match identities that are not equal to it. */
function isPattern(owner: Identification): boolean {
  // Subnets and ranges match addresses; relaxed matching of names needs rdn_matching, which owners of secrets do not follow.
  return owner.containsWildcards || owner.type === 4 || (owner.type >= 6 && owner.type <= 8);
}

function append<K>(map: Map<K, SecretEntry[]>, key: K, entry: SecretEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}

/** Takes the entries of a set out of the list that `entry` is in, if that was not done for another of them before. */
function drop<K>(map: Map<K, SecretEntry[]>, key: K, gone: ReadonlySet<SecretEntry>, entry: SecretEntry): void {
  const list = map.get(key);
  if (!list?.includes(entry)) return;
  const rest = list.filter((each) => !gone.has(each));
  if (rest.length === 0) map.delete(key);
  else map.set(key, rest);
}

/** How well the owners fit, undefined when a secret has owners and none of them does. */
function rank(entry: SecretEntry, local: Identification | undefined, remote: Identification | undefined): Ranked | undefined {
  if (entry.owners.length === 0) return { entry, local: MATCH_NONE, remote: MATCH_ANY };
  const ours = bestOwner(entry, local);
  const theirs = bestOwner(entry, remote);
  return ours === MATCH_NONE && theirs === MATCH_NONE ? undefined : { entry, local: ours, remote: theirs };
}

function bestOwner(entry: SecretEntry, id: Identification | undefined): number {
  let best = MATCH_NONE;
  if (id !== undefined) for (const owner of entry.owners) best = Math.max(best, id.matches(owner));
  return best;
}

function compareRanked(a: Ranked, b: Ranked): number {
  return b.local + b.remote - (a.local + a.remote) || b.remote - a.remote || a.entry.sequence - b.entry.sequence;
}
