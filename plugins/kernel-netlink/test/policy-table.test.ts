import type { KernelPolicy } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PolicyTable } from "../src/xfrm/policy-table.js";
import { policy, range } from "./fixtures.js";

describe("PolicyTable", () => {
  const trap = policy({ priority: "routed", spi: 0 });
  const first = policy({ spi: 1 });
  const second = policy({ spi: 2 });

  it("lets a CHILD_SA take the place of its trap, and the trap come back", () => {
    const table = new PolicyTable(() => 7);
    expect(table.add(trap).change).toBe("add");
    expect(table.add(first).change).toBe("update");
    expect(table.find(first)!.best.policy).toBe(first);
    expect(table.remove(first)!.change).toBe("update");
    expect(table.find(first)!.best.policy).toBe(trap);
    expect(table.remove(trap)!.change).toBe("delete");
    expect(table.size).toBe(0);
  });

  it("does not let a trap take the place of a CHILD_SA", () => {
    const table = new PolicyTable(() => 7);
    table.add(first);
    expect(table.add(trap).change).toBe("none");
    expect(table.remove(trap)!.change).toBe("none");
  });

  it("prefers the newest of equal ones, so that a rekeyed CHILD_SA sends with the new SA", () => {
    const table = new PolicyTable(() => 7);
    table.add(first);
    expect(table.add(second).change).toBe("update");
    expect(table.find(first)!.best.policy).toBe(second);
    expect(table.remove(first)!.change).toBe("none");
    expect(table.ofReqid(1)).toHaveLength(1);
  });

  it("knows nothing of what was not added", () => {
    const table = new PolicyTable(() => 7);
    expect(table.remove(first)).toBeUndefined();
    table.add(first);
    expect(table.remove(second)).toBeUndefined();
    expect(table.size).toBe(1);
  });

  it("keeps apart directions, marks, interfaces and selectors", () => {
    const table = new PolicyTable(() => 7);
    const others = [
      first,
      policy({ spi: 1, direction: "in" }),
      policy({ spi: 1, mark: { value: 1, mask: 0xff } }),
      policy({ spi: 1, interfaceId: 7 }),
      policy({ spi: 1, destination: range("10.2.0.0/25") }),
      policy({ spi: 1, destination: range("10.2.0.0/24", { protocol: 6 }) }),
    ];
    for (const one of others) expect(table.add(one).change).toBe("add");
    expect(table.size).toBe(others.length);
  });

  /** The kernel, as it is told: what it has for each policy. */
  it("tells the kernel so that it always has the best, and nothing in the end", () => {
    const users = fc.record({
      spi: fc.integer({ min: 0, max: 3 }),
      reqid: fc.integer({ min: 1, max: 2 }),
      priority: fc.constantFrom("default" as const, "routed" as const, "fallback" as const),
      destination: fc.constantFrom("10.2.0.0/24", "10.3.0.0/24").map((subnet) => range(subnet)),
    });
    const steps = fc.array(fc.record({ isAdd: fc.boolean(), user: users }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (list) => {
        const table = new PolicyTable(() => 7);
        const kernel = new Map<string, KernelPolicy>();
        const there: KernelPolicy[] = [];
        const apply = (result: ReturnType<PolicyTable["remove"]>): void => {
          if (!result) return;
          const { shared, change } = result;
          if (change === "add") expect(kernel.has(shared.key)).toBe(false);
          if (change === "update" || change === "delete") expect(kernel.has(shared.key)).toBe(true);
          if (change === "delete") kernel.delete(shared.key);
          else if (change !== "none") kernel.set(shared.key, shared.best.policy);
        };
        for (const { isAdd, user } of list) {
          const one = policy(user);
          if (isAdd) {
            there.push(one);
            apply(table.add(one));
          } else {
            const same = there.findIndex(
              (other) =>
                other.spi === one.spi &&
                other.reqid === one.reqid &&
                other.priority === one.priority &&
                other.destination.startAddress[1] === one.destination.startAddress[1],
            );
            const removed = table.remove(one);
            expect(removed !== undefined).toBe(same >= 0);
            if (same >= 0) there.splice(same, 1);
            apply(removed);
          }
          for (const shared of table.all()) expect(kernel.get(shared.key)).toBe(shared.best.policy);
          expect(kernel.size).toBe(table.size);
        }
        for (const one of there) apply(table.remove(one));
        expect([table.size, kernel.size, table.ofReqid(1).length, table.ofReqid(2).length]).toEqual([0, 0, 0, 0]);
      }),
    );
  });
});
