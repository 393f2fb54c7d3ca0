import { createSocket } from "node:dgram";
import type { Socket as UdpClient } from "node:dgram";
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { shardOfDatagram } from "@cygnet/ike";
import { Host } from "@cygnet/plugin-api";
import type { FurtherPorts, OptionTable, Plugin, Socket, SocketStatus } from "@cygnet/plugin-api";
import { anyHead, datagram } from "./headers.js";
import { ShardedSockets, TEST_KEY } from "./shared-socket.js";
import { collect, openSocket, take } from "./socket.js";
import type { Datagram } from "./socket.js";

const LOCALHOST = { 4: "127.0.0.1", 6: "::1" } as const;
const further = (socket: Socket): FurtherPorts => socket.furtherPorts ?? expect.unreachable("it opens no further ports");
const dynamic = (socket: Socket): SocketStatus => socket.status().find(({ local }) => local === "dynamic ports")!;

/** At an address that nobody else uses. */
async function bind(port: number): Promise<UdpClient> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => socket.once("error", reject).bind(port, "127.19.83.7", resolve));
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = await bind(0);
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** What a socket plugin must do that opens ports beside its two. Call it at the top level of a test file. */
export function describeFurtherPorts<T extends OptionTable>(name: string, plugin: Plugin<T>): void {
  describe(`${name} with further ports`, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    const open = async (): Promise<Socket> => {
      const { socket, undo } = await openSocket(plugin);
      closing.push(undo);
      return socket;
    };
    /** Sends from `port` to `to`, and resolves with what arrives there. */
    const exchange = async (from: Socket, port: number, to: Socket): Promise<Datagram> => {
      const arrived = collect(to, 1);
      from.send(Buffer.from("x"), Host.of("127.0.0.1", port), Host.of("127.0.0.1", to.port(true)), 0);
      from.flush();
      return (await arrived)[0];
    };

    for (const family of [4, 6] as const) {
      it(`sends from them and receives there over IPv${family}, before and after it begins to read`, async (context) => {
        const [a, b] = [await open(), await open()];
        if (!a.supports(family)) context.skip(`this host has no IPv${family}`);
        const ports = [await freePort(), await freePort()];
        further(a).use(family, ports[0]);
        const answers: Datagram[] = [];
        const all = new Promise<void>((resolve) =>
          a.start((packets, count) => {
            for (let i = 0; i < count; i++) answers.push(take(packets[i]));
            if (answers.length === 2) resolve();
          }),
        );
        further(a).use(family, ports[1]);
        b.start((packets, count) => {
          for (let i = 0; i < count; i++) {
            const { text, source, destination } = take(packets[i]);
            b.send(Buffer.from(text), destination, source, 0);
          }
          b.flush();
        });
        const to = Host.of(LOCALHOST[family], b.port(true));
        for (const port of ports) a.send(Buffer.from(`from ${port}`), Host.of(LOCALHOST[family], port), to, 0);
        a.flush();
        await all;
        expect(answers.map(({ text, source, destination }) => `${text}, ${source.port} to ${destination.port}`).sort()).toEqual(
          ports.map((port) => `from ${port}, ${b.port(true)} to ${port}`).sort(),
        );
        expect(dynamic(a)).toMatchObject({ received: 2, sent: 2, sendErrors: 0, dropped: 0, queuedBytes: 0 });
      });
    }

    it("keeps a port open for its last user, sends what was queued there, and then leaves it free", async () => {
      const [a, b] = [await open(), await open()];
      const port = await freePort();
      further(a).use(4, port);
      further(a).use(4, port);
      further(a).release(4, port);
      const arrived = collect(b, 1);
      a.send(Buffer.from("last"), Host.of("127.0.0.1", port), Host.of("127.0.0.1", b.port(true)), 0);
      further(a).release(4, port);
      a.flush();
      expect((await arrived)[0]).toMatchObject({ text: "last", source: { port } });
      const before = dynamic(a);
      expect(before).toMatchObject({ sent: 1, queuedBytes: 0, bufferBytes: 0 });
      a.send(Buffer.from("none"), Host.of("127.0.0.1", port), Host.of("127.0.0.1", b.port(true)), 0);
      a.flush();
      expect(dynamic(a)).toEqual(before);
      expect(() => further(a).release(4, port)).toThrow(/not in use/);
      const other = await open();
      further(other).use(4, port);
      a.close();
      further(a).release(4, port);
    });

    it("says which port another program has, and is none the worse for it", async () => {
      const [a, b] = [await open(), await open()];
      const port = await freePort();
      further(a).use(4, port);
      expect(() => further(b).use(4, port)).toThrow(
        expect.objectContaining({
          code: "CYG_SOCKET_IN_USE",
          message: `another program uses UDP port 0.0.0.0[${port}]: nothing can be sent from there`,
        }),
      );
      const free = await freePort();
      further(b).use(4, free);
      expect((await exchange(b, free, a)).source.port).toBe(free);
    });

    it("has several shards share a port, each of which gets what is for it, and no other program", async () => {
      const shards = await ShardedSockets.open(plugin);
      closing.push(() => shards.close());
      const port = await freePort();
      const used = [1, 3];
      for (const shard of used) further(shards.sockets[shard]).use(4, port);
      const stranger = await open();
      expect(() => further(stranger).use(4, port)).toThrow(expect.objectContaining({ code: "CYG_SOCKET_IN_USE" }));
      const arrived = shards.sockets.map((): string[] => []);
      let deliver = (): void => undefined;
      shards.sockets.forEach((socket, shard) =>
        socket.start((packets, count) => {
          for (let i = 0; i < count; i++) arrived[shard].push(take(packets[i]).text);
          deliver();
        }),
      );
      // From port 500 there is no marker; binding that needs root.
      const clients = [{ client: await bind(0), natT: true }];
      if (process.getuid?.() === 0) clients.push({ client: await bind(500), natT: false });
      for (const { client } of clients) closing.push(() => client.close());
      const heads = fc.sample(anyHead, { seed: 1, numRuns: 200 });
      let sent = 0;
      for (const { client, natT } of clients) {
        const messages = heads
          .map((head) => datagram(head, natT))
          .map((data) => ({ data, text: Buffer.from(data).toString("latin1") }));
        for (const list of arrived) list.length = 0;
        await new Promise<void>((resolve) => {
          deliver = () => arrived.flat().length === messages.length && resolve();
          for (const { data } of messages) client.send(data, port, "127.0.0.1");
        });
        sent += messages.length;
        expect(arrived).toEqual(
          arrived.map((_, shard) =>
            messages.filter(({ data }) => shardOfDatagram(TEST_KEY, data, data.length, natT) === shard).map(({ text }) => text),
          ),
        );
      }
      const forwarded = used.reduce((sum, shard) => sum + dynamic(shards.sockets[shard]).forwarded, 0);
      expect(forwarded).toBeGreaterThan(0);
      expect(shards.sockets.flatMap((socket) => socket.status()).reduce((sum, { received }) => sum + received, 0)).toBe(sent);
      for (const shard of used) further(shards.sockets[shard]).release(4, port);
      further(stranger).use(4, port);
    });

    it("leaves no descriptor behind", async () => {
      const before = readdirSync("/proc/self/fd").length;
      const shards = await ShardedSockets.open(plugin);
      for (const socket of shards.sockets) further(socket).use(4, await freePort());
      await shards.close();
      expect(readdirSync("/proc/self/fd").length).toBe(before);
    });
  });
}
