import type { ProcessorStatus } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import { sumProcessors } from "../src/control/processor-sum.js";

const shard = (idle: number, low: number): ProcessorStatus => ({
  total: 14,
  idle,
  working: [0, 0, 0, low],
  queued: [0, 1, 0, 2],
  scheduled: 10,
});

it("the processors of shards read as one, with the slots of control", () => {
  expect(sumProcessors([shard(12, 2), shard(14, 0)], { permanent: 4, requests: 1 })).toEqual({
    total: 32,
    idle: 25,
    working: [5, 0, 0, 2],
    queued: [0, 2, 0, 4],
    scheduled: 20,
  });
});

it("requests leave one slot idle, and are not more than there are", () => {
  const busy = sumProcessors([shard(1, 13), shard(2, 12)], { permanent: 4, requests: 9 });
  expect([busy.idle, busy.working]).toEqual([1, [6, 0, 0, 25]]);
  const full = sumProcessors([shard(0, 14)], { permanent: 4, requests: 2 });
  expect([full.idle, full.working]).toEqual([0, [4, 0, 0, 14]]);
});
