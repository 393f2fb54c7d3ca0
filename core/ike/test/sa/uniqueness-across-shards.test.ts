import type { MaybePromise } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IkeContext } from "../../src/ike-context.js";
import { IdentityPairs } from "../../src/sa/identity-pairs.js";
import { Condition } from "../../src/sa/ike-sa.js";
import type { IkeSa } from "../../src/sa/ike-sa.js";
import { UniquenessIndex } from "../../src/sa/uniqueness-index.js";
import { endDuplicate, enforceUniqueness } from "../../src/sa/uniqueness.js";

type Policy = "replace" | "keep" | "no";

/** Shards that hear of each other late, in an order that a scheduler of fast-check chooses. */
class Shards {
  readonly up: Set<IkeSa>[];
  readonly asked: string[] = [];
  /** Those that were still there when one with INITIAL_CONTACT that came after them went on. */
  readonly late: IkeSa[] = [];
  readonly #contexts: IkeContext[];
  #made = 0;

  constructor(
    count: number,
    private readonly scheduler: fc.Scheduler,
  ) {
    const memory = IdentityPairs.memory(count);
    this.up = Array.from({ length: count }, () => new Set());
    this.#contexts = this.up.map((up, shard) => {
      const find = (uniqueId: number): IkeSa | undefined => [...up].find((ikeSa) => ikeSa.uniqueId === uniqueId);
      return this.#context(shard, find, new UniquenessIndex(new IdentityPairs(memory, shard), find));
    });
  }

  /** An IKE_SA has authenticated on a shard. */
  async establish(shard: number, remoteId: string, unique: Policy, initialContact: boolean): Promise<void> {
    const has = (condition: Condition): boolean => condition === Condition.INITIAL_CONTACT && initialContact;
    const ikeSa = {
      uniqueId: ++this.#made,
      localId: "gateway",
      remoteId,
      order: 0,
      has,
      peerConfig: { unique },
    } as unknown as IkeSa;
    this.up[shard].add(ikeSa);
    if (!(await enforceUniqueness(this.#contexts[shard], ikeSa))) this.#contexts[shard].manager.destroy(ikeSa);
    else if (initialContact) this.late.push(...this.ofPeer(remoteId).filter(({ order }) => order < ikeSa.order));
  }

  close(shard: number): void {
    const [ikeSa] = this.up[shard];
    if (ikeSa) this.#contexts[shard].manager.destroy(ikeSa);
  }

  ofPeer(remoteId: string): IkeSa[] {
    return this.up.flatMap((ikeSas) => [...ikeSas].filter((ikeSa) => String(ikeSa.remoteId) === remoteId));
  }

  #context(shard: number, byId: (uniqueId: number) => IkeSa | undefined, uniqueness: UniquenessIndex): IkeContext {
    const destroy = (ikeSa: IkeSa): void => {
      uniqueness.remove(ikeSa);
      this.up[shard].delete(ikeSa);
    };
    const others = (): IkeContext[] => this.#contexts.filter((_, other) => other !== shard);
    const control = {
      endDuplicates: async (pair: string, order: number, isInitialContact: boolean) => {
        this.asked.push(pair);
        await Promise.all(
          others().map(async (context) => {
            await this.scheduler.schedule(Promise.resolve(), "endDuplicates");
            for (const old of context.manager.uniqueness.before(pair, order)) endDuplicate(context, old, isInitialContact);
          }),
        );
      },
      hasDuplicate: async (pair: string, order: number) => {
        this.asked.push(pair);
        await this.scheduler.schedule(Promise.resolve(), "hasDuplicate");
        return others().some((context) => context.manager.uniqueness.before(pair, order).length > 0);
      },
    };
    const work = (uniqueId: number, { run }: { run: (ikeSa: IkeSa) => MaybePromise<void> }): MaybePromise<void> => {
      const ikeSa = byId(uniqueId);
      return ikeSa && run(ikeSa);
    };
    return {
      control,
      log: { log: () => undefined },
      bus: { alert: () => undefined },
      manager: { uniqueness, byId, destroy, work, upkeep: { close: destroy } },
    } as unknown as IkeContext;
  }
}

const PEERS = ["carol", "dave"];
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ shard: fc.nat(3), peer: fc.constantFrom(...PEERS), contact: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ shard: fc.nat(3), peer: fc.constant(undefined), contact: fc.constant(false) }) },
);

describe("uniqueids on several shards", () => {
  it.each(["replace", "keep", "no"] as const)(
    "leave one IKE_SA of a peer where the policy is %s and somebody cares",
    async (policy) => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), fc.array(event, { maxLength: 20 }), async (scheduler, events) => {
          const shards = new Shards(4, scheduler);
          const running = events.map(async ({ shard, peer, contact }) => {
            await scheduler.schedule(Promise.resolve(), "event");
            if (peer === undefined) shards.close(shard);
            else await shards.establish(shard, peer, policy, policy === "no" ? contact : false);
          });
          await scheduler.waitFor(Promise.all(running));
          await scheduler.waitIdle();
          expect(shards.late).toEqual([]);
          for (const peer of PEERS) {
            const left = shards.ofPeer(peer);
            if (policy !== "no") expect(left.length).toBeLessThanOrEqual(1);
            const last = Math.max(...left.filter((ikeSa) => ikeSa.has(Condition.INITIAL_CONTACT)).map(({ order }) => order));
            for (const { order } of left) expect(order).toBeGreaterThanOrEqual(last);
          }
        }),
      );
    },
  );

  it("ask nobody about peers that are on one shard only, nearly always", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const shards = new Shards(4, scheduler);
        for (let i = 0; i < 400; i++) await shards.establish(i % 4, `peer ${i}`, "replace", false);
        expect(shards.asked.length).toBeLessThan(5);
        for (let i = 0; i < 400; i++) await shards.establish(i % 4, `peer ${i}`, "replace", false);
        expect(shards.asked.length).toBeLessThan(10);
      }),
      { numRuns: 1 },
    );
  });
});
