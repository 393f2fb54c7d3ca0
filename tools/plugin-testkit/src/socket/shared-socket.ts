import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { shardOfDatagram } from "@cygnet/ike";
import { Host } from "@cygnet/plugin-api";
import type { OptionTable, Plugin, SharedSockets, Socket, SteeringKey, Undo } from "@cygnet/plugin-api";
import type { SettingsObject } from "@cygnet/settings";
import { anyHead, datagram } from "./headers.js";
import { OneSocket, openSocket, registerSocket, take } from "./socket.js";

/** Of the sockets that `ShardedSockets` opens. */
export const TEST_KEY: SteeringKey = { shards: 4, word0: 0x01234567, word1: 0x89abcdef };
const LOCALHOST = { 4: "127.0.0.1", 6: "::1" } as const;
/** No datagram is longer in total than what the kernel queues for one socket. */
const ROUND = 200;

/** A daemon's sockets as control and its shards have them, on one thread. */
export class ShardedSockets {
  readonly lines: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #undos: Undo[] = [];
  #shared: SharedSockets | undefined;

  private constructor(
    private readonly plugin: Plugin,
    private readonly charon: SettingsObject,
  ) {}

  /** Opens on control, and then on each shard what control gave it. */
  static async open<T extends OptionTable>(plugin: Plugin<T>, charon: SettingsObject = {}): Promise<ShardedSockets> {
    const made = new ShardedSockets(plugin as unknown as Plugin, charon);
    const { lines, undo } = await registerSocket(plugin, charon, {
      add: () => expect.unreachable("a socket is added on a shard, not on control"),
      socket: undefined,
      share: (open) => {
        const opened = open(TEST_KEY);
        // As it crosses to a worker.
        made.#shared = structuredClone(opened.shared);
        return () => opened.close();
      },
    });
    made.lines.push(...lines);
    made.#undos.push(undo);
    for (let shard = 0; shard < TEST_KEY.shards; shard++) await made.adopt(shard);
    return made;
  }

  /** Opens the sockets of a shard, again where they were closed. */
  async adopt(shard: number): Promise<Socket> {
    const manager = new OneSocket({ shard, key: TEST_KEY, shared: this.#shared! });
    const { lines, undo } = await registerSocket(this.plugin, this.charon, manager);
    this.lines.push(...lines);
    this.#undos.push(undo);
    return (this.sockets[shard] = manager.socket!);
  }

  port(natT: boolean): number {
    return this.sockets[0].port(natT);
  }

  async close(): Promise<void> {
    for (const undo of this.#undos.splice(0).reverse()) await undo();
  }
}

/** Random messages with the shard that each is for. */
function messages(natT: boolean, seed: number): { readonly text: string; readonly data: Uint8Array; readonly shard: number }[] {
  return fc.sample(anyHead, { seed, numRuns: ROUND }).map((head) => {
    const data = datagram(head, natT);
    return { text: Buffer.from(data).toString("latin1"), data, shard: shardOfDatagram(TEST_KEY, data, data.length, natT) };
  });
}

/** What a socket plugin must do in a daemon of several shards. Call it at the top level of a test file. */
export function describeSharedSocket<T extends OptionTable>(name: string, plugin: Plugin<T>): void {
  describe(`${name} with several shards`, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    const openShards = async (charon?: SettingsObject): Promise<ShardedSockets> => {
      const made = await ShardedSockets.open(plugin, charon);
      closing.push(() => made.close());
      return made;
    };
    const openClient = async (): Promise<Socket> => {
      const { socket, undo } = await openSocket(plugin);
      closing.push(undo);
      return socket;
    };

    for (const family of [4, 6] as const) {
      for (const natT of [false, true]) {
        it(`brings each datagram of one peer to its shard over IPv${family}, ${natT ? "NAT-T" : "IKE"} port`, async (context) => {
          const [shards, client] = [await openShards(), await openClient()];
          if (!client.supports(family)) context.skip(`this host has no IPv${family}`);
          const peer = Host.of(LOCALHOST[family], client.port(false));
          const us = Host.of(LOCALHOST[family], shards.port(natT));
          let deliver = (_shard: number, _text: string): void => undefined;
          shards.sockets.forEach((socket, shard) =>
            socket.start((packets, count) => {
              for (let i = 0; i < count; i++) {
                const got = take(packets[i]);
                expect(got.source.toStringWithPort()).toBe(peer.toStringWithPort());
                expect(got.destination.toStringWithPort()).toBe(us.toStringWithPort());
                deliver(shard, got.text);
              }
            }),
          );
          for (let round = 0; round < 5; round++) {
            const sent = messages(natT, round);
            const arrived = KEY_SHARDS.map((): string[] => []);
            await new Promise<void>((resolve) => {
              let count = 0;
              deliver = (shard, text) => {
                arrived[shard].push(text);
                if (++count === sent.length) resolve();
              };
              for (const { data } of sent) client.send(data, peer, us, 0);
              client.flush();
            });
            // In order, too: all that is for one shard took one way.
            expect(arrived).toEqual(KEY_SHARDS.map((i) => sent.filter(({ shard }) => shard === i).map(({ text }) => text)));
          }
          const counts = shards.sockets.flatMap((socket) => socket.status());
          expect(counts.reduce((sum, { received }) => sum + received, 0)).toBe(5 * ROUND);
          expect(counts.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(0);
        });
      }
    }

    it("lets what arrives wait for a shard that is being replaced", async () => {
      const [shards, client] = [await openShards(), await openClient()];
      const [peer, us] = [Host.of("127.0.0.1", client.port(false)), Host.of("127.0.0.1", shards.port(false))];
      for (const replaced of KEY_SHARDS) {
        const sent = messages(false, 100 + replaced);
        const arrived = KEY_SHARDS.map((): string[] => []);
        let count = 0;
        let wake = (): void => undefined;
        const listen = (shard: number): void =>
          shards.sockets[shard].start((packets, length) => {
            for (let i = 0; i < length; i++) arrived[shard].push(take(packets[i]).text);
            if ((count += length) === sent.length) wake();
          });
        for (const shard of KEY_SHARDS) {
          shards.sockets[shard].close();
          await shards.adopt(shard);
          if (shard !== replaced) listen(shard);
        }
        shards.sockets[replaced].close();
        for (const { data } of sent) client.send(data, peer, us, 0);
        client.flush();
        await shards.adopt(replaced);
        const all = new Promise<void>((resolve) => (wake = resolve));
        listen(replaced);
        await all;
        expect(arrived).toEqual(KEY_SHARDS.map((i) => sent.filter(({ shard }) => shard === i).map(({ text }) => text)));
      }
    });

    it("sends from the same port on every shard", async () => {
      const [shards, client] = [await openShards(), await openClient()];
      const from: string[] = [];
      const all = new Promise<void>((resolve) =>
        client.start((packets, count) => {
          for (let i = 0; i < count; i++) from.push(take(packets[i]).source.toStringWithPort());
          if (from.length === 2 * TEST_KEY.shards) resolve();
        }),
      );
      for (const socket of shards.sockets) {
        for (const natT of [false, true])
          socket.send(Buffer.of(1), Host.any(4, socket.port(natT)), Host.of("127.0.0.1", client.port(false)), 0);
        socket.flush();
      }
      await all;
      const expected = [shards.port(false), shards.port(true)].map((port) => `127.0.0.1[${port}]`);
      expect(new Set(from)).toEqual(new Set(expected));
      expect(shards.sockets.map((socket) => [socket.port(false), socket.port(true)])).toEqual(
        KEY_SHARDS.map(() => [shards.port(false), shards.port(true)]),
      );
    });

    it("has its ports alone, says so to a second daemon, and frees them", async () => {
      const shards = await openShards();
      const ports = { port: shards.port(false), port_nat_t: shards.port(true) };
      await expect(ShardedSockets.open(plugin, ports)).rejects.toMatchObject({ code: "CYG_SOCKET_IN_USE" });
      await expect(openSocket(plugin, ports)).rejects.toMatchObject({ code: "CYG_SOCKET_IN_USE" });
      await shards.close();
      const again = await openShards(ports);
      expect([again.port(false), again.port(true)]).toEqual([ports.port, ports.port_nat_t]);
    });

    it("leaves no descriptor behind", async () => {
      const before = readdirSync("/proc/self/fd").length;
      const shards = await ShardedSockets.open(plugin);
      for (const socket of shards.sockets) socket.start(() => undefined);
      await shards.close();
      expect(readdirSync("/proc/self/fd").length).toBe(before);
    });
  });
}

const KEY_SHARDS: readonly number[] = Array.from({ length: TEST_KEY.shards }, (_, shard) => shard);
