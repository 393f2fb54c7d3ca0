import { setImmediate } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { DefinitionError } from "@cygnet/plugin-api";
import { describe, expect, it, onTestFinished } from "vitest";
import { PortLink } from "../src/threads/port-link.js";

interface Numbers {
  add(a: number, b: number): Promise<number>;
  fail(): Promise<void>;
  wait(): Promise<void>;
  hear(text: string): void;
}

const TOLD = new Set(["hear"]);

/** Two sides; the first calls what the second has. */
function linked() {
  const { port1, port2 } = new MessageChannel();
  const [here, there] = [new PortLink<Numbers>(port1, TOLD), new PortLink<object>(port2, TOLD)];
  const calls: string[] = [];
  there.serve(
    {
      add: (a: number, b: number) => {
        calls.push("add");
        return a + b;
      },
      hear: (text: string) => {
        calls.push(text);
        throw new Error("nobody hears this");
      },
    },
    {
      add: () => -1,
      fail: () => {
        throw new DefinitionError("CYG_CONFIG_TS", "net", "no traffic selector");
      },
      wait: () => new Promise(() => undefined),
    },
  );
  onTestFinished(() => {
    here.close("the test is over");
    there.close("the test is over");
  });
  return { here, calls };
}

describe("a link over a message port", () => {
  it("calls the first object that has the method, and brings back what it answers", async () => {
    const { here, calls } = linked();
    expect(await Promise.all([here.remote.add(1, 2), here.remote.add(3, 4)])).toEqual([3, 7]);
    expect(calls).toEqual(["add", "add"]);
  });

  it("brings back errors with their code, also for what nobody answers", async () => {
    const { here } = linked();
    await expect(here.remote.fail()).rejects.toMatchObject({ code: "CYG_CONFIG_TS", message: "no traffic selector" });
    const { nonsense } = here.remote as unknown as { readonly nonsense: () => Promise<void> };
    await expect(nonsense()).rejects.toMatchObject({ message: "nothing here answers 'nonsense'" });
  });

  it("tells without an answer, in order with what it calls", async () => {
    const { here, calls } = linked();
    expect(here.remote.hear("first")).toBeUndefined();
    const sum = here.remote.add(1, 2);
    here.remote.hear("last");
    expect(await sum).toBe(3);
    await here.remote.add(3, 4);
    expect(calls).toEqual(["first", "add", "last", "add"]);
    here.close("the shard is gone");
    expect(here.remote.hear("nobody")).toBeUndefined();
  });

  it("ends calls that wait when it is closed, and later ones; those that nobody waits for are no fault", async () => {
    const { here } = linked();
    const faults: unknown[] = [];
    const note = (reason: unknown): void => void faults.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const waiting = here.remote.wait();
    void here.remote.wait();
    here.close("the shard is gone");
    void here.remote.wait();
    await expect(waiting).rejects.toThrow("the shard is gone");
    await expect(here.remote.add(1, 2)).rejects.toThrow("the shard is gone");
    await setImmediate();
    expect(faults).toEqual([]);
  });

  it("has another one answer when it is closed, what was asked before and what is asked later", async () => {
    const { here } = linked();
    const asked: string[] = [];
    const standIn: Numbers = {
      add: (a, b) => Promise.resolve(a * b),
      fail: () => Promise.reject(new DefinitionError("CYG_CONFIG_TS", "net", "from the other one")),
      wait: async () => void asked.push("wait"),
      hear: () => undefined,
    };
    const waiting = here.remote.wait();
    here.close("the shard is gone", standIn);
    expect(asked).toEqual(["wait"]);
    await waiting;
    expect(await here.remote.add(2, 5)).toBe(10);
    await expect(here.remote.fail()).rejects.toThrow("from the other one");
  });
});
