import { describe, expect, it } from "vitest";
import type { IkeSa } from "../../src/sa/ike-sa.js";
import { IdentityPairs, pairHash } from "../../src/sa/identity-pairs.js";
import { UniquenessIndex, pairOf } from "../../src/sa/uniqueness-index.js";

let made: IkeSa[] = [];

function ikeSa(localId: string, remoteId: string): IkeSa {
  const one = { uniqueId: made.length + 1, localId, remoteId, order: 0 } as unknown as IkeSa;
  made.push(one);
  return one;
}

function alone(): UniquenessIndex {
  made = [];
  return new UniquenessIndex(new IdentityPairs(IdentityPairs.memory(1), 0), (uniqueId) => made[uniqueId - 1]);
}

const idsOf = (...ikeSas: IkeSa[]): number[] => ikeSas.map(({ uniqueId }) => uniqueId);

describe("the index of identities", () => {
  it("knows the others between the same two identities", () => {
    const index = alone();
    const [a, b, c] = [ikeSa("sun", "moon"), ikeSa("sun", "moon"), ikeSa("sun", "moon")];
    const other = ikeSa("sun", "venus");
    for (const sa of [a, b, c, other]) index.add(sa);
    expect(index.duplicates(a)).toEqual(idsOf(b, c));
    expect(index.duplicates(b)).toEqual(idsOf(a, c));
    expect(index.duplicates(other)).toEqual([]);
    expect(index.duplicates(ikeSa("sun", "venus"))).toEqual(idsOf(other));
    expect(index.duplicates(ikeSa("moon", "sun"))).toEqual([]);
    expect(index.before("sun - moon", c.order)).toEqual(idsOf(a, b));
  });

  it("forgets those that go, and is not disturbed by going twice or adding twice", () => {
    const index = alone();
    const [a, b, c] = [ikeSa("sun", "moon"), ikeSa("sun", "moon"), ikeSa("sun", "moon")];
    index.add(a);
    index.add(a);
    index.add(b);
    index.add(b);
    index.add(c);
    index.remove(a);
    index.remove(a);
    expect(index.duplicates(a)).toEqual(idsOf(b, c));
    index.remove(c);
    expect(index.duplicates(a)).toEqual(idsOf(b));
    index.remove(b);
    expect(index.duplicates(a)).toEqual([]);
    index.add(a);
    expect(index.duplicates(b)).toEqual(idsOf(a));
  });

  it("takes different pairs with the same hash for what they are", () => {
    const index = alone();
    const [a, b] = [ikeSa("gateway", "peer883669"), ikeSa("gateway", "peer2422046")];
    index.add(a);
    index.add(b);
    expect(pairHash(pairOf(a))).toBe(pairHash(pairOf(b)));
    expect(index.duplicates(a)).toEqual([]);
    index.remove(a);
    expect(index.duplicates(ikeSa("gateway", "peer2422046"))).toEqual(idsOf(b));
  });
});
