import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import type { ChildSaView, IkeSaView, OperationResult } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Operations } from "../../src/control/operations.js";
import type { Awaited } from "../../src/control/operations.js";

const ikeSa = (uniqueId: number): IkeSaView => ({ uniqueId }) as IkeSaView;
const child = (uniqueId: number, name: string): ChildSaView => ({ uniqueId, name }) as ChildSaView;

function waiting(awaited: Awaited) {
  const operations = new Operations();
  let result: OperationResult | undefined;
  const moves: number[] = [];
  void operations.wait(1, awaited, (id) => moves.push(id)).then((outcome) => (result = outcome));
  const settle = async (): Promise<OperationResult | undefined> => {
    await Promise.resolve();
    return result;
  };
  return { operations, settle, moves };
}

describe("an operation", () => {
  it("is done when its IKE_SA is up, and not for another's sake", async () => {
    const { operations, settle } = waiting({ until: "ike-up" });
    operations.ikeUpdown(ikeSa(2), true);
    operations.ikeUpdown(ikeSa(1), false);
    expect(await settle()).toBeUndefined();
    operations.ikeUpdown(ikeSa(1), true);
    expect(await settle()).toBe("done");
  });

  it("is done when its CHILD_SA is up, failed when that is destroyed, and goes on when it is tried again", async () => {
    const up = waiting({ until: "child-up", name: "net" });
    up.operations.childUpdown(ikeSa(1), child(1, "other"), true);
    up.operations.childStateChange(ikeSa(1), child(1, "other"), ChildSaState.DESTROYING);
    up.operations.childStateChange(ikeSa(1), child(2, "net"), ChildSaState.RETRYING);
    expect(await up.settle()).toBeUndefined();
    up.operations.childUpdown(ikeSa(1), child(2, "net"), true);
    expect(await up.settle()).toBe("done");
    const gone = waiting({ until: "child-up", name: "net" });
    gone.operations.childStateChange(ikeSa(1), child(2, "net"), ChildSaState.DESTROYING);
    expect(await gone.settle()).toBe("failed");
  });

  it("ends with its IKE_SA, well for who waited for that", async () => {
    const outcomes: [Awaited, OperationResult][] = [
      [{ until: "ike-gone" }, "done"],
      [{ until: "child-gone", childId: 4 }, "done"],
      [{ until: "ike-up" }, "failed"],
      [{ until: "child-up", name: "net" }, "failed"],
    ];
    for (const [awaited, expected] of outcomes) {
      const { operations, settle } = waiting(awaited);
      operations.ikeStateChange(ikeSa(1), IkeSaState.DELETING);
      expect(await settle()).toBeUndefined();
      operations.ikeStateChange(ikeSa(1), IkeSaState.DESTROYING);
      expect(await settle()).toBe(expected);
    }
  });

  it("goes on with the IKE_SA that takes the place of its own", async () => {
    const { operations, settle, moves } = waiting({ until: "child-up", name: "net" });
    operations.ikeRekey(ikeSa(1), ikeSa(5));
    operations.ikeStateChange(ikeSa(1), IkeSaState.DESTROYING);
    expect(await settle()).toBeUndefined();
    expect(moves).toEqual([5]);
    operations.childUpdown(ikeSa(5), child(9, "net"), true);
    expect(await settle()).toBe("done");
  });
});
