import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";

const addon = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../../build/Release/cygnet.node", import.meta.url));
const preamble = `
  const { UdpSocket } = require(${JSON.stringify(addon)});
  const open = () => new UdpSocket({ family: 4, address: Uint8Array.of(127, 0, 0, 1), port: 0 });
`;

function exitOf(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once("exit", resolve);
    worker.once("error", reject);
  });
}

describe("UdpSocket and its environment", () => {
  it("lets a worker exit with open sockets, started and not, closed and not", async () => {
    const code = `${preamble}
      const sockets = Array.from({ length: 8 }, open);
      sockets.forEach((socket, i) => i % 2 && socket.start(() => {}));
      sockets[0].close();
      sockets[1].close();
      process.exit(7);`;
    const workers = Array.from({ length: 4 }, () => new Worker(code, { eval: true }));
    expect(await Promise.all(workers.map(exitOf))).toEqual([7, 7, 7, 7]);
  });

  it("lets a worker be terminated while it receives", async () => {
    const code = `${preamble}
      const { parentPort } = require("node:worker_threads");
      const a = open();
      a.start(() => { for (;;); });
      const b = require("node:dgram").createSocket("udp4");
      b.send("x", a.port, "127.0.0.1", () => parentPort.postMessage("sent"));`;
    const worker = new Worker(code, { eval: true });
    await new Promise((resolve) => worker.once("message", resolve));
    expect(await worker.terminate()).toBe(1);
  });

  it("lets a worker end by itself once its sockets are closed", async () => {
    const code = `${preamble}
      const a = open();
      a.start(() => {});
      setImmediate(() => a.close());`;
    expect(await exitOf(new Worker(code, { eval: true }))).toBe(0);
  });

  it("reports what a receiver throws as an uncaught exception, and reads on", () => {
    const code = `${preamble}
      const a = open();
      let calls = 0;
      process.on("uncaughtException", (error) => console.log("caught", error.message));
      const b = require("node:dgram").createSocket("udp4");
      const send = () => b.send("x", a.port, "127.0.0.1");
      a.start(() => {
        if (++calls === 1) { send(); throw new Error("first"); }
        console.log("second");
        a.close();
        b.close();
      });
      send();`;
    const { stdout, stderr, status } = run(code);
    expect({ stdout, status, stderr }).toEqual({ stdout: "caught first\nsecond\n", status: 0, stderr: "" });
  });

  it("closes a socket that was forgotten", () => {
    const code = `${preamble}
      let { port } = (() => open())();
      setImmediate(() => {
        gc();
        setImmediate(() => {
          try { new UdpSocket({ family: 4, address: Uint8Array.of(127, 0, 0, 1), port }); console.log("free"); }
          catch (error) { console.log(error.code); }
        });
      });`;
    expect(run(code, "--expose-gc")).toMatchObject({ stdout: "free\n", status: 0 });
  });

  it("refuses methods on what is no UdpSocket", () => {
    const code = `${preamble}
      for (const name of ["start", "flush", "status", "close", "resume"]) {
        try { UdpSocket.prototype[name].call({}); console.log("accepted", name); }
        catch (error) { if (!(error instanceof TypeError)) console.log(error.name); }
      }`;
    expect(run(code)).toMatchObject({ stdout: "", status: 0 });
  });
});

function run(code: string, ...flags: string[]): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, "-e", code], { encoding: "utf8" });
  return { stdout, stderr, status };
}
