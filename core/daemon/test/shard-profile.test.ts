import { Host } from "@cygnet/plugin-api";
import type { KernelIpsec, ShardProfile, WaitProfile } from "@cygnet/plugin-api";
import { WaitTimes } from "@cygnet/runtime";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it, vi } from "vitest";
import { timedLink } from "../src/threads/timed-link.js";
import type { ShardPort } from "../src/link.js";
import { TimedKernels } from "../src/shard/timed-kernels.js";

const MOON = Host.of("192.0.2.1", 500);
const SUN = Host.of("192.0.2.2", 500);

const named = (waits: readonly WaitProfile[], on: string) =>
  waits.filter((wait) => wait.on === on).map(({ name, time }) => [name, time.count, time.pending]);

/** A promise for later. */
function later<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

describe("the profile of a shard", () => {
  it("has jobs, responses and sockets, and survives structured cloning", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const profile: ShardProfile = structuredClone(pair.moon.shard.profile());
    expect(profile).toEqual({ ...pair.moon.shard.profile(), thread: profile.thread });
    expect(profile.shard).toBe(0);
    expect(profile.jobs.find(({ name }) => name === "process-message")).toMatchObject({ count: 2, failed: 0, run: { count: 2 } });
    expect(named(profile.waits, "peer")).toEqual([
      ["IKE_SA_INIT", 1, 0],
      ["IKE_AUTH", 1, 0],
    ]);
    expect(profile.retransmissions).toEqual({ sent: 0, givenUp: 0 });
    expect(profile.starved).toMatchObject({ count: 0, pending: 0 });
    expect(named(pair.sun.shard.profile().waits, "peer")).toEqual([]);
  });

  it("counts retransmissions and the peers that were given up", async () => {
    const pair = new Pair({ moon: { settings: { retransmit_tries: "2" } } });
    pair.configure();
    pair.network.fate = () => [];
    pair.moon.initiate("net");
    await pair.run(60_000);
    expect(pair.moon.shard.profile()).toMatchObject({ retransmissions: { sent: 2, givenUp: 1 } });
  });

  it("has the longest queue of each socket", async () => {
    const pair = new Pair();
    pair.configure();
    const status = {
      local: "192.0.2.1[500]",
      received: 4,
      forwarded: 0,
      sent: 4,
      dropped: 0,
      shed: 0,
      sendErrors: 0,
      queuedBytes: 0,
      bufferBytes: 8192,
    };
    const { socket } = pair.moon.shard.context.sockets;
    const queues = vi.spyOn(socket!, "status").mockReturnValue([{ ...status, queuedBytes: 7000 }]);
    await pair.run(200);
    await pair.establish();
    queues.mockReturnValue([status]);
    expect(pair.moon.shard.profile().sockets).toEqual([{ ...status, peakQueuedBytes: 7000 }]);
  });
});

describe("TimedKernels", () => {
  it("measure answers that take a while, and hand on those that do not", async () => {
    const waits = new WaitTimes();
    const spi = later<number>();
    const slow: Partial<KernelIpsec> = { getSpi: () => spi.promise, deleteSa: () => undefined, requiresUdpEncap: true };
    const kernels = new TimedKernels({ ipsec: slow as KernelIpsec, net: undefined }, waits);
    expect(kernels.net).toBeUndefined();
    expect(kernels.ipsec!.requiresUdpEncap).toBe(true);
    const asked = kernels.ipsec!.getSpi(MOON, SUN, 3);
    expect(kernels.ipsec!.deleteSa({ source: MOON, destination: SUN, spi: 1, protocol: 3 })).toBeUndefined();
    expect(named(waits.profile(), "kernel")).toEqual([["get SPI", 0, 1]]);
    spi.resolve(0xc000_0001);
    expect(await asked).toBe(0xc000_0001);
    expect(named(waits.profile(), "kernel")).toEqual([["get SPI", 1, 0]]);
  });

  it("follow a change of the kernel in use", () => {
    const one = { requiresUdpEncap: false } as KernelIpsec;
    const other = { requiresUdpEncap: true } as KernelIpsec;
    const holder = { ipsec: one, net: undefined };
    const kernels = new TimedKernels(holder, new WaitTimes());
    expect(kernels.ipsec).toBe(kernels.ipsec);
    holder.ipsec = other;
    expect(kernels.ipsec!.requiresUdpEncap).toBe(true);
  });
});

describe("timedLink", () => {
  it("measures how long answers of a shard take, by what was asked", async () => {
    const waits = new WaitTimes();
    const count = later<{ up: number; connecting: number }>();
    const shard: Partial<ShardPort> = { count: () => count.promise, rekeyIke: () => true };
    const link = timedLink(shard as ShardPort, waits);
    expect(link.rekeyIke(1)).toBe(true);
    const asked = link.count();
    expect(named(waits.profile(), "link")).toEqual([["count", 0, 1]]);
    count.resolve({ up: 1, connecting: 0 });
    expect(await asked).toEqual({ up: 1, connecting: 0 });
    expect(named(waits.profile(), "link")).toEqual([["count", 1, 0]]);
  });
});
