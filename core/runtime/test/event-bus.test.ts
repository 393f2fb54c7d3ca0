import { LogGroup } from "@cygnet/plugin-api";
import type { IkeSaView, Listener } from "@cygnet/plugin-api";
import { EventBus, LogManager } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { describe, expect, it } from "vitest";

// The bus hands the view on and never looks into it.
const IKE_SA = { uniqueId: 1, name: "home" } as IkeSaView;

function setup() {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  return { bus: new EventBus(log), sink };
}

/** Every event of the contract with arguments for its method. */
const EVENTS: readonly (readonly [event: Exclude<keyof Listener, "name">, args: readonly unknown[]])[] = [
  ["alert", [IKE_SA, { alert: "ts-mismatch" }]],
  ["ikeStateChange", [IKE_SA, 2]],
  ["childStateChange", [IKE_SA, {}, 3]],
  ["message", [IKE_SA, {}, true]],
  ["ikeKeyMaterial", [IKE_SA, {}, undefined]],
  ["ikeKeys", [IKE_SA, {}]],
  ["childKeyMaterial", [IKE_SA, {}, true, {}]],
  ["childKeys", [IKE_SA, {}, true, {}]],
  ["ikeUpdown", [IKE_SA, true]],
  ["ikeRekey", [IKE_SA, IKE_SA]],
  ["ikeReestablishPre", [IKE_SA, IKE_SA]],
  ["childrenMigrate", [IKE_SA, IKE_SA]],
  ["ikeReestablish", [IKE_SA, IKE_SA, true]],
  ["ikeUpdate", [IKE_SA, {}, {}]],
  ["childUpdown", [IKE_SA, {}, false]],
  ["childRekey", [IKE_SA, {}, {}]],
  ["narrow", [IKE_SA, {}, "responder", [], []]],
  ["assignVirtualIps", [IKE_SA, true]],
  ["handleVirtualIps", [IKE_SA, true]],
  ["attributes", [IKE_SA, []]],
  ["authorize", [IKE_SA, true]],
];

describe("event bus", () => {
  it.each(EVENTS)("hands on %s with its arguments, in order of registration, to those who listen", (event, args) => {
    const { bus } = setup();
    const calls: unknown[] = [];
    const listening = (name: string): Listener =>
      ({ name, [event]: (...given: unknown[]) => (calls.push(name, ...given), true) }) as unknown as Listener;
    bus.addListener(listening("a"));
    bus.addListener({ name: "deaf" });
    bus.addListener(listening("b"));
    expect(bus.wants(event)).toBe(true);
    (bus[event] as (...given: readonly unknown[]) => unknown)(...args);
    expect(calls).toEqual(["a", ...args, "b", ...args]);
  });

  it.each(EVENTS)("keeps a listener that throws on %s from the others, and names it", (event, args) => {
    const { bus, sink } = setup();
    let called = 0;
    const bad = { name: "bad-plugin", [event]: () => { throw new Error("oops"); } } as unknown as Listener; // prettier-ignore
    const good = { name: "good", [event]: () => void called++ } as unknown as Listener;
    bus.addListener(bad);
    bus.addListener(good);
    (bus[event] as (...given: readonly unknown[]) => unknown)(...args);
    expect(sink.messages(LogGroup.LIB, 1)).toEqual([`listener 'bad-plugin' failed on ${event}: oops`]);
    // Authorization alone ends with the first that does not grant it.
    expect(called).toBe(event === "authorize" ? 0 : 1);
  });

  it("does not care for events that nobody listens to", () => {
    const { bus } = setup();
    for (const [event, args] of EVENTS) {
      expect(bus.wants(event)).toBe(false);
      (bus[event] as (...given: readonly unknown[]) => unknown)(...args);
    }
    expect(bus.authorize(IKE_SA, true)).toBe(true);
  });

  it("keeps the listener's this", () => {
    const { bus } = setup();
    class Counter implements Listener {
      readonly name = "counter";
      ups = 0;

      ikeUpdown(): void {
        this.ups++;
      }
    }
    const counter = new Counter();
    bus.addListener(counter);
    bus.ikeUpdown(IKE_SA, true);
    expect(counter.ups).toBe(1);
  });

  it("removes exactly what was added, once, also while an event is under way", () => {
    const { bus } = setup();
    const calls: string[] = [];
    const twice: Listener = { name: "twice", ikeUpdown: () => void calls.push("twice") };
    const once: Listener = {
      name: "once",
      ikeUpdown: () => {
        calls.push("once");
        undoOnce();
        undoOnce();
      },
    };
    const undoOnce = bus.addListener(once);
    const undo = bus.addListener(twice);
    bus.addListener(twice);
    bus.ikeUpdown(IKE_SA, true);
    undo();
    undo();
    bus.ikeUpdown(IKE_SA, true);
    expect(calls).toEqual(["once", "twice", "twice", "twice"]);
  });

  it("authorizes only if all listeners do, waiting for those that must", async () => {
    const answers = [true, Promise.resolve(true), true];
    const { bus } = setup();
    for (const [i, answer] of answers.entries()) bus.addListener({ name: String(i), authorize: () => answer });
    await expect(Promise.resolve(bus.authorize(IKE_SA, true))).resolves.toBe(true);
    bus.addListener({ name: "no", authorize: () => Promise.resolve(false) });
    await expect(Promise.resolve(bus.authorize(IKE_SA, true))).resolves.toBe(false);
  });

  it("refuses when a listener rejects", async () => {
    const { bus, sink } = setup();
    bus.addListener({ name: "radius", authorize: () => Promise.reject(new Error("no answer")) });
    expect(await bus.authorize(IKE_SA, false)).toBe(false);
    expect(sink.messages(LogGroup.LIB, 1)).toEqual(["listener 'radius' failed on authorize: no answer"]);
  });

  it("answers at once while nobody has to wait", () => {
    const { bus } = setup();
    bus.addListener({ name: "yes", authorize: () => true });
    expect(bus.authorize(IKE_SA, false)).toBe(true);
    bus.addListener({ name: "no", authorize: () => false });
    expect(bus.authorize(IKE_SA, false)).toBe(false);
  });

  it("lets listeners narrow the selectors they are given", () => {
    const { bus } = setup();
    const local = [
      {
        family: 4 as const,
        protocol: 0,
        startPort: 0,
        endPort: 65535,
        startAddress: new Uint8Array(4),
        endAddress: new Uint8Array(4),
      },
    ];
    bus.addListener({ name: "unity", narrow: (_ike, _child, _stage, ours) => void ours.pop() });
    bus.narrow(IKE_SA, {} as never, "responder", local, []);
    expect(local).toEqual([]);
  });
});
