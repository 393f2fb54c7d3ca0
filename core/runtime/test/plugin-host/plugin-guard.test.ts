import { LogGroup } from "@cygnet/plugin-api";
import { LogManager, PLUGIN_ANSWER_MS, PLUGIN_BLOCK_MS, PluginGuard, WaitTimes } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { expect, it } from "vitest";

function setup() {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const now = (): number => clock.tick();
  const waits = new WaitTimes(now);
  const guard = new PluginGuard({ log, timers: clock, waits, now });
  const late: string[] = [];
  const call = {
    kind: "provider",
    name: "acme",
    what: "acquire",
    otherwise: "none",
    late: (result: string) => void late.push(result),
  };
  return { clock, waits, guard, call, late, said: () => sink.messages(LogGroup.LIB, 1) };
}

it("hands on what a plugin answers, at once if it answers at once", async () => {
  const { guard, call, said, waits, clock } = setup();
  expect(guard.call(call, () => "it")).toBe("it");
  expect(waits.profile()).toEqual([]);
  const answer = guard.call(call, () => Promise.resolve("later"));
  expect(await answer).toBe("later");
  expect(said()).toEqual([]);
  expect(clock.armedTimers).toBe(0);
});

it("names a plugin that throws or rejects, and goes on without its answer", async () => {
  const { guard, call, said } = setup();
  const fail = (): never => {
    throw new Error("oops");
  };
  expect(guard.call(call, fail)).toBe("none");
  expect(await guard.call(call, () => Promise.reject(new Error("no answer")))).toBe("none");
  expect(said()).toEqual(["provider 'acme' failed on acquire: oops", "provider 'acme' failed on acquire: no answer"]);
});

it("names a plugin that keeps the thread, with the time", () => {
  const { guard, call, said, clock } = setup();
  const busy = (ms: number) => () => (clock.skip(ms), "it");
  expect(guard.call(call, busy(PLUGIN_BLOCK_MS - 1))).toBe("it");
  expect(said()).toEqual([]);
  expect(guard.call(call, busy(345.4))).toBe("it");
  const fail = (): never => {
    clock.skip(200);
    throw new Error("oops");
  };
  guard.call(call, fail);
  expect(said()).toEqual([
    "provider 'acme' kept the thread for 345 ms on acquire",
    "provider 'acme' failed on acquire after 200 ms: oops",
  ]);
});

it("names a plugin that does not answer, which is in the profile as long as it does not, and hands over an answer that is late", async () => {
  const { guard, call, said, clock, waits, late } = setup();
  let answer: (result: string) => void = () => undefined;
  const waiting = guard.call(call, () => new Promise<string>((resolve) => (answer = resolve)));
  clock.advance(PLUGIN_ANSWER_MS);
  expect(await waiting).toBe("none");
  expect(said()).toEqual(["provider 'acme' has not answered on acquire within 10 s, going on without it"]);
  expect(waits.profile()).toMatchObject([{ on: "acme", name: "acquire", time: { pending: 1, pendingUs: 10_000_000 } }]);
  clock.advance(2000);
  answer("it");
  await new Promise(setImmediate);
  expect(late).toEqual(["it"]);
  expect(said().slice(1)).toEqual(["provider 'acme' answered on acquire after 12000 ms, too late"]);
  expect(waits.profile()).toMatchObject([{ time: { pending: 0, count: 1, maxUs: 12_000_000 } }]);
});
