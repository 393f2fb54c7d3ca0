import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shardOfDatagram } from "@cygnet/ike";
import { UdpGroup, UdpSocket, closeInbox, loadBinding, openInbox } from "@cygnet/native";
import type { InboxHandle, NativeUdpSocketConstructor } from "@cygnet/native";
import { anyHead, datagram } from "@cygnet/plugin-testkit/socket";

/*
 * Shards on threads of their own, without a daemon. Workers cannot run the TypeScript sources, so they use the addon itself: each adopts its
 * socket of every group, forwards what is not its own, and reports the datagrams that it gets, those out of its inbox among them.
 */
const addon = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../../native/build/Release/cygnet.node", import.meta.url));
const SHARD = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { UdpSocket, DatagramInbox, DatagramOutbox } = require(${JSON.stringify(addon)});
  const { shard, key, endpoints, inboxes } = workerData;
  const SLOTS = 64, SLOT_BYTES = 64 + 2048;
  const read = (from, how) => {
    const control = new Int32Array(from.control);
    const view = new DataView(from.receiveSlab);
    from.start((count) => {
      const got = [];
      for (let i = 0; i < count; i++) {
        const slot = control[16 + SLOTS + i];
        const at = slot * SLOT_BYTES;
        const data = Buffer.from(from.receiveSlab, at + 64, view.getUint32(at, true));
        got.push({ family: view.getUint8(at + 4), port: view.getUint16(at + 10, true), data: data.toString("latin1"), how });
        control[16 + control[0]++] = slot;
      }
      if (control[1] !== 0) from.resume();
      parentPort.postMessage(got);
    });
  };
  const outbox = new DatagramOutbox(
    Int32Array.from(inboxes, ({ memoryFd }) => memoryFd), Int32Array.from(inboxes, ({ wakeFd }) => wakeFd), shard);
  const sockets = endpoints.map(({ family, natT, fds }) => {
    const socket = new UdpSocket({ family, fd: fds[shard], slots: SLOTS, maxPacketBytes: 2048 });
    socket.forward({ ...key, natT }, shard, outbox);
    read(socket, "socket");
    return socket;
  });
  read(new DatagramInbox({ ...inboxes[shard], slots: SLOTS, maxPacketBytes: 2048 }), "ring");
  parentPort.postMessage("up");
`;

const KEY = { shards: 4, word0: 0xfeedbeef, word1: 0x12345678 };
const SHARDS = [0, 1, 2, 3];
const LOOPBACK = {
  4: Uint8Array.of(127, 0, 0, 1),
  6: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
} as const;

interface Got {
  readonly family: number;
  readonly port: number;
  readonly data: string;
  readonly how: "socket" | "ring";
}

/** A datagram to be sent, and where it has to arrive. */
interface Planned {
  readonly endpoint: number;
  readonly data: Uint8Array;
  readonly shard: number;
}

describe("shards on threads of their own", () => {
  let closing: { close(): void }[];
  let inboxes: InboxHandle[];
  let groups: { readonly family: 4 | 6; readonly natT: boolean; readonly group: UdpGroup }[];
  let clients: Record<4 | 6, UdpSocket>;
  let workers: Worker[];
  let arrived: Got[][];
  let onArrival: () => void;

  function open(Native?: NativeUdpSocketConstructor): void {
    groups = ([4, 6] as const).flatMap((family) =>
      [false, true].map((natT) => {
        const group = new UdpGroup({ family, address: LOOPBACK[family], key: KEY, natT, receiveBufferBytes: 4 << 20 }, Native);
        closing.push(group);
        return { family, natT, group };
      }),
    );
    inboxes = SHARDS.map(() => openInbox(KEY.shards, 1 << 20));
    const client = (family: 4 | 6): UdpSocket => {
      const socket = new UdpSocket({ family, address: LOOPBACK[family], slots: 0 });
      closing.push(socket);
      return socket;
    };
    clients = { 4: client(4), 6: client(6) };
  }

  /** Starts, or replaces, a shard and resolves once it reads. */
  async function start(shard: number): Promise<void> {
    const endpoints = groups.map(({ family, natT, group }) => ({ family, natT, fds: group.fds }));
    const worker = new Worker(SHARD, { eval: true, workerData: { shard, key: KEY, endpoints, inboxes } });
    workers[shard] = worker;
    await new Promise<void>((resolve, reject) => {
      worker.on("error", reject);
      worker.on("message", (message: "up" | Got[]) => {
        if (message === "up") return resolve();
        arrived[shard].push(...message);
        onArrival();
      });
    });
  }

  function plan(seed: number): Planned[] {
    return fc.sample(fc.tuple(anyHead, fc.nat(3)), { seed, numRuns: 800 }).map(([head, endpoint]) => {
      const { natT } = groups[endpoint];
      const data = datagram(head, natT);
      return { endpoint, data, shard: shardOfDatagram(KEY, data, data.length, natT) };
    });
  }

  function send(planned: readonly Planned[]): void {
    for (const { endpoint, data } of planned) {
      const { family, group } = groups[endpoint];
      clients[family].send(data, { address: LOOPBACK[family], port: group.port }, undefined);
    }
    clients[4].flush();
    clients[6].flush();
  }

  /** Resolves when so many have arrived in all. */
  function arrival(count: number): Promise<void> {
    return new Promise((resolve) => {
      onArrival = () => {
        if (arrived.reduce((sum, { length }) => sum + length, 0) >= count) resolve();
      };
      onArrival();
    });
  }

  /** What arrived at each shard, and should have, per socket in the order of sending. */
  function expectAtOwners(planned: readonly Planned[]): void {
    for (const shard of SHARDS) {
      groups.forEach(({ family, group }, endpoint) => {
        const got = arrived[shard].filter((one) => one.family === family && one.port === group.port).map(({ data }) => data);
        const wanted = planned.filter((one) => one.shard === shard && one.endpoint === endpoint);
        expect(got).toEqual(wanted.map(({ data }) => Buffer.from(data).toString("latin1")));
      });
    }
  }

  beforeEach(() => {
    closing = [];
    inboxes = [];
    workers = [];
    arrived = SHARDS.map(() => []);
    onArrival = () => undefined;
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const made of closing.reverse()) made.close();
    for (const inbox of inboxes) closeInbox(inbox);
  });

  it("get each datagram of one peer from the kernel, also those that came while a shard was replaced", async () => {
    open();
    await Promise.all(SHARDS.map(start));
    const first = plan(1);
    send(first);
    await arrival(first.length);
    expectAtOwners(first);

    // For each shard in turn: what is sent while it is not there waits in its sockets.
    for (const shard of SHARDS) {
      arrived = SHARDS.map(() => []);
      await workers[shard].terminate();
      const meanwhile = plan(10 + shard);
      send(meanwhile);
      await arrival(meanwhile.filter((one) => one.shard !== shard).length);
      expect(arrived[shard]).toEqual([]);
      await start(shard);
      await arrival(meanwhile.length);
      const afterwards = plan(20 + shard);
      send(afterwards);
      await arrival(meanwhile.length + afterwards.length);
      expectAtOwners([...meanwhile, ...afterwards]);
      expect(arrived.flat().filter(({ how }) => how !== "socket")).toEqual([]);
    }
  });

  it("get it through rings where the kernel does not steer, also what waited there for a shard that was replaced", async () => {
    const { UdpSocket: Native } = loadBinding<{ readonly UdpSocket: NativeUdpSocketConstructor }>();
    class Refusing extends Native {
      override attachSteering(): void {
        throw Object.assign(new Error("setsockopt: protocol not available"), { code: "ENOPROTOOPT", syscall: "setsockopt" });
      }
    }
    open(Refusing);
    await Promise.all(SHARDS.map(start));
    const first = plan(2);
    send(first);
    await arrival(first.length);
    expectAtOwners(first);
    expect(arrived.flat().filter(({ how }) => how === "ring").length).toBeGreaterThan(0);

    arrived = SHARDS.map(() => []);
    await workers[1].terminate();
    const meanwhile = plan(3);
    send(meanwhile);
    await start(1);
    await arrival(meanwhile.length);
    // To the kernel one peer is one socket of each group, which may be that of shard 1: its datagrams waited to be read as well.
    expectAtOwners(meanwhile);
  });

  it("leave nothing behind when they are terminated", async () => {
    open();
    await Promise.all(SHARDS.map(start));
    await Promise.all(workers.map((worker) => worker.terminate()));
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 3; round++) {
      await Promise.all(SHARDS.map(start));
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
