import { describe, expect, it } from "vitest";
import type { IkeSa } from "../../src/sa/ike-sa.js";
import { IdentityPairs } from "../../src/sa/identity-pairs.js";
import { UniquenessIndex } from "../../src/sa/uniqueness-index.js";

const ikeSa = (localId: string, remoteId: string): IkeSa => ({ localId, remoteId, order: 0 }) as unknown as IkeSa;
const alone = (): UniquenessIndex => new UniquenessIndex(new IdentityPairs(IdentityPairs.memory(1), 0));

describe("the index of identities", () => {
  it("knows the others between the same two identities", () => {
    const index = alone();
    const [a, b, c] = [ikeSa("sun", "moon"), ikeSa("sun", "moon"), ikeSa("sun", "moon")];
    const other = ikeSa("sun", "venus");
    for (const sa of [a, b, c, other]) index.add(sa);
    expect(index.duplicates(a)).toEqual([b, c]);
    expect(index.duplicates(other)).toEqual([]);
    expect(index.duplicates(ikeSa("sun", "venus"))).toEqual([other]);
    expect(index.duplicates(ikeSa("moon", "sun"))).toEqual([]);
  });

  it("forgets those that go, and is not disturbed by going twice or adding twice", () => {
    const index = alone();
    const [a, b] = [ikeSa("sun", "moon"), ikeSa("sun", "moon")];
    index.add(a);
    index.add(a);
    index.add(b);
    index.remove(a);
    index.remove(a);
    expect(index.duplicates(a)).toEqual([b]);
    index.remove(b);
    expect(index.duplicates(a)).toEqual([]);
  });
});
