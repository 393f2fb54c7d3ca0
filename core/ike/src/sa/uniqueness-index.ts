import type { IkeSa } from "./ike-sa.js";

/**
 * Established IKE_SAs by the pair of identities, for `uniqueids` and INITIAL_CONTACT (RFC 7296 section 2.4).
 */
export class UniquenessIndex {
  readonly #byPair = new Map<string, IkeSa | IkeSa[]>();

  add(ikeSa: IkeSa): void {
    const key = pairOf(ikeSa);
    const known = this.#byPair.get(key);
    if (known === undefined) this.#byPair.set(key, ikeSa);
    else if (Array.isArray(known)) known.push(ikeSa);
    else if (known !== ikeSa) this.#byPair.set(key, [known, ikeSa]);
  }

  remove(ikeSa: IkeSa): void {
    const key = pairOf(ikeSa);
    const known = this.#byPair.get(key);
    if (known === ikeSa) this.#byPair.delete(key);
    else if (Array.isArray(known)) {
      const rest = known.filter((other) => other !== ikeSa);
      if (rest.length === 1) this.#byPair.set(key, rest[0]!);
      else this.#byPair.set(key, rest);
    }
  }

  /** Other established IKE_SAs between the same identities. */
  duplicates(ikeSa: IkeSa): readonly IkeSa[] {
    const known = this.#byPair.get(pairOf(ikeSa));
    if (known === undefined || known === ikeSa) return [];
    return Array.isArray(known) ? known.filter((other) => other !== ikeSa) : [known];
  }
}

const pairOf = (ikeSa: IkeSa): string => `${ikeSa.localId} - ${ikeSa.remoteId}`;
