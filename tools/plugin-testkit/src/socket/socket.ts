import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { Host, KernelManager, SocketManager } from "@cygnet/plugin-api";
import type { KernelIpsec, Logger, OptionTable, Packet, Plugin, Socket, SocketGroup, Undo } from "@cygnet/plugin-api";
import { readOptions } from "@cygnet/runtime";
import { Settings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";

/** A datagram copied out of its packet, which was released. */
export interface Datagram {
  readonly text: string;
  readonly source: Host;
  readonly destination: Host;
}

/** A socket opened through its plugin's feature, with what it logged and the feature's undo. */
export interface OpenedSocket {
  readonly socket: Socket;
  readonly lines: readonly string[];
  readonly undo: Undo;
}

/**
 * Registers the plugin's `CUSTOM:socket` as the plugin host does in a daemon of one shard, and returns the socket it added.
 *
 * @param charon the `charon` section; ports default to 0, so that no test meets another
 */
export async function openSocket<T extends OptionTable>(plugin: Plugin<T>, charon: SettingsObject = {}): Promise<OpenedSocket> {
  const manager = new OneSocket();
  const { lines, undo } = await registerSocket(plugin, charon, manager);
  if (manager.socket === undefined) throw new Error(`plugin ${plugin.name} added no socket`);
  return { socket: manager.socket, lines, undo };
}

/** Takes the socket of one thread. */
export class OneSocket implements SocketManager {
  socket: Socket | undefined;

  constructor(readonly group?: SocketGroup) {}

  add(create: () => Socket): () => void {
    const made = create();
    this.socket = made;
    return () => made.close();
  }
}

/** Registers the plugin's `CUSTOM:socket` with a manager of sockets, and what a kernel is to prepare them with. */
export async function registerSocket<T extends OptionTable>(
  plugin: Plugin<T>,
  charon: SettingsObject,
  manager: SocketManager,
  kernel?: Pick<KernelIpsec, "prepareSocket">,
): Promise<{ readonly lines: readonly string[]; readonly undo: Undo }> {
  const view = Settings.fromObject({ charon: { port: 0, port_nat_t: 0, ...charon } }).section("charon");
  const options = readOptions((plugin.options ?? {}) as T, view.section(`plugins.${plugin.name}`));
  const lines: string[] = [];
  const log: Logger = { enabled: (_, level) => level <= 1, log: (_, level, message) => void (level <= 1 && lines.push(message)) };
  const feature = plugin.features(options).find(({ provides }) => provides.toString() === "CUSTOM:socket");
  if (feature === undefined) throw new Error(`plugin ${plugin.name} does not provide CUSTOM:socket`);
  const undo = await feature.register({
    plugin: plugin.name,
    locations: manager.share ? ["control"] : ["shard"],
    options,
    charon: view,
    log,
    ready: Promise.resolve(),
    resolve: (token) => {
      if (token === KernelManager) return { ipsec: kernel } as never;
      if (token !== SocketManager) throw new Error(`unexpected service ${String(token)}`);
      return manager as never;
    },
    provide: () => {
      throw new Error("a socket is added to the manager, it is no service");
    },
  });
  if (undo === undefined) throw new Error(`plugin ${plugin.name} gave no way to remove what it added`);
  return { lines, undo };
}

/** Copies a packet and releases it. */
export function take(packet: Packet): Datagram {
  const text = Buffer.from(packet.data.subarray(0, packet.length)).toString("latin1");
  const { source, destination } = packet;
  packet.release();
  return { text, source, destination };
}

/** Starts the socket and resolves with the first `count` datagrams. */
export function collect(socket: Socket, count: number): Promise<Datagram[]> {
  return new Promise((resolve) => {
    const got: Datagram[] = [];
    socket.start((packets, length) => {
      for (let i = 0; i < length; i++) got.push(take(packets[i]));
      if (got.length >= count) resolve(got);
    });
  });
}

const LOCALHOST = { 4: "127.0.0.1", 6: "::1" } as const;

/**
 * What every socket plugin must do, on loopback addresses and random ports. Call it at the top level of a test file.
 */
export function describeSocket<T extends OptionTable>(name: string, plugin: Plugin<T>): void {
  describe(`${name} as Socket`, () => {
    const opened: OpenedSocket[] = [];
    const open = async (charon?: SettingsObject): Promise<Socket> => {
      const made = await openSocket(plugin, charon);
      opened.push(made);
      return made.socket;
    };
    const at = (socket: Socket, address: string, natT = false): Host => Host.of(address, socket.port(natT));

    afterEach(async () => {
      for (const { undo } of opened.splice(0)) await undo();
    });

    it("has two different ports", async () => {
      const socket = await open();
      expect(socket.port(false)).toBeGreaterThan(0);
      expect(socket.port(true)).toBeGreaterThan(0);
      expect(socket.port(true)).not.toBe(socket.port(false));
    });

    for (const family of [4, 6] as const) {
      for (const natT of [false, true]) {
        it(`echoes between two sockets over IPv${family}, ${natT ? "NAT-T" : "IKE"} port`, async (context) => {
          const [a, b] = [await open(), await open()];
          if (!a.supports(family)) context.skip(`this host has no IPv${family}`);
          const [hostA, hostB] = [at(a, LOCALHOST[family], natT), at(b, LOCALHOST[family], natT)];
          b.start((packets, count) => {
            for (let i = 0; i < count; i++) {
              const packet = packets[i];
              b.send(packet.data.subarray(0, packet.length), packet.destination, packet.source, 0);
              packet.release();
            }
            b.flush();
          });
          const answers = collect(a, 1);
          a.send(Buffer.from("request"), hostA, hostB, 0);
          a.flush();
          const [answer] = await answers;
          expect(answer.text).toBe("request");
          expect(answer.source.equals(hostB)).toBe(true);
          expect(answer.destination.equals(hostA)).toBe(true);
        });
      }
    }

    it("reports the local address that was addressed, and sends from the one asked for", async () => {
      const [a, b] = [await open(), await open()];
      const arrived = collect(b, 3);
      for (const [from, to] of [
        ["127.0.0.1", "127.0.0.2"],
        ["127.0.0.7", "127.0.0.1"],
        ["%any", "127.0.0.1"],
      ])
        a.send(Buffer.from("x"), at(a, from), at(b, to), 0);
      a.flush();
      expect((await arrived).map(({ source, destination }) => `${source} to ${destination}`)).toEqual([
        "127.0.0.1 to 127.0.0.2",
        "127.0.0.7 to 127.0.0.1",
        "127.0.0.1 to 127.0.0.1",
      ]);
    });

    it("leaves the source address to the kernel with set_source = no", async () => {
      const a = await open({ plugins: { [plugin.name]: { set_source: "no" } } });
      const b = await open();
      const arrived = collect(b, 1);
      a.send(Buffer.from("x"), at(a, "127.0.0.7"), at(b, "127.0.0.1"), 0);
      a.flush();
      expect((await arrived)[0].source.toString()).toBe("127.0.0.1");
    });

    it("uses the IKE port for a source without port", async () => {
      const [a, b] = [await open(), await open()];
      const arrived = collect(b, 1);
      a.send(Buffer.from("x"), Host.any(4), at(b, "127.0.0.1"), 0);
      a.flush();
      expect((await arrived)[0].source.port).toBe(a.port(false));
    });

    it("copies what it sends", async () => {
      const [a, b] = [await open(), await open()];
      const arrived = collect(b, 1);
      const data = Buffer.from("before");
      a.send(data, at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      data.fill(0);
      a.flush();
      expect((await arrived)[0].text).toBe("before");
    });

    it("delivers many datagrams in order, several to a batch", async () => {
      const [a, b] = [await open(), await open()];
      const texts = Array.from({ length: 100 }, (_, i) => `datagram ${i}`);
      for (const text of texts) a.send(Buffer.from(text), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      let batches = 0;
      const got = await new Promise<string[]>((resolve) => {
        const all: string[] = [];
        b.start((packets, count) => {
          batches++;
          for (let i = 0; i < count; i++) all.push(take(packets[i]).text);
          if (all.length === texts.length) resolve(all);
        });
      });
      expect(got).toEqual(texts);
      expect(batches).toBeLessThan(texts.length);
    });

    it("finds a known peer's Host again instead of making another", async () => {
      const [a, b] = [await open(), await open()];
      const arrived = collect(b, 2);
      for (let i = 0; i < 2; i++) a.send(Buffer.from("x"), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      const [first, second] = await arrived;
      expect(second.source).toBe(first.source);
      expect(second.destination).toBe(first.destination);
    });

    it("keeps packets intact that are held, reads no further than it has room, and goes on after a release", async () => {
      const [a, b] = [await open(), await open()];
      const total = 1000;
      const held: Packet[] = [];
      let wake = (): void => undefined;
      b.start((packets, count) => {
        for (let i = 0; i < count; i++) held.push(packets[i]);
        wake();
      });
      let sent = 0;
      let got = 0;
      let stops = 0;
      while (got < total) {
        const burst = Math.min(50, total - sent);
        for (let i = 0; i < burst; i++) a.send(Buffer.from(String(sent++)), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
        a.flush();
        const before = held.length;
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), turns(20)]);
        // Held until nothing comes any more: then the socket is out of slots and must have stopped, or all has come.
        if (held.length > before) continue;
        const queued = b.status().reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
        expect(queued > 0).toBe(sent > got + held.length);
        stops += sent > got + held.length ? 1 : 0;
        for (const packet of held.splice(0)) expect(take(packet).text).toBe(String(got++));
      }
      expect(got).toBe(total);
      expect(stops).toBeGreaterThan(0);
      expect(b.status().reduce((sum, { dropped }) => sum + dropped, 0)).toBe(0);
    });

    it("refuses a second release of a packet", async () => {
      const [a, b] = [await open(), await open()];
      const packet = new Promise<Packet>((resolve) => b.start((packets) => resolve(packets[0])));
      a.send(Buffer.from("x"), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      const held = await packet;
      held.release();
      expect(() => held.release()).toThrow(/released twice/);
    });

    it("discards what exceeds charon.max_packet, and only that", async () => {
      const a = await open();
      const b = await open({ max_packet: 1000 });
      const arrived = collect(b, 2);
      for (const size of [1001, 1000, 9000, 28]) a.send(Buffer.alloc(size), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      expect((await arrived).map(({ text }) => text.length)).toEqual([1000, 28]);
    });

    it("counts what it received, sent and could not send, and goes on", async () => {
      const [a, b] = [await open(), await open()];
      const arrived = collect(b, 2);
      a.send(Buffer.from("1"), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.send(Buffer.from("2"), at(a, "%any"), Host.of("255.255.255.255", 9), 0);
      a.send(Buffer.from("3"), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      expect((await arrived).map(({ text }) => text)).toEqual(["1", "3"]);
      const local = (socket: Socket) => socket.status().find((status) => status.local === `0.0.0.0[${socket.port(false)}]`);
      expect(local(a)).toMatchObject({ sent: 2, sendErrors: 1, received: 0 });
      expect(local(b)).toMatchObject({ sent: 0, received: 2, dropped: 0, queuedBytes: 0 });
      expect(local(b)?.bufferBytes).toBeGreaterThan(0);
    });

    it("closes within a batch, more than once, and leaves its ports free", async () => {
      const [a, b] = [await open(), await open()];
      const ports = { port: b.port(false), port_nat_t: b.port(true) };
      const closed = new Promise<void>((resolve) => {
        b.start((packets, count) => {
          b.close();
          for (let i = 0; i < count; i++) packets[i].release();
          resolve();
        });
      });
      a.send(Buffer.from("x"), at(a, "127.0.0.1"), at(b, "127.0.0.1"), 0);
      a.flush();
      await closed;
      b.close();
      b.send(Buffer.from("x"), at(b, "127.0.0.1"), at(a, "127.0.0.1"), 0);
      b.flush();
      const again = await open(ports);
      expect([again.port(false), again.port(true)]).toEqual([ports.port, ports.port_nat_t]);
    });

    it("leaves no descriptor behind", async () => {
      const sockets = (): number => readdirSync("/proc/self/fd").filter(isSocket).length;
      const before = sockets();
      const { socket, undo } = await openSocket(plugin);
      socket.start(() => undefined);
      expect(sockets()).toBeGreaterThan(before + 1);
      await undo();
      expect(sockets()).toBe(before);
    });
  });
}

/** The descriptor that lists the folder is gone by the time it is looked at. */
function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
  } catch {
    return false;
  }
}

/** Lets the event loop turn `count` times. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
