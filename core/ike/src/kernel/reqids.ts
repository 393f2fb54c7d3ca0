import type { ChildSa } from "../sa/child-sa.js";
import { NumberIndex } from "../sa/number-index.js";
import { RecordStore } from "../sa/rest/record-store.js";
import { encodeSelectors } from "../sa/rest/record-values.js";
import { RecordWriter } from "../sa/rest/record-writer.js";
import { compareBytes } from "../identity/text.js";
import { NO_MARK } from "../config/index.js";
import type { ChildConfig, Mark, TrafficSelector } from "../config/index.js";

const FIRST_CAPACITY = 1024;
/** In place of a hash: nobody else gets this one. */
const UNSHARED = 0;

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
 * There may be one for each CHILD_SA, so they are octets and numbers in arrays.
 *
 * Each shard has its own, so that no message waits for another thread. CHILD_SAs with the same terms on two shards have different ones: they
 * are of different IKE_SAs.
 */
export class Reqids {
  /** What each is for, octets that are equal for equal terms. */
  readonly #terms = new RecordStore();
  readonly #writer = new RecordWriter();
  /** By place in the shard's numbers: the record of the terms, 0 for a place that is free; */
  #records = new Int32Array(FIRST_CAPACITY);
  /** how many CHILD_SAs have it; */
  #users = new Uint32Array(FIRST_CAPACITY);
  /** the hash of the terms; */
  #hashes = new Uint32Array(FIRST_CAPACITY);
  /** and another place with the same hash, plus one. */
  #next = new Uint32Array(FIRST_CAPACITY);
  readonly #free: number[] = [];
  /** Places from here on were never used. */
  #untouched = 0;
  readonly #byHash = new NumberIndex();
  /** Those that all CHILD_SAs of a child have, whatever their selectors. */
  readonly #bound = new Map<ChildConfig, number>();

  constructor(private readonly range: ReqidRange) {}

  /** In use. */
  get size(): number {
    return this.#terms.size;
  }

  /**
   * Has all CHILD_SAs of a child have this reqid: that of a trap towards any peer, whose packets wait in the kernel for an SA with it. Its
   * policies find the SA of their peer by the address.
   * @returns what ends that
   */
  bind(config: ChildConfig, reqid: number): () => void {
    this.#bound.set(config, reqid);
    return () => void this.#bound.delete(config);
  }

  /** A reqid for a CHILD_SA whose selectors are agreed on. */
  acquire(child: Pick<ChildSa, "localTs" | "remoteTs" | "config">): number {
    const bound = this.#bound.size > 0 ? this.#bound.get(child.config) : undefined;
    if (bound !== undefined) {
      this.share(bound);
      return bound;
    }
    const writer = this.#writer;
    writer.length = 0;
    encodeTerms(writer, child);
    const hash = isShared(child.config) ? hashOf(writer.octets, writer.length) : UNSHARED;
    const found = hash === UNSHARED ? 0 : this.#find(hash);
    if (found !== 0) this.#users[found - 1]!++;
    return this.#reqid(found !== 0 ? found - 1 : this.#add(hash));
  }

  /** One more CHILD_SA has a reqid, whatever its selectors: it rekeys one that has it. */
  share(reqid: number): void {
    this.#users[this.#place(reqid)]!++;
  }

  /** One CHILD_SA that has it is gone. */
  release(reqid: number): void {
    const place = this.#place(reqid);
    if (!this.#records[place] || --this.#users[place]! > 0) return;
    this.#terms.release(this.#records[place]);
    this.#records[place] = 0;
    this.#unlink(place);
    this.#free.push(place);
  }

  /** @returns the place plus one of the terms that were just written, 0 when they are not there */
  #find(hash: number): number {
    const { octets, length } = this.#writer;
    for (let at = (this.#byHash.get(hash) ?? -1) + 1; at !== 0; at = this.#next[at - 1]!) {
      const handle = this.#records[at - 1]!;
      if (startsWith(this.#terms.page(handle).octets, this.#terms.offset(handle), octets, length)) return at;
    }
    return 0;
  }

  /** Adds the terms that were just written, with one user. @returns their place */
  #add(hash: number): number {
    const { octets, length } = this.#writer;
    const place = this.#free.pop() ?? this.#untouched++;
    if (place >= this.#records.length) this.#grow();
    const handle = this.#terms.allocate(length);
    this.#terms.page(handle).octets.set(octets.subarray(0, length), this.#terms.offset(handle));
    this.#records[place] = handle;
    this.#users[place] = 1;
    this.#hashes[place] = hash;
    if (hash === UNSHARED) return place;
    this.#next[place] = (this.#byHash.get(hash) ?? -1) + 1;
    this.#byHash.set(hash, place);
    return place;
  }

  #unlink(place: number): void {
    const hash = this.#hashes[place]!;
    if (hash === UNSHARED) return;
    const next = this.#next[place]!;
    const first = this.#byHash.get(hash)!;
    if (first !== place) {
      let before = first;
      while (this.#next[before] !== place + 1) before = this.#next[before]! - 1;
      this.#next[before] = next;
    } else if (next !== 0) this.#byHash.set(hash, next - 1);
    else this.#byHash.delete(hash);
  }

  #reqid(place: number): number {
    const { base, shard, shards } = this.range;
    return base + shard + place * shards;
  }

  #place(reqid: number): number {
    const { base, shard, shards } = this.range;
    return (reqid - base - shard) / shards;
  }

  #grow(): void {
    const capacity = this.#records.length * 2;
    const records = new Int32Array(capacity);
    records.set(this.#records);
    this.#records = records;
    this.#users = grown(this.#users, capacity);
    this.#hashes = grown(this.#hashes, capacity);
    this.#next = grown(this.#next, capacity);
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(numbers);
  return larger;
}

/** Length, marks, selectors and interfaces, in an order of their own. */
function encodeTerms(
  writer: RecordWriter,
  { localTs, remoteTs, config }: Pick<ChildSa, "localTs" | "remoteTs" | "config">,
): void {
  writer.u32(0);
  encodeMark(writer, config.markIn);
  encodeMark(writer, config.markOut);
  encodeSelectors(writer, inOrder(localTs));
  encodeSelectors(writer, inOrder(remoteTs));
  // Hardly any has one, and there may be very many.
  if (config.ifIdIn !== NO_MARK || config.ifIdOut !== NO_MARK) {
    encodeMark(writer, config.ifIdIn);
    encodeMark(writer, config.ifIdOut);
  }
  writer.patchU32(0, writer.length);
}

function encodeMark(writer: RecordWriter, { value, mask, unique }: Mark): void {
  writer.u8(unique === "no" ? 0 : 1);
  writer.u32(value);
  writer.u32(mask);
}

/** The same whatever the order. */
const inOrder = (selectors: readonly TrafficSelector[]): readonly TrafficSelector[] =>
  selectors.length < 2 ? selectors : [...selectors].sort(compareSelectors);

function compareSelectors(a: TrafficSelector, b: TrafficSelector): number {
  return (
    a.family - b.family ||
    Number(a.isDynamic) - Number(b.isDynamic) ||
    a.protocol - b.protocol ||
    a.startPort - b.startPort ||
    a.endPort - b.endPort ||
    compareBytes(a.startAddress, b.startAddress) ||
    compareBytes(a.endAddress, b.endAddress)
  );
}

/** Marks that are drawn for each CHILD_SA are never the same. */
const isShared = ({ markIn, markOut, ifIdIn, ifIdOut }: ChildConfig): boolean =>
  markIn.unique === "no" && markOut.unique === "no" && ifIdIn.unique === "no" && ifIdOut.unique === "no";

/** 1 .. 2^32-1 */
function hashOf(octets: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ octets[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0 || 1;
}

function startsWith(octets: Uint8Array, at: number, expected: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (octets[at + i] !== expected[i]) return false;
  return true;
}
