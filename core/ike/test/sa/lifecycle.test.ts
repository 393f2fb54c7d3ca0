import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { mayChildSaEnter, mayIkeSaEnter } from "../../src/sa/lifecycle.js";

const numbers = (states: object): number[] => Object.values(states).filter((value): value is number => typeof value === "number");

describe("lifecycles", () => {
  it("allow to destroy an IKE_SA or CHILD_SA in any state but the last", () => {
    for (const state of numbers(IkeSaState))
      expect(mayIkeSaEnter(state, IkeSaState.DESTROYING)).toBe(state !== IkeSaState.DESTROYING);
    for (const state of numbers(ChildSaState))
      expect(mayChildSaEnter(state, ChildSaState.DESTROYING)).toBe(state !== ChildSaState.DESTROYING);
  });

  it("let nothing come back from being replaced or deleted", () => {
    for (const state of [IkeSaState.REKEYED, IkeSaState.DELETING])
      expect(mayIkeSaEnter(state, IkeSaState.ESTABLISHED)).toBe(false);
    for (const state of [ChildSaState.REKEYED, ChildSaState.DELETING, ChildSaState.DELETED])
      expect(mayChildSaEnter(state, ChildSaState.INSTALLED)).toBe(false);
  });

  it("let a rekeying that failed go back to where it began", () => {
    expect(mayIkeSaEnter(IkeSaState.REKEYING, IkeSaState.ESTABLISHED)).toBe(true);
    expect(mayChildSaEnter(ChildSaState.REKEYING, ChildSaState.INSTALLED)).toBe(true);
  });
});
