import { AttributeManagerImpl, LeaseFilter } from "@cygnet/ike";
import { Host } from "@cygnet/plugin-api";
import type { AttributeContext, WaitMeter } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ControlSide } from "../src/control/control-side.js";
import type { ControlPort } from "../src/link.js";
import { LinkedControlClient } from "../src/shard/linked-control-client.js";
import { SaNumbers } from "../src/shard/sa-numbers.js";

const SHARDS = 4;
const POOL = "pool";
const log = { enabled: () => false, log: () => undefined };
const waits: WaitMeter = { measure: (_on, _name, result) => result };

/** An IKE_SA that has an address. */
interface Up {
  readonly shard: number;
  readonly context: AttributeContext;
  readonly address: Host;
}

/** One direction between two threads: what is sent arrives in order, whenever the scheduler of the property lets it. */
class Line {
  #waiting: (() => void)[] = [];

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly name: string,
  ) {}

  send(arrive: () => void): void {
    this.#waiting.push(arrive);
    void this.scheduler.schedule(Promise.resolve(), this.name).then(() => this.#waiting.shift()?.());
  }

  /** What was sent arrives now, as what a thread sent does before it is seen to be gone. */
  deliver(): void {
    for (const arrive of this.#waiting.splice(0)) arrive();
  }

  cut(): void {
    this.#waiting = [];
  }
}

/** A daemon of several shards as far as leases go, on links as slow as the scheduler likes. */
class Leasing {
  readonly attributes = new AttributeManagerImpl(log);
  readonly up = new Set<Up>();
  /** Addresses that an identity got while another one had them. */
  readonly twice: string[] = [];
  /** Addresses that an identity ever got, and how many it had, or asked for, at a time. */
  readonly given = new Map<string, Set<string>>();
  readonly most = new Map<string, number>();
  /** Questions to control, by shard. */
  asked = 0;
  readonly #asking = new Map<string, number>();
  readonly #control = new ControlSide(
    this.attributes,
    { ikeConfigs: () => [], peerConfigs: () => [], sharedSecrets: () => [] },
    { resolve: () => Promise.resolve([]) },
    { fetch: () => Promise.resolve([]), fetchCertificate: () => Promise.resolve(undefined) },
  );
  readonly #filter = new LeaseFilter(LeaseFilter.memory(SHARDS), SHARDS);
  readonly #numbers = SaNumbers.memory(SHARDS);
  readonly #shards: { client: LinkedControlClient; to: Line; from: Line; whenLost: (() => void)[] }[] = [];
  readonly #pending = new Set<{ readonly client: LinkedControlClient }>();
  #nextId = 1;

  constructor(
    private readonly scheduler: fc.Scheduler,
    addresses: string,
  ) {
    this.attributes.useShards(
      {
        tell: (shard, change) => {
          const { client, to } = this.#shards[shard];
          to.send(() => client.leases!.apply(structuredClone(change)));
        },
        recall: (shard, pool) => {
          const { client, to, from, whenLost } = this.#shards[shard];
          return new Promise((resolve, reject) => {
            whenLost.push(() => reject(new Error("the shard is gone")));
            to.send(() => {
              const ranges = client.leases!.recall(pool);
              from.send(() => resolve(ranges));
            });
          });
        },
      },
      this.#filter,
    );
    for (let shard = 0; shard < SHARDS; shard++) this.#start(shard);
    this.attributes.addPool({ name: POOL, addresses, attributes: [] });
  }

  /** A peer gets an address, if there is one. */
  async connect(shard: number, identity: string, requested = Host.any(4)): Promise<void> {
    const ikeSaId = this.#nextId++ * SHARDS + shard + 1;
    const context = { connection: "rw", ikeSaId, identity, remote: "192.0.2.1", pools: [POOL] };
    const { client } = this.#shards[shard];
    this.#asking.set(identity, (this.#asking.get(identity) ?? 0) + 1);
    this.#note(identity);
    const pending = { client };
    this.#pending.add(pending);
    const address = await client.acquireAddress(context, requested);
    this.#pending.delete(pending);
    this.#asking.set(identity, this.#asking.get(identity)! - 1);
    if (!address || this.#shards[shard].client !== client) return;
    for (const other of this.up)
      if (other.address.sameAddress(address) && other.context.identity !== identity) this.twice.push(String(address));
    this.up.add({ shard, context, address });
    this.given.set(identity, (this.given.get(identity) ?? new Set()).add(String(address)));
  }

  disconnect(up: Up): void {
    this.up.delete(up);
    this.#shards[up.shard].client.releaseAddress(up.context, up.address);
  }

  /** Control hears of all that was done so far. */
  told(): void {
    for (const { client, from } of this.#shards) {
      client.leases!.flush();
      from.deliver();
    }
  }

  /** A shard dies and is replaced: what it sent arrives, what it did not is lost. */
  kill(shard: number): void {
    const { to, from, whenLost } = this.#shards[shard];
    from.deliver();
    to.cut();
    for (const each of whenLost) each();
    for (const each of this.up) if (each.shard === shard) this.up.delete(each);
    this.#control.shardLost(shard, (ikeSaId) => (ikeSaId - 1) % SHARDS === shard);
    this.#start(shard);
  }

  /** Requests for addresses that were not answered, other than those of shards that died. */
  get unanswered(): number {
    return [...this.#pending].filter(({ client }) => this.#shards.some((each) => each.client === client)).length;
  }

  /** Addresses that peers have; IKE_SAs of one identity may share one that it asked for. */
  get addresses(): string[] {
    return [...new Set([...this.up].map(({ address }) => String(address)))];
  }

  get status() {
    return this.attributes.pools()[0]!;
  }

  /** What control knows to be online. */
  get online(): string[] {
    return [...this.attributes.leases(POOL)].filter(({ online }) => online).map(({ address }) => address);
  }

  #start(shard: number): void {
    const to = new Line(this.scheduler, `to ${shard}`);
    const from = new Line(this.scheduler, `from ${shard}`);
    const control = {
      acquireAddress: (...question: Parameters<ControlPort["acquireAddress"]>) => {
        this.asked++;
        return new Promise((resolve) =>
          from.send(() => {
            void Promise.resolve(this.#control.acquireAddress(...question)).then((found) => to.send(() => resolve(found)));
          }),
        );
      },
      noticeLeases: (...told: Parameters<ControlPort["noticeLeases"]>) => from.send(() => this.#control.noticeLeases(...told)),
    } as unknown as ControlPort;
    // A turn ends when the scheduler says so; a thread that is gone has none.
    const defer = (callback: () => void): void =>
      void this.scheduler.schedule(Promise.resolve(), `turn of ${shard}`).then(() => {
        if (this.#shards[shard].client === client) callback();
      });
    const numbers = new SaNumbers(this.#numbers, { index: shard, shards: SHARDS });
    const client = new LinkedControlClient({ control, log, waits, index: shard, numbers, filter: this.#filter, defer });
    this.#shards[shard] = { client, to, from, whenLost: [] };
    this.attributes.initialize((change) => to.send(() => client.leases!.apply(structuredClone(change))));
  }

  #note(identity: string): void {
    const has = [...this.up].filter(({ context }) => context.identity === identity).length;
    const most = has + this.#asking.get(identity)!;
    this.most.set(identity, Math.max(this.most.get(identity) ?? 0, most));
  }
}

type Event =
  | { readonly op: "connect"; readonly shard: number; readonly peer: number; readonly wanted: number | undefined }
  | { readonly op: "disconnect"; readonly pick: number }
  | { readonly op: "kill"; readonly shard: number };

const shard = fc.nat(SHARDS - 1);
const connect = fc.record({
  op: fc.constant("connect" as const),
  shard,
  peer: fc.nat(9),
  wanted: fc.option(fc.nat(12), { nil: undefined }),
});
const disconnect = fc.record({ op: fc.constant("disconnect" as const), pick: fc.nat(100) });
const kill = fc.record({ op: fc.constant("kill" as const), shard });
const usual = fc.oneof({ weight: 3, arbitrary: connect }, { weight: 2, arbitrary: disconnect });
const withDeaths = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: kill });

/** Has the events come about in an order that the scheduler chooses, beside all that is sent for them. */
async function run(leasing: Leasing, scheduler: fc.Scheduler, events: readonly Event[]): Promise<void> {
  for (const event of events) {
    void scheduler.schedule(Promise.resolve(), event.op).then(async () => {
      if (event.op === "kill") return leasing.kill(event.shard);
      if (event.op === "connect") {
        const wanted = event.wanted === undefined ? undefined : Host.of(`10.3.0.${event.wanted}`);
        return leasing.connect(event.shard, `peer ${event.peer}`, wanted);
      }
      const all = [...leasing.up];
      if (all.length > 0) leasing.disconnect(all[event.pick % all.length]);
    });
  }
  await scheduler.waitIdle();
}

/** All is told: what control knows is what there is; and not one address is lost. */
async function expectExact(leasing: Leasing, scheduler: fc.Scheduler, size: number): Promise<void> {
  expect(leasing.twice).toEqual([]);
  const addresses = leasing.addresses;
  expect(leasing.online.sort()).toEqual(addresses.sort());
  expect(leasing.status).toMatchObject({ size, online: addresses.length });
  // Each address that nobody has can be had.
  for (let i = addresses.length; i < size; i++) void leasing.connect(i % SHARDS, `newcomer ${i}`);
  await scheduler.waitIdle();
  expect(leasing.addresses).toHaveLength(size);
  void leasing.connect(0, "one too many");
  await scheduler.waitIdle();
  expect(leasing.addresses).toHaveLength(size);
  expect(leasing.twice).toEqual([]);
  expect(leasing.unanswered).toBe(0);
}

type Pool = readonly [addresses: string, size: number];
/** Of the small one shards get nothing in advance, of the middle one an address at a time; of the large one there is enough for all events. */
const SMALL: Pool = ["10.3.0.1-10.3.0.6", 6];
const MIDDLE: Pool = ["10.3.0.1-10.3.0.20", 20];
const LARGE: Pool = ["10.3.0.1-10.3.0.64", 64];

describe("a pool that shards lease from", () => {
  const removal = async (
    events: (leasing: Leasing) => void,
  ): Promise<[removed: boolean | undefined, online: number | undefined]> => {
    let result: [boolean | undefined, number | undefined] = [undefined, undefined];
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const leasing = new Leasing(scheduler, "10.3.0.0/24");
        await scheduler.waitIdle();
        void leasing.connect(0, "carol");
        await scheduler.waitIdle();
        let removed: boolean | undefined;
        events(leasing);
        void Promise.resolve(leasing.attributes.removePool(POOL)).then((is) => (removed = is));
        await scheduler.waitIdle();
        result = [removed, leasing.attributes.pools()[0]?.online];
        void leasing.connect(1, "eve");
        await scheduler.waitIdle();
        expect([...leasing.up].map(({ context }) => context.identity).includes("eve")).toBe(removed === false);
      }),
      { numRuns: 1 },
    );
    return result;
  };

  it("goes when nobody has a lease, and takes the addresses of the shards with it", async () => {
    expect(await removal((leasing) => leasing.disconnect([...leasing.up][0]!))).toEqual([false, 0]);
    expect(
      await removal((leasing) => {
        const [carol] = leasing.up;
        leasing.disconnect(carol!);
        leasing.told();
      }),
    ).toEqual([true, undefined]);
  });

  it("stays when a shard leased an address that control has not heard of", async () => {
    expect(
      await removal((leasing) => {
        leasing.disconnect([...leasing.up][0]!);
        leasing.told();
        void leasing.connect(0, "dave");
      }),
    ).toEqual([false, 1]);
  });
});

/** Checks a pool of so many addresses under random events. */
const property = ([addresses, size]: Pool, event: fc.Arbitrary<Event>, check: (leasing: Leasing) => void = () => undefined) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(event, { maxLength: 40, size: "max" }), async (scheduler, events) => {
      const leasing = new Leasing(scheduler, addresses);
      await run(leasing, scheduler, events);
      check(leasing);
      await expectExact(leasing, scheduler, size);
    }),
    { numRuns: 200 },
  );

describe.each([SMALL, MIDDLE, LARGE])("leases of the pool %s on four shards", (...pool) => {
  it("are never of one address twice, leave none out, and are known exactly once all is told", () => property(pool, usual));

  it("survive the death of shards", () => property(pool, withDeaths));
});

describe("leases of a pool with addresses for everybody, on four shards", () => {
  it("are those that a peer had before, whichever shard it comes back to, and no more than it needed at a time", () =>
    property(LARGE, usual, ({ given, most }) => {
      for (const [identity, addresses] of given) expect(addresses.size, identity).toBeLessThanOrEqual(most.get(identity)!);
    }));
});
