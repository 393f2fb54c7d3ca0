import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeInbox, openInbox } from "../../src/index.js";
import type { InboxHandle } from "../../src/index.js";

/*
 * Producers and consumers on threads of their own, by the addon itself: workers cannot run the TypeScript sources. A datagram is a number and
 * octets that follow from it, so that a torn one shows.
 */
const addon = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../../build/Release/cygnet.node", import.meta.url));
const PREAMBLE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { DatagramInbox, DatagramOutbox } = require(${JSON.stringify(addon)});
  const { handle, lane, count } = workerData;
  const SIZE = (number) => 8 + (number * 7) % 240;
`;

const PRODUCER = `${PREAMBLE}
  const outbox = new DatagramOutbox(Int32Array.of(handle.memoryFd), Int32Array.of(handle.wakeFd), lane);
  const header = new Uint8Array(64);
  const payloads = Array.from({ length: 249 }, (_, size) => Buffer.alloc(size));
  let number = 0;
  const run = () => {
    for (let i = 0; i < 64 && number < count; i++) {
      const payload = payloads[SIZE(number)];
      payload.fill(number & 0xff);
      payload.writeUInt32LE(number, 0);
      payload.writeUInt32LE(lane, 4);
      if (!outbox.push(0, header, payload)) break;
      number++;
    }
    outbox.flush();
    if (number < count) setImmediate(run);
    else parentPort.postMessage({ forwarded: outbox.forwarded(0) });
  };
  run();
`;

/** Tells the number of the first and of the last datagram of each lane, and what was wrong in between. */
const CONSUMER = `${PREAMBLE}
  const { lanes, until } = workerData;
  const inbox = new DatagramInbox({ ...handle, slots: 256, maxPacketBytes: 2000 });
  const control = new Int32Array(inbox.control);
  const slab = inbox.receiveSlab;
  const view = new DataView(slab);
  const bytes = Buffer.from(slab);
  const first = Array(lanes).fill(-1), last = Array(lanes).fill(-1);
  let total = 0, bad = 0;
  inbox.start((count) => {
    for (let i = 0; i < count; i++) {
      const slot = control[16 + 256 + i];
      const at = slot * 2064;
      const length = view.getUint32(at, true);
      const number = view.getUint32(at + 64, true);
      const lane = view.getUint32(at + 68, true);
      let isWhole = length === SIZE(number) && (last[lane] === -1 || number === last[lane] + 1);
      for (let k = 8; k < length; k++) isWhole &&= bytes[at + 64 + k] === (number & 0xff);
      if (!isWhole) bad++;
      if (first[lane] === -1) first[lane] = number;
      last[lane] = number;
      control[16 + control[0]] = slot;
      control[0]++;
      if (++total === until) parentPort.postMessage({ total, bad, first, last });
    }
    if (control[1] !== 0) inbox.resume();
  });
`;

interface Summary {
  readonly total: number;
  readonly bad: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

describe("rings between threads", () => {
  let handle: InboxHandle;
  const workers: Worker[] = [];
  const start = (code: string, data: object): Worker => {
    const worker = new Worker(code, { eval: true, workerData: { handle, ...data } });
    workers.push(worker);
    return worker;
  };
  const message = <T>(worker: Worker): Promise<T> =>
    new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });

  beforeEach(() => {
    handle = openInbox(2, 256 * 1024);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
    closeInbox(handle);
  });

  it(
    "carry two million datagrams from two threads to a third, in order, none lost, doubled or torn",
    { timeout: 300_000 },
    async () => {
      const COUNT = 1_000_000;
      const consumer = message<Summary>(start(CONSUMER, { lanes: 2, until: 2 * COUNT }));
      const producers = [0, 1].map((lane) => message<{ forwarded: number }>(start(PRODUCER, { lane, count: COUNT })));
      expect(await Promise.all(producers)).toEqual([{ forwarded: COUNT }, { forwarded: COUNT }]);
      expect(await consumer).toEqual({ total: 2 * COUNT, bad: 0, first: [0, 0], last: [COUNT - 1, COUNT - 1] });
    },
  );

  it("outlive a consumer that is terminated: its successor goes on where it stopped", { timeout: 300_000 }, async () => {
    const COUNT = 100_000;
    const READ = 30_000;
    const producer = message(start(PRODUCER, { lane: 0, count: COUNT }));
    const first = start(CONSUMER, { lanes: 1, until: READ });
    expect(await message<Summary>(first)).toMatchObject({ total: READ, bad: 0 });
    await first.terminate();

    // Terminated at an unknown datagram, which may be any but the last.
    let until = COUNT;
    const second = start(CONSUMER.replace("++total === until", "(++total, number === until - 1)"), { lanes: 1, until });
    const { bad, first: begin, last } = await message<Summary>(second);
    await producer;
    expect({ bad, last }).toEqual({ bad: 0, last: [COUNT - 1] });
    expect(begin[0]).toBeGreaterThanOrEqual(READ);
  });

  it("let a producer and a consumer exit at any time, and be replaced", { timeout: 300_000 }, async () => {
    for (let round = 0; round < 20; round++) {
      const consumer = start(CONSUMER, { lanes: 1, until: 1 });
      const producer = start(PRODUCER, { lane: 0, count: 1e9 });
      // What the last round left in the ring is there as well, so every consumer has something to read.
      expect(await message<Summary>(consumer)).toMatchObject({ total: 1, bad: 0 });
      await Promise.all([producer.terminate(), consumer.terminate()]);
    }
  });
});
