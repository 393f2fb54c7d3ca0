import { afterEach, describe, expect, it } from "vitest";
import { shardOfDatagram } from "@cygnet/ike";
import { DatagramOutbox, loadBinding } from "@cygnet/native";
import type { NativeUdpSocketConstructor } from "@cygnet/native";
import { Host } from "@cygnet/plugin-api";
import type { Logger, SharedSockets, SteeringKey } from "@cygnet/plugin-api";
import { collect, take } from "@cygnet/plugin-testkit/socket";
import { adoptEndpoints, openEndpoints, openSharedSockets, UdpSockets } from "../src/index.js";
import type { SocketConfig } from "../src/index.js";

const KEY: SteeringKey = { shards: 3, word0: 5, word1: 6 };
const CONFIG: SocketConfig = {
  plugin: "socket-reuseport",
  useIpv4: true,
  useIpv6: true,
  setSource: true,
  setSourceInterface: false,
  mark: 0,
  port: 0,
  natPort: 0,
  maxPacketBytes: 2000,
  opensPorts: false,
};
const closing: { close(): void }[] = [];

afterEach(() => {
  for (const made of closing.splice(0).reverse()) made.close();
});

function logTo(lines: string[]): Logger {
  return { enabled: (_, level) => level <= 1, log: (_group, level, message) => void (level <= 1 && lines.push(message)) };
}

function keep<T extends { close(): void }>(made: T): T {
  closing.push(made);
  return made;
}

function adopt(shared: SharedSockets, shard: number): UdpSockets {
  const log = logTo([]);
  return keep(new UdpSockets(adoptEndpoints({ shard, key: KEY, shared }, CONFIG, log), CONFIG, { log }));
}

/** An IKEv1 header, whose initiator cookie ends in `n`. */
function message(n: number): Buffer {
  const data = Buffer.alloc(28);
  data.writeUInt32BE(n, 4);
  data[17] = 0x10;
  return data;
}

const { UdpSocket } = loadBinding<{ readonly UdpSocket: NativeUdpSocketConstructor }>();
/** A kernel that steers nothing. */
class Refusing extends UdpSocket {
  override attachSteering(): void {
    throw Object.assign(new Error("setsockopt: protocol not available"), { code: "ENOPROTOOPT", syscall: "setsockopt" });
  }
}

describe("sockets of several shards", () => {
  it("bring each datagram to its shard without the kernel's help, and say in one line that they do", async () => {
    const lines: string[] = [];
    const options = { hasOneReceiver: false, log: logTo(lines), Native: Refusing };
    const { shared } = keep(openSharedSockets(CONFIG, KEY, options));
    expect(lines).toEqual([
      "the kernel does not steer datagrams by SPI (setsockopt: protocol not available): shards forward what is for others",
    ]);
    const shards = [0, 1, 2].map((shard) => adopt(shared, shard));
    const client = keep(new UdpSockets(openEndpoints(CONFIG, logTo([])), CONFIG, { log: logTo([]) }));
    const COUNT = 300;
    const arrived: number[][] = [[], [], []];
    const all = new Promise<void>((resolve) => {
      let total = 0;
      shards.forEach((socket, shard) =>
        socket.start((packets, count) => {
          for (let i = 0; i < count; i++) arrived[shard].push(Buffer.from(take(packets[i]).text, "latin1").readUInt32BE(4));
          if ((total += count) === COUNT) resolve();
        }),
      );
    });
    const to = Host.of("127.0.0.1", shards[0].port(false));
    for (let n = 0; n < COUNT; n++) client.send(message(n), Host.any(4), to, 0);
    client.flush();
    await all;
    arrived.forEach((numbers, shard) => {
      const expected = Array.from({ length: COUNT }, (_, n) => n).filter(
        (n) => shardOfDatagram(KEY, message(n), 28, false) === shard,
      );
      expect(numbers).toEqual(expected);
    });
    // One address and port is one socket to the kernel, so two shards' datagrams were forwarded by the third.
    const status = shards.map((socket) => socket.status());
    const forwarded = status.flat().reduce((sum, socket) => sum + socket.forwarded, 0);
    const fromOthers = status.map((sockets) => sockets.find(({ local }) => local === "other shards")!.received);
    expect(forwarded).toBe(fromOthers.reduce((sum, received) => sum + received));
    expect(fromOthers.filter((received) => received === 0)).toHaveLength(1);
  });

  it("need no forwarding where the kernel steers", async () => {
    const lines: string[] = [];
    const { shared } = keep(openSharedSockets(CONFIG, KEY, { hasOneReceiver: false, log: logTo(lines) }));
    expect(lines).toEqual([]);
    const shards = [0, 1, 2].map((shard) => adopt(shared, shard));
    const client = keep(new UdpSockets(openEndpoints(CONFIG, logTo([])), CONFIG, { log: logTo([]) }));
    const got = shards.map((socket) => collect(socket, 10));
    const to = Host.of("127.0.0.1", shards[0].port(false));
    for (let n = 0; n < 100; n++) client.send(message(n), Host.any(4), to, 0);
    client.flush();
    await Promise.all(got);
    for (const socket of shards) for (const { forwarded } of socket.status()) expect(forwarded).toBe(0);
  });

  it("report what the kernel dropped once, where shard 0 reads for all", () => {
    const { shared } = keep(openSharedSockets(CONFIG, KEY, { hasOneReceiver: true, log: logTo([]) }));
    const shards = [0, 1, 2].map((shard) => adopt(shared, shard));
    const client = keep(new UdpSockets(openEndpoints(CONFIG, logTo([])), CONFIG, { log: logTo([]) }));
    const to = Host.of("127.0.0.1", shards[0].port(false));
    const ike = shared.endpoints.findIndex(({ family, natT }) => family === 4 && !natT);
    const dropped = shards.map((socket) => () => socket.status()[ike].dropped);
    // Nobody has begun to read.
    while (dropped[0]() === 0) {
      for (let n = 0; n < 64; n++) client.send(Buffer.alloc(2000), Host.any(4), to, 0);
      client.flush();
    }
    const [first, ...others] = shards.map((socket) => socket.status()[ike]);
    expect(first.queuedBytes).toBeGreaterThan(first.bufferBytes / 2);
    for (const other of others) expect(other).toMatchObject({ local: first.local, dropped: 0, queuedBytes: 0, bufferBytes: 0 });
  });

  it("count what a shard had no room for", () => {
    const { shared } = keep(openSharedSockets(CONFIG, KEY, { hasOneReceiver: true, log: logTo([]) }));
    const outbox = new DatagramOutbox(shared.inboxes, 0);
    const address = Uint8Array.of(192, 0, 2, 1);
    const datagram = { data: Buffer.alloc(1000), source: address, sourcePort: 1, destination: address, destinationPort: 2 };
    let fits = 0;
    while (outbox.push(1, datagram)) fits++;
    // As much as a socket's buffer holds of them, more or less.
    expect(fits).toBeGreaterThan(1000);
    const inbox = adopt(shared, 1).status().at(-1)!;
    expect(inbox).toMatchObject({ local: "other shards", received: 0, dropped: 1 });
    expect(inbox.queuedBytes).toBeGreaterThan(fits * 1000);
    expect(inbox.bufferBytes).toBeGreaterThanOrEqual(inbox.queuedBytes);
  });

  it("tell an IPv4 peer from the IPv6 one whose address begins alike", async () => {
    const { shared } = keep(openSharedSockets(CONFIG, KEY, { hasOneReceiver: true, log: logTo([]) }));
    const outbox = new DatagramOutbox(shared.inboxes, 0);
    const ipv4 = Uint8Array.of(192, 0, 2, 1);
    const ipv6 = Uint8Array.of(...ipv4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (const address of [ipv4, ipv6, ipv4])
      outbox.push(2, { data: message(1), source: address, sourcePort: 500, destination: address, destinationPort: 4500 });
    outbox.flush();
    const got = await collect(adopt(shared, 2), 3);
    expect(got.map(({ source, destination }) => `${source.toStringWithPort()} ${destination.toStringWithPort()}`)).toEqual([
      "192.0.2.1[500] 192.0.2.1[4500]",
      "c000:201::[500] c000:201::[4500]",
      "192.0.2.1[500] 192.0.2.1[4500]",
    ]);
  });

  it("leave nothing open when a shard cannot adopt them", () => {
    const { shared } = keep(openSharedSockets(CONFIG, KEY, { hasOneReceiver: false, log: logTo([]) }));
    const broken = { ...shared, inboxes: shared.inboxes.map((inbox) => ({ ...inbox, memoryFd: 1_000_000 })) };
    expect(() => adopt(broken, 1)).toThrow(
      expect.objectContaining({
        code: "CYG_SOCKET_OPEN",
        errno: "EBADF",
        message: "cannot open the sockets of the shards: mmap: bad file descriptor",
      }) as Error,
    );
  });
});
