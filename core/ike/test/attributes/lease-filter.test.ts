import { describe, expect, it } from "vitest";
import { LeaseFilter } from "../../src/attributes/index.js";

const made = (shards = 2) => new LeaseFilter(LeaseFilter.memory(shards), shards);

describe("a filter of identities with leases", () => {
  it("knows each that was added, by family, and next to no others", () => {
    const filter = made();
    for (let i = 0; i < 250_000; i++) filter.add(`C=CH, O=strongSwan, CN=peer${i}`, 4);
    let known = 0;
    let mistaken = 0;
    for (let i = 0; i < 250_000; i++) if (filter.mayHave(`C=CH, O=strongSwan, CN=peer${i}`, 4)) known++;
    for (let i = 0; i < 20_000; i++) {
      if (filter.mayHave(`C=CH, O=strongSwan, CN=peer${i}`, 6)) mistaken++;
      if (filter.mayHave(`C=CH, O=strongSwan, CN=other${i}`, 4)) mistaken++;
    }
    expect(known).toBe(250_000);
    expect(mistaken).toBeLessThan(400);
    filter.clear();
    expect(filter.mayHave("C=CH, O=strongSwan, CN=peer1", 4)).toBe(false);
  });

  it("is one for all that share its memory, with a count of releases for each shard", () => {
    const memory = LeaseFilter.memory(3);
    const [here, there] = [new LeaseFilter(memory, 3), new LeaseFilter(memory, 3)];
    here.add("carol", 4);
    here.released(2);
    here.released(2);
    expect(there.mayHave("carol", 4)).toBe(true);
    expect([0, 1, 2].map((shard) => there.releases(shard))).toEqual([0, 0, 2]);
    there.clear();
    expect(here.releases(2)).toBe(2);
  });
});
