import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { NativeError, System } from "../../src/index.js";

const system = new System();
/** For sockets that Node.js does not have. */
const havePython = spawnSync("python3", ["-c", "pass"]).status === 0;

describe("System", () => {
  it("restricts the thread to one CPU and back", () => {
    const before = system.affinity();
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThanOrEqual(system.onlineCpus());
    try {
      system.setAffinity([before[0]]);
      expect(system.affinity()).toEqual([before[0]]);
    } finally {
      system.setAffinity(before);
    }
    expect(system.affinity()).toEqual(before);
  });

  it("refuses a mask without a usable CPU and what is no CPU number", () => {
    expect(() => system.setAffinity([])).toThrow(NativeError);
    expect(() => system.setAffinity([65_535])).toThrow(/sched_setaffinity/);
    expect(() => system.setAffinity([70_000])).toThrow(NativeError);
    expect(() => system.setAffinity([0.5])).toThrow(TypeError);
    expect(() => system.setAffinity([-1])).toThrow(TypeError);
  });

  it("restricts all threads of the process, and those that they start", async () => {
    const before = system.affinity();
    const masks = (): string[] =>
      readdirSync("/proc/self/task").map(
        (task) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/self/task/${task}/status`, "utf8"))![1],
      );
    try {
      system.setProcessAffinity([before[0]]);
      const worker = new Worker("require('node:worker_threads').parentPort.once('message', () => process.exit())", {
        eval: true,
      });
      await new Promise((resolve) => worker.once("online", resolve));
      expect(masks().length).toBeGreaterThan(4);
      expect(new Set(masks())).toEqual(new Set([String(before[0])]));
      await worker.terminate();
      expect(() => system.setProcessAffinity([65_535])).toThrow(NativeError);
      expect(() => system.setProcessAffinity([-1])).toThrow(TypeError);
      expect(new Set(masks())).toEqual(new Set([String(before[0])]));
    } finally {
      system.setProcessAffinity(before);
    }
  });

  it("counts the online CPUs", () => {
    expect(system.onlineCpus()).toBe(cpus().length);
  });

  it("knows the resident memory", () => {
    const before = system.residentBytes();
    expect(before).toBeGreaterThan(10 << 20);
    const kept = Buffer.alloc(64 << 20, 1);
    expect(system.residentBytes() - before).toBeGreaterThan(32 << 20);
    expect(kept[kept.length - 1]).toBe(1);
  });

  it("measures CPU time of the thread within that of the process", () => {
    const [thread, whole] = [system.threadCpu(), system.processCpu()];
    let sum = 0;
    do for (let i = 0; i < 1e6; i++) sum += i % 7;
    while (system.threadCpu().userUs + system.threadCpu().systemUs <= thread.userUs + thread.systemUs);
    expect(sum).toBeGreaterThan(0);
    const later = system.processCpu();
    expect(later.userUs + later.systemUs).toBeGreaterThan(whole.userUs + whole.systemUs);
    expect(thread.userUs + thread.systemUs).toBeLessThanOrEqual(later.userUs + later.systemUs);
  });

  it("has a clock that does not go back and agrees with Node's", () => {
    const first = Number(process.hrtime.bigint());
    const own = system.monotonicNs();
    const last = Number(process.hrtime.bigint());
    expect(own).toBeGreaterThanOrEqual(first);
    expect(own).toBeLessThanOrEqual(last);
  });

  it("finds the interface of an address", () => {
    const loopback = system.interfaceIndexOf(Uint8Array.of(127, 0, 0, 1));
    expect(loopback).toBeGreaterThan(0);
    expect(system.interfaceIndexOf(Uint8Array.of(203, 0, 113, 77))).toBe(0);
    expect(() => system.interfaceIndexOf(new Uint8Array(5))).toThrow(TypeError);
  });

  it("works in a worker, whose affinity is its own", async () => {
    const before = system.affinity();
    const addon = process.env["CYGNET_NATIVE"] ?? new URL("../../build/Release/cygnet.node", import.meta.url).pathname;
    const code = `const native = require(${JSON.stringify(addon)});
      const first = native.getAffinity()[0];
      native.setAffinity(Uint32Array.of(first));
      require("node:worker_threads").parentPort.postMessage(native.getAffinity());`;
    const worker = new Worker(code, { eval: true });
    const mask = await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
    expect(mask).toEqual([before[0]]);
    expect(system.affinity()).toEqual(before);
  });

  describe.skipIf(!havePython)("notify (skipped without python3)", () => {
    const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\\0" + sys.argv[1][1:] if sys.argv[1].startswith("@") else sys.argv[1])
print("listening", flush=True)
print(receiver.recv(65536).hex(), flush=True)
`;

    it.each([
      ["a path", (folder: string) => join(folder, "socket")],
      ["an abstract name", () => `@cygnet-native-${process.pid}`],
    ])("sends a datagram to %s", async (_what, addressIn) => {
      const folder = mkdtempSync(join(tmpdir(), "cygnet-native-"));
      const address = addressIn(folder);
      const python = spawn("python3", ["-c", RECEIVER, address], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
        expect(await lines.next()).toMatchObject({ value: "listening" });
        system.notify(address, "READY=1\nSTATUS=für alle");
        expect(await lines.next()).toMatchObject({ value: Buffer.from("READY=1\nSTATUS=für alle").toString("hex") });
        await once(python, "exit");
        expect(() => system.notify(address, "late")).toThrow(NativeError);
      } finally {
        python.kill();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });

  it.each(["", "@", `/${"a".repeat(108)}`, `@${"a".repeat(108)}`, "/a\0b"])(
    "refuses to notify %j, which is no address",
    (address) => {
      expect(() => system.notify(address, "READY=1")).toThrow("sendto: invalid argument");
    },
  );

  it("tells that nobody listens", () => {
    expect(() => system.notify("/nonexistent/socket", "READY=1")).toThrow(NativeError);
    expect(() => system.notify(1 as unknown as string, "READY=1")).toThrow(TypeError);
  });
});
