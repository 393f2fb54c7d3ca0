import { pairHash } from "./identity-pairs.js";
import type { IdentityPairs } from "./identity-pairs.js";
import type { IkeSa } from "./ike-sa.js";
import { NumberIndex } from "./number-index.js";

const NONE: readonly number[] = [];

/**
 * IKE_SAs of this shard by the pair of identities, for `uniqueids` and INITIAL_CONTACT (RFC 7296 section 2.4): those that are up, and those
 * that are about to be. All are known by their unique ids; only those asked for are looked at.
 */
export class UniquenessIndex {
  /** The oldest by a hash of the pair; */
  readonly #first = new NumberIndex();
  /** and the others with the same hash, where there are any. */
  readonly #others = new Map<number, number[]>();

  /**
   * @param pairs what the shards know of each other
   * @param peek an IKE_SA to look at
   */
  constructor(
    private readonly pairs: IdentityPairs,
    private readonly peek: (uniqueId: number) => IkeSa | undefined,
  ) {}

  /** From now on it counts, in the order of these calls on all shards. */
  add(ikeSa: IkeSa): void {
    const { uniqueId } = ikeSa;
    const pair = pairOf(ikeSa);
    const hash = pairHash(pair);
    const first = this.#first.get(hash);
    const others = this.#others.get(hash);
    if (first === uniqueId || others?.includes(uniqueId)) return;
    if (first === undefined) this.#first.set(hash, uniqueId);
    else if (others) others.push(uniqueId);
    else this.#others.set(hash, [uniqueId]);
    this.pairs.add(pair);
    if (ikeSa.order === 0) ikeSa.order = this.pairs.next();
  }

  remove(ikeSa: IkeSa): void {
    const pair = pairOf(ikeSa);
    if (this.#remove(pairHash(pair), ikeSa.uniqueId)) this.pairs.remove(pair);
  }

  #remove(hash: number, uniqueId: number): boolean {
    const others = this.#others.get(hash);
    const isFirst = this.#first.get(hash) === uniqueId;
    const at = isFirst ? 0 : (others?.indexOf(uniqueId) ?? -1);
    if (at < 0) return false;
    if (!others) return this.#first.delete(hash);
    if (isFirst) this.#first.set(hash, others[0]!);
    others.splice(at, 1);
    if (others.length === 0) this.#others.delete(hash);
    return true;
  }

  /** Unique ids of others between the same identities on this shard. */
  duplicates(ikeSa: IkeSa): readonly number[] {
    return this.#of(pairOf(ikeSa), (other) => other.uniqueId !== ikeSa.uniqueId);
  }

  /** Unique ids of those of a pair that were there before the IKE_SA with this number. */
  before(pair: string, order: number): readonly number[] {
    return this.#of(pair, (ikeSa) => ikeSa.order < order);
  }

  /** Whether other shards may have IKE_SAs between the same identities. */
  isElsewhere(ikeSa: IkeSa): boolean {
    return this.pairs.isElsewhere(pairOf(ikeSa));
  }

  #of(pair: string, isWanted: (ikeSa: IkeSa) => boolean): readonly number[] {
    const hash = pairHash(pair);
    const first = this.#first.get(hash);
    if (first === undefined) return NONE;
    return [first, ...(this.#others.get(hash) ?? NONE)].filter((uniqueId) => {
      const ikeSa = this.peek(uniqueId);
      return ikeSa !== undefined && pairOf(ikeSa) === pair && isWanted(ikeSa);
    });
  }
}

/** What IKE_SAs between the same identities have in common. */
export const pairOf = (ikeSa: IkeSa): string => `${ikeSa.localId} - ${ikeSa.remoteId}`;
