import type { IdentityPairs } from "./identity-pairs.js";
import type { IkeSa } from "./ike-sa.js";

/**
 * IKE_SAs of this shard by the pair of identities, for `uniqueids` and INITIAL_CONTACT (RFC 7296 section 2.4): those that are up, and those
 * that are about to be.
 */
export class UniquenessIndex {
  readonly #byPair = new Map<string, IkeSa | IkeSa[]>();

  /** @param pairs what the shards know of each other */
  constructor(private readonly pairs: IdentityPairs) {}

  /** From now on it counts, in the order of these calls on all shards. */
  add(ikeSa: IkeSa): void {
    const pair = pairOf(ikeSa);
    const known = this.#byPair.get(pair);
    if (known === ikeSa || (Array.isArray(known) && known.includes(ikeSa))) return;
    if (known === undefined) this.#byPair.set(pair, ikeSa);
    else if (Array.isArray(known)) known.push(ikeSa);
    else this.#byPair.set(pair, [known, ikeSa]);
    this.pairs.add(pair);
    if (ikeSa.order === 0) ikeSa.order = this.pairs.next();
  }

  remove(ikeSa: IkeSa): void {
    const pair = pairOf(ikeSa);
    const known = this.#byPair.get(pair);
    if (known === ikeSa) this.#byPair.delete(pair);
    else if (Array.isArray(known) && known.includes(ikeSa)) {
      const rest = known.filter((other) => other !== ikeSa);
      this.#byPair.set(pair, rest.length === 1 ? rest[0]! : rest);
    } else return;
    this.pairs.remove(pair);
  }

  /** Others between the same identities on this shard. */
  duplicates(ikeSa: IkeSa): readonly IkeSa[] {
    return this.#of(pairOf(ikeSa)).filter((other) => other !== ikeSa);
  }

  /** Those of a pair that were there before the IKE_SA with this number. */
  before(pair: string, order: number): readonly IkeSa[] {
    return this.#of(pair).filter((ikeSa) => ikeSa.order < order);
  }

  /** Whether other shards may have IKE_SAs between the same identities. */
  isElsewhere(ikeSa: IkeSa): boolean {
    return this.pairs.isElsewhere(pairOf(ikeSa));
  }

  #of(pair: string): readonly IkeSa[] {
    const known = this.#byPair.get(pair);
    if (known === undefined) return NONE;
    return Array.isArray(known) ? known : [known];
  }
}

const NONE: readonly IkeSa[] = [];

/** What IKE_SAs between the same identities have in common. */
export const pairOf = (ikeSa: IkeSa): string => `${ikeSa.localId} - ${ikeSa.remoteId}`;
