import type { ChildSa } from "../sa/child-sa.js";
import { sameSelectors } from "../config/index.js";
import type { ChildConfig, Mark, TrafficSelector } from "../config/index.js";

/** Hashes are small integers, which are no objects to the engine. */
const HASH_BITS = 0x3fffffff;

/** One reqid in use, by all CHILD_SAs of the same terms. */
interface Entry {
  readonly reqid: number;
  readonly hash: number;
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
  readonly config: Pick<ChildConfig, "markIn" | "markOut">;
  users: number;
  /** Another one with the same hash. */
  next: Entry | undefined;
}

/** Where the numbers of a shard come from. */
export interface ReqidRange {
  /** The first of the daemon's, `charon.reqid_base`. */
  readonly base: number;
  /** Of so many shards, this one takes every n-th number. */
  readonly shard: number;
  readonly shards: number;
}

/**
 * Reqids: the numbers by which a policy finds its SAs in the kernel. CHILD_SAs with the same traffic selectors and marks have the same one,
 * which is free again when the last of them is gone.
 *
 * Each shard has its own, so that no message waits for another thread. CHILD_SAs with the same terms on two shards have different ones: they
 * are of different IKE_SAs.
 */
export class Reqids {
  /** By their place in the shard's numbers. */
  readonly #entries: (Entry | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #byHash = new Map<number, Entry>();

  constructor(private readonly range: ReqidRange) {}

  /** In use. */
  get size(): number {
    return this.#entries.length - this.#free.length;
  }

  /** A reqid for a CHILD_SA whose selectors are agreed on. */
  acquire({ localTs, remoteTs, config }: Pick<ChildSa, "localTs" | "remoteTs" | "config">): number {
    const hash = (hashOf(localTs) ^ Math.imul(hashOf(remoteTs), 31)) & HASH_BITS;
    for (let entry = this.#byHash.get(hash); entry; entry = entry.next) {
      if (!sameMarks(entry.config, config)) continue;
      if (!sameSelectors(entry.localTs, localTs) || !sameSelectors(entry.remoteTs, remoteTs)) continue;
      entry.users++;
      return entry.reqid;
    }
    const place = this.#free.pop() ?? this.#entries.length;
    const { base, shard, shards } = this.range;
    const next = this.#byHash.get(hash);
    const added = { reqid: base + shard + place * shards, hash, localTs, remoteTs, config, users: 1, next };
    this.#entries[place] = added;
    this.#byHash.set(hash, added);
    return added.reqid;
  }

  /** One more CHILD_SA has a reqid, whatever its selectors: it rekeys one that has it. */
  share(reqid: number): void {
    this.#entries[this.#place(reqid)]!.users++;
  }

  /** One CHILD_SA that has it is gone. */
  release(reqid: number): void {
    const place = this.#place(reqid);
    const entry = this.#entries[place];
    if (!entry || --entry.users > 0) return;
    this.#entries[place] = undefined;
    this.#free.push(place);
    const first = this.#byHash.get(entry.hash)!;
    if (first !== entry) unlink(first, entry);
    else if (entry.next) this.#byHash.set(entry.hash, entry.next);
    else this.#byHash.delete(entry.hash);
  }

  #place(reqid: number): number {
    const { base, shard, shards } = this.range;
    return (reqid - base - shard) / shards;
  }
}

function unlink(first: Entry, entry: Entry): void {
  let before = first;
  while (before.next !== entry) before = before.next!;
  before.next = entry.next;
}

/** The same whatever the order. */
function hashOf(selectors: readonly TrafficSelector[]): number {
  let sum = 0;
  for (let i = 0; i < selectors.length; i++) {
    const { startAddress, endAddress, protocol, startPort, endPort } = selectors[i]!;
    let hash = Math.imul(protocol ^ (startPort << 8), 0x01000193) ^ endPort;
    for (let at = 0; at < startAddress.length; at++)
      hash = Math.imul(Math.imul(hash ^ startAddress[at]!, 0x01000193) ^ endAddress[at]!, 0x01000193);
    sum = (sum + (hash ^ (hash >>> 15))) & HASH_BITS;
  }
  return sum;
}

/** Marks that are drawn for each CHILD_SA are never the same. */
function sameMarks(a: Pick<ChildConfig, "markIn" | "markOut">, b: Pick<ChildConfig, "markIn" | "markOut">): boolean {
  return sameMark(a.markIn, b.markIn) && sameMark(a.markOut, b.markOut);
}

function sameMark(a: Mark, b: Mark): boolean {
  return a.unique === "no" && b.unique === "no" && a.value === b.value && a.mask === b.mask;
}
