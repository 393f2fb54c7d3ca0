import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import { expect } from "vitest";
import type { ChildSa } from "@cygnet/ike";
import type { End, Pair } from "@cygnet/plugin-testkit/pair";

const SAS_PER_CHILD = 2;
const policiesOf = ({ mode }: ChildSa): number => (mode === "transport" ? 2 : 3);

/** Nothing waits or is held that should not be: what must hold whenever no exchange is under way. */
export function expectQuiet(end: End): void {
  const { manager, kernel } = end;
  expect(manager.daemonCounts.connecting, "half-open IKE_SAs").toBe(0);
  expect(manager.connecting, "connecting IKE_SAs").toBe(0);
  expect(end.socket.held, "packets held").toBe(0);
  expect(kernel.allocated.size, "SPIs without SA").toBe(0);
  expect(kernel.missing, "deletions of what was not there").toEqual([]);
  const installed = end.children.filter((child) => child.state !== ChildSaState.DELETED);
  const remains = end.children.length - installed.length;
  expect(kernel.sas.size, "SAs in the kernel").toBe(installed.length * SAS_PER_CHILD + remains);
  const policies = [...kernel.policies.values()].reduce((sum, count) => sum + count, 0);
  expect(policies, "policies in the kernel").toBe(installed.reduce((sum, child) => sum + policiesOf(child), 0));
  const reqids = new Set(end.children.map(({ reqid }) => reqid));
  expect(end.shard.context.kernel.reqids.size, "reqids").toBe(reqids.size);
  for (const ikeSa of end.ikeSas) {
    expect(ikeSa.isBusy).toBe(false);
    expect(ikeSa.waiting).toBeUndefined();
    expect(ikeSa.tasks.isIdle, `tasks of ${ikeSa.label}`).toBe(true);
  }
  expect(end.lines().filter((line) => / failed: |InternalError|TypeError/.test(line))).toEqual([]);
}

/** An end has nothing left at all, not even a timer. */
export function expectEmpty(end: End): void {
  expectQuiet(end);
  expect(end.ikeSas).toEqual([]);
  expect(end.manager.size).toBe(0);
  expect(end.timers, "timers").toBe(0);
  expect(end.kernel.sas.size).toBe(0);
}

/** Both ends agree on what there is between them. */
export function expectAgreed(pair: Pair): void {
  for (const end of pair.ends) expectQuiet(end);
  const ike = (end: End): string[] =>
    end.ikeSas.map((sa) => `${sa.initiatorSpi} ${sa.responderSpi} ${IkeSaState[sa.state]}`).sort();
  expect(ike(pair.moon)).toEqual(ike(pair.sun));
  const children = (end: End, first: "spiIn" | "spiOut", second: "spiIn" | "spiOut"): string[] =>
    end.children
      .filter((child) => child.state !== ChildSaState.DELETED)
      .map((child) => `${child.ikeSa.initiatorSpi} ${child[first]} ${child[second]} ${ChildSaState[child.state]}`)
      .sort();
  expect(children(pair.moon, "spiIn", "spiOut")).toEqual(children(pair.sun, "spiOut", "spiIn"));
}

/** Both ends have exactly one IKE_SA with this many installed CHILD_SAs. */
export function expectUp(pair: Pair, children = 1): void {
  expectAgreed(pair);
  for (const end of pair.ends) {
    expect(end.ikeSas.map((sa) => IkeSaState[sa.state])).toEqual(["ESTABLISHED"]);
    const up = end.children.filter((child) => child.state !== ChildSaState.DELETED);
    expect(up.map((child) => ChildSaState[child.state])).toEqual(Array.from({ length: children }, () => "INSTALLED"));
  }
}
