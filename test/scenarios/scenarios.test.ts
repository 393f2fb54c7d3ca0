import { describe, expect, it } from "vitest";
import { complaint, inOrder, parsePending, readPending } from "./scenarios.mjs";
import type { Result, Run } from "./scenarios.mjs";

const pending = parsePending("# a comment\nikev1/rw-cert\t*\tIKEv1\nikev2/mobike\tmoon\tMOBIKE\n");

function result(name: string, outcome: Result["result"], side: Result["side"] = "moon"): Result {
  return { name, side, result: outcome, reason: outcome === "FAIL" ? "no ping" : "" };
}

describe("the scenarios that do not pass yet", () => {
  it("are listed by scenario and side", () => {
    expect(pending.reasonOf("ikev1/rw-cert", "peers")).toBe("IKEv1");
    expect(pending.reasonOf("ikev2/mobike", "moon")).toBe("MOBIKE");
    expect(pending.reasonOf("ikev2/mobike", "all")).toBeUndefined();
    expect([...pending.names]).toEqual(["ikev1/rw-cert", "ikev2/mobike"]);
  });

  it("have a reason, a side that exists, and one line", () => {
    expect(() => parsePending("ikev1/rw-cert\t*\n")).toThrow("pending.tsv:1: wants scenario, side and reason");
    expect(() => parsePending("#\nikev1/rw-cert\tsun\tIKEv1\n")).toThrow("pending.tsv:2: 'sun' is no side");
    expect(() => parsePending("a/b\tmoon\tx\na/b\t*\ty\n")).toThrow("pending.tsv:2: a/b is listed twice");
  });

  it("may fail, and must leave the list once they pass", () => {
    expect(complaint(result("ikev2/mobike", "FAIL"), pending)).toBeUndefined();
    expect(complaint(result("ikev2/mobike", "PASS"), pending)).toContain("take it out of");
    expect(complaint(result("ikev2/mobike", "SKIP"), pending)).toBeUndefined();
  });

  it("are the only ones that may fail", () => {
    expect(complaint(result("ikev2/mobike", "FAIL", "all"), pending)).toBe("ikev2/mobike (all) fails: no ping");
    expect(complaint(result("ikev2/mobike", "PASS", "all"), pending)).toBeUndefined();
  });

  it("come after the others when time is short, and each gets its turn", () => {
    const runs: Run[] = ["ikev1/rw-cert", "ikev2/a", "ikev2/b", "ikev2/mobike"].map((name) => ({ name, side: "moon" }));
    const names = (day: number): string[] => inOrder(runs, pending, day).map(({ name }) => name);
    expect(names(0)).toEqual(["ikev2/a", "ikev2/b", "ikev1/rw-cert", "ikev2/mobike"]);
    expect(names(1)).toEqual(["ikev2/b", "ikev2/a", "ikev2/mobike", "ikev1/rw-cert"]);
  });

  it("are in a file that can be read", () => {
    expect(() => readPending()).not.toThrow();
  });
});
