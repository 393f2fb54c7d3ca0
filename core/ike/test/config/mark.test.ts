import { describe, expect, it } from "vitest";
import { markOf, parseMark } from "../../src/config/index.js";

describe("marks of CHILD_SAs", () => {
  it("are as configured", () => {
    const mark = parseMark("5/0xff")!;
    expect(markOf(mark, 7, "in")).toMatchObject({ value: 5, mask: 0xff });
    expect(markOf(mark, 8, "out")).toMatchObject({ value: 5, mask: 0xff });
  });

  it("differ for each reqid where they are drawn, and with %unique-dir for each direction", () => {
    const [unique, direction] = [parseMark("%unique")!, parseMark("%unique-dir")!];
    const seen = new Set<number>();
    for (let reqid = 1; reqid <= 100; reqid += 2) {
      expect(markOf(unique, reqid, "in")).toEqual(markOf(unique, reqid, "out"));
      seen.add(markOf(unique, reqid, "in").value);
      seen.add(markOf(direction, reqid + 1, "in").value).add(markOf(direction, reqid + 1, "out").value);
    }
    expect(seen.size).toBe(150);
    expect(seen.has(0)).toBe(false);
    expect(markOf(parseMark("%unique/0xf")!, 9, "in")).toEqual({ value: 2, mask: 0xf });
  });
});
