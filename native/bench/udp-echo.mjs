// CPU per echoed datagram: `node bench/udp-echo.mjs [--count N] [--window N] [--bytes N]`, after `npm run build`.
//
// A worker echoes datagrams with UdpSocket, and with node:dgram for comparison; the main thread keeps `window` of them under way. What is
// printed is the CPU time of the echoing thread (getrusage, user and system) divided by the datagrams, as JSON. On the loopback interface
// the kernel's work for the receiver is charged to the sender, on both sides.
import { createSocket } from "node:dgram";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { System, UdpSocket } from "../dist/index.js";

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const BUFFER = 4 << 20;

if (isMainThread) await main();
else echo(workerData.kind);

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "400000" },
      window: { type: "string", default: "64" },
      bytes: { type: "string", default: "300" },
    },
  });
  const [count, window, bytes] = [values.count, values.window, values.bytes].map(Number);
  const results = [];
  for (const kind of ["addon", "dgram"]) results.push(await measure(kind, count, window, bytes));
  console.log(JSON.stringify({ node: process.version, count, window, bytes, results }, undefined, 2));
}

async function measure(kind, count, window, bytes) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { kind } });
  const ask = (question) =>
    new Promise((resolve) => {
      worker.once("message", resolve);
      if (question) worker.postMessage(question);
    });
  const { port } = await ask();
  const client = new UdpSocket({ family: 4, address: LOOPBACK, receiveBufferBytes: BUFFER });
  const target = { address: LOOPBACK, port };
  const payload = new Uint8Array(bytes).fill(0x55);
  let received = 0;
  let sent = 0;
  let goal = 0;
  let done = () => {};
  const send = () => {
    while (sent < goal && sent - received < window) {
      client.send(payload, target, LOOPBACK);
      sent++;
    }
    client.flush();
  };
  client.start((slots, length) => {
    for (let i = 0; i < length; i++) client.release(slots[i]);
    received += length;
    if (received >= goal) done();
    else send();
  });
  const run = (more) =>
    new Promise((resolve) => {
      goal += more;
      done = resolve;
      send();
    });
  await run(Math.min(50_000, count));
  const before = await ask("usage");
  const start = performance.now();
  await run(count);
  const seconds = (performance.now() - start) / 1000;
  const after = await ask("usage");
  client.close();
  await worker.terminate();
  const per = (key) => Number(((after[key] - before[key]) / count).toFixed(3));
  return {
    kind,
    userUsPerDatagram: per("userUs"),
    systemUsPerDatagram: per("systemUs"),
    cpuUsPerDatagram: Number((per("userUs") + per("systemUs")).toFixed(3)),
    datagramsPerSecond: Math.round(count / seconds),
    meanBatch: after.batches > before.batches ? Number((count / (after.batches - before.batches)).toFixed(1)) : 1,
  };
}

function echo(kind) {
  const system = new System();
  let batches = 0;
  parentPort.on("message", () => parentPort.postMessage({ ...system.threadCpu(), batches }));
  if (kind === "dgram") {
    const socket = createSocket("udp4");
    socket.on("message", (data, peer) => {
      batches++;
      socket.send(data, peer.port, peer.address);
    });
    socket.bind(0, "127.0.0.1", () => {
      socket.setRecvBufferSize(BUFFER);
      parentPort.postMessage({ port: socket.address().port });
    });
    return;
  }
  const socket = new UdpSocket({ family: 4, address: LOOPBACK, receiveBufferBytes: BUFFER });
  const target = { address: LOOPBACK, port: 0 };
  socket.start((slots, count) => {
    batches++;
    for (let i = 0; i < count; i++) {
      const slot = slots[i];
      target.port = socket.sourcePort(slot);
      socket.send(socket.data(slot).subarray(0, socket.length(slot)), target, LOOPBACK);
      socket.release(slot);
    }
    socket.flush();
  });
  parentPort.postMessage({ port: socket.port });
}
