import { childDefinition } from "@cygnet/plugin-api";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";

type Labels = readonly (string | undefined)[];

/** Children with the same networks on one end, by their labels: `none` without one. */
const children = (end: "moon" | "sun", labels: Labels) =>
  labels.map((label) => childDefinition(label ?? "none", { ...usualChild(end), name: label ?? "none", label }));

/** An IKE_SA with the first of moon's children, if that comes to be. */
async function establish(moon: Labels, sun: Labels): Promise<Pair> {
  const pair = new Pair();
  pair.configure({ children: children("moon", moon) }, { children: children("sun", sun) });
  pair.moon.initiate(moon[0] ?? "none");
  await pair.run();
  return pair;
}

const names = ({ ends }: Pair): string[][] => ends.map(({ children: list }) => list.map(({ name }) => name));

describe("the security label of a CHILD_SA", () => {
  it("chooses among children with the same networks, with IKE_AUTH and by itself, and is shown", async () => {
    const pair = await establish(["ef", "be"], [undefined, "be", "ef"]);
    pair.moon.initiate("be");
    await pair.run();
    expect(names(pair)).toEqual([
      ["ef", "be"],
      ["ef", "be"],
    ]);
    for (const { lines } of [pair.moon, pair.sun].map((end) => ({ lines: end.lines() }))) {
      expect(lines).toContain("selected security label: ef");
      expect(lines).toContain("selected security label: be");
    }
  });

  it("stays when it is rekeyed, from either side", async () => {
    const pair = await establish(["ef"], [undefined, "ef"]);
    for (const end of [pair.moon, pair.sun]) {
      end.rekeyChild();
      await pair.run(10_000);
    }
    expect(names(pair)).toEqual([["ef"], ["ef"]]);
    expect(pair.moon.children[0]!.uniqueId).toBe(3);
    for (const end of pair.ends) expect(end.lines().filter((line) => line === "selected security label: ef")).toHaveLength(3);
  });

  it.each([
    ["the responder has another one", ["ef"], ["be"]],
    ["the responder has none", ["ef"], [undefined]],
    ["only the responder has one", [undefined], ["ef"]],
  ])("is no matter of negotiation where %s", async (_, moon, sun) => {
    const pair = await establish(moon, sun);
    expect(names(pair)).toEqual([[], []]);
    expect(pair.moon.ikeSas).toHaveLength(1);
    expect(pair.moon.lines()).toContain("received TS_UNACCEPTABLE notify, no CHILD_SA built");
  });
});
