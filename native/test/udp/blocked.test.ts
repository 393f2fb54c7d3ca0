import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/*
 * Loopback as it is never fills a send buffer, so this runs in a network namespace of its own whose loopback takes 20 Mbit/s. Needs root.
 */
const SET_UP = "ip link set lo up && tc qdisc add dev lo root tbf rate 20mbit burst 4k limit 10mb";

const addon = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../../build/Release/cygnet.node", import.meta.url));
const inNamespace = (command: string) => spawnSync("unshare", ["-n", "sh", "-c", command], { encoding: "utf8" });
const isPossible = inNamespace(SET_UP).status === 0;

it.skipIf(!isPossible)("keeps what a full socket does not take and sends it as soon as it can (skipped without root)", () => {
  const code = `
    const { UdpSocket } = require(${JSON.stringify(addon)});
    const a = new UdpSocket({ family: 4, sendQueueBytes: 1 << 20 });
    const slab = new DataView(a.sendSlab);
    const bytes = new Uint8Array(a.sendSlab);
    const control = new Int32Array(a.control);
    const total = 600, size = 64 + 1008;
    for (let i = 0; i < total; i++) {
      slab.setUint32(i * size, 1000, true);
      slab.setUint8(i * size + 4, 4);
      slab.setUint16(i * size + 10, 9, true);
      bytes.set([127, 0, 0, 1], i * size + 32);
    }
    control[3] = total * size;
    const left = a.flush();
    const { sent } = a.status();
    console.log(left > 0 && left === (total - sent) * size ? "queued" : "left " + left + " sent " + sent);
    // An open poll handle alone keeps the process alive, and only while something is queued.
    process.on("exit", () => console.log(a.status().sent === total && a.flush() === 0 ? "sent" : JSON.stringify(a.status())));
  `;
  const quoted = `'${code.replaceAll("'", `'\\''`)}'`;
  const { stdout, stderr, status } = inNamespace(`${SET_UP} && exec ${process.execPath} -e ${quoted}`);
  expect({ stdout, status, stderr }).toEqual({ stdout: "queued\nsent\n", status: 0, stderr: "" });
});
