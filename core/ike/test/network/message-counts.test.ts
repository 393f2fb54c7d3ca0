import { noMessages } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { describeMessageCounts, sumMessageCounts } from "../../src/network/message-counts.js";

describe("counts of messages", () => {
  it("are added up by reason", () => {
    const one = { ...noMessages(), forged: 2, replayed: 1 };
    const other = { ...noMessages(), forged: 3, blocked: 4 };
    expect(sumMessageCounts([one, other])).toEqual({ ...noMessages(), forged: 5, replayed: 1, blocked: 4 });
    expect(sumMessageCounts([])).toEqual(noMessages());
  });

  it("are described by those that there are, all but keepalives", () => {
    expect(describeMessageCounts(noMessages())).toBe("");
    expect(describeMessageCounts({ ...noMessages(), keepalives: 7 })).toBe("");
    expect(describeMessageCounts({ ...noMessages(), malformedHeader: 2, replayed: 1 })).toBe(
      "2 with malformed header, 1 replayed",
    );
    const all = Object.keys(noMessages()).map((reason) => [reason, 1] as const);
    const text = describeMessageCounts({ ...noMessages(), ...Object.fromEntries(all) });
    expect(new Set(text.split(", ")).size).toBe(all.length - 1);
  });
});
