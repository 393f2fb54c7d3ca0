import type { MaybePromise } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { PairOptions } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty, expectUp } from "./expectations.js";
import { labelOf } from "./wire-tap.js";

/** A pair whose kernels take their time. */
async function slow(delayMs: number, options: PairOptions = {}): Promise<Pair> {
  const pair = new Pair(options);
  pair.configure();
  for (const end of pair.ends) end.kernel.delayMs = delayMs;
  await pair.establish();
  await pair.run(10 * delayMs);
  expectUp(pair);
  return pair;
}

describe("a kernel that takes its time", () => {
  it("delays what it is asked for, and nothing goes wrong: set-up, rekeying, deleting", async () => {
    const pair = await slow(30);
    pair.moon.rekeyChild();
    await pair.run(1000);
    pair.sun.rekeyIke();
    await pair.run(10_000);
    expectUp(pair);
    pair.sun.terminateChild();
    await pair.run(1000);
    expectUp(pair, 0);
    pair.moon.terminateIke();
    await pair.run(1000);
    for (const end of pair.ends) expectEmpty(end);
  });

  it("has messages wait for the IKE_SA, and timers and commands too, but not more messages than it should", async () => {
    const pair = await slow(0);
    pair.moon.kernel.delayMs = 1000;
    pair.moon.rekeyChild();
    await pair.run(100);
    const [ikeSa] = pair.moon.ikeSas;
    expect(ikeSa!.isBusy).toBe(true);
    const template = pair.network.flights.findLast((flight) => labelOf(flight).startsWith("IKE_AUTH response"))!;
    for (let i = 0; i < 50; i++) pair.network.send(template);
    await pair.run(20);
    const operation = pair.moon.terminateIke();
    await pair.run(100);
    // 16 messages are held, the command waits behind them.
    expect(ikeSa!.waiting).toHaveLength(17);
    expect(pair.moon.socket.held).toBe(16);
    pair.moon.kernel.delayMs = 0;
    await pair.run(10_000);
    expect(operation.result()).toBe("done");
    expectAgreed(pair);
    for (const end of pair.ends) expectEmpty(end);
  });

  it("finds nobody any more when the IKE_SA is destroyed meanwhile: all it did is undone", async () => {
    for (let steps = 1; steps < 30; steps++) {
      const pair = new Pair();
      pair.configure();
      for (const end of pair.ends) end.kernel.delayMs = 20;
      pair.moon.initiate("net");
      await pair.run(steps * 8, steps * 2);
      for (const end of pair.ends) for (const ikeSa of end.ikeSas) end.manager.destroy(ikeSa);
      await pair.run(1000);
      // What is still on its way may begin a half-open IKE_SA.
      await pair.run(200_000);
      for (const end of pair.ends) {
        expect(end.kernel.sas.size).toBe(0);
        expect(end.kernel.allocated.size).toBe(0);
        expect(end.kernel.policies.size).toBe(0);
        expect(end.socket.held).toBe(0);
        expect(end.manager.daemonCounts.connecting).toBe(0);
        expect(end.timers).toBe(0);
        expect(end.lines().filter((line) => / failed: /.test(line))).toEqual([]);
      }
    }
  });
});

describe("control that takes its time", () => {
  /** Addresses come after `delayMs`. */
  function slowPool(delayMs: number): Pair {
    let pair: Pair | undefined;
    pair = new Pair({
      sun: {
        link: (control) =>
          new Proxy(control, {
            get(target, property) {
              const value: unknown = Reflect.get(target, property, target);
              if (typeof value !== "function") return value;
              return (...args: unknown[]): unknown => {
                const answer: unknown = Reflect.apply(value, target, args);
                return new Promise((resolve) => pair!.clock.timer(() => resolve(answer)).arm(delayMs));
              };
            },
          }),
      },
    });
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [] });
    pair.configure(
      { virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
      { pools: ["pool"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
    );
    return pair;
  }

  it("delays the IKE_AUTH response, whose request may come again meanwhile", async () => {
    const pair = slowPool(6000);
    pair.network.fate = () => [1, 2];
    await pair.establish();
    await pair.run(30_000);
    expectUp(pair);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 1 }]);
  });

  it("has log lines name the IKE_SA after the wait as before it", async () => {
    const pair = slowPool(100);
    await pair.establish();
    await pair.run(1000);
    const line = pair.sun.sink.lines.find((text) => text.includes("assigning virtual IP"));
    expect(line).toContain("<net|1> assigning virtual IP 10.3.0.1 to peer 'moon'");
    const last = pair.sun.sink.lines.find((text) => text.includes("CHILD_SA net{1} established"));
    expect(last).toContain("<net|1> ");
  });

  it("gets its address back when the IKE_SA is gone by then", async () => {
    const pair = slowPool(1000);
    await pair.establish();
    for (const ikeSa of pair.sun.ikeSas) pair.sun.manager.destroy(ikeSa);
    await pair.run(5000);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 0, offline: 1 }]);
  });

  it("that never answers costs the half-open IKE_SA, not more", async () => {
    const pair = slowPool(10_000_000);
    await pair.establish();
    expect(pair.sun.ikeSas[0]!.isBusy).toBe(true);
    await pair.run(31_000);
    expect(pair.sun.ikeSas).toEqual([]);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(0);
    expect(pair.sun.socket.held).toBe(1);
    // Others are served.
    pair.moon.manager.destroy(pair.moon.ikeSas[0]!);
    const definition = pair.sun.shard.context.configs.peerByName("net")!.definition;
    pair.sun.connection({ ...definition, pools: [], children: [usualChild("sun")] });
    pair.moon.connection({
      ...pair.moon.shard.context.configs.peerByName("net")!.definition,
      virtualIps: [],
      children: [usualChild("moon")],
    });
    await pair.establish();
    expect(pair.moon.children).toHaveLength(1);
  });
});

describe("a listener that authorizes", () => {
  for (const [decision, expected] of [
    [true, "done"],
    [false, "failed"],
  ] as const) {
    for (const who of ["moon", "sun"] as const) {
      it(`at ${who} may wait before it says ${decision}`, async () => {
        const pair = new Pair();
        pair.configure();
        const authorize = (): MaybePromise<boolean> =>
          new Promise((resolve) => pair.clock.timer(() => resolve(decision)).arm(500));
        pair[who].bus.addListener({ name: "slow", authorize });
        const operation = pair.moon.initiate("net");
        await pair.run(2000);
        expect(operation.result()).toBe(expected);
        if (decision) expectUp(pair);
        else for (const end of pair.ends) expectEmpty(end);
      });
    }
  }

  it("may command from within an event: the IKE_SA is not worked on twice at once", async () => {
    const pair = new Pair();
    pair.configure();
    pair.moon.bus.addListener({
      name: "impatient",
      ikeUpdown: (ikeSa, up) => {
        if (up) void pair.moon.manager.work(ikeSa.uniqueId, { run: (sa) => pair.moon.manager.upkeep.close(sa) });
      },
    });
    await pair.establish();
    for (const end of pair.ends) expectEmpty(end);
  });
});
