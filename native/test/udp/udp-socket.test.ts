import { afterEach, describe, expect, it } from "vitest";
import { loadBinding, NativeError } from "../../src/index.js";
import type { NativeUdpSocketConstructor, UdpSocket, UdpSocketOptions } from "../../src/index.js";
import { closeAll, LOOPBACK, LOOPBACK6, read, receive, socket } from "./datagrams.js";

const native = loadBinding<{ UdpSocket: NativeUdpSocketConstructor }>();

afterEach(closeAll);

const target = (to: UdpSocket, address = LOOPBACK) => ({ address, port: to.port });

describe("UdpSocket", () => {
  it("delivers octets, ports and both addresses of an IPv4 datagram", async () => {
    const [a, b] = [socket(), socket()];
    const arrived = receive(b, 1);
    a.send(Buffer.from("hello"), target(b), undefined);
    a.flush();
    expect(await arrived).toEqual([
      { data: Buffer.from("hello"), source: "127.0.0.1", sourcePort: a.port, destination: "127.0.0.1" },
    ]);
    expect(b.status()).toMatchObject({ received: 1, sent: 0, dropped: 0, sendErrors: 0, queuedBytes: 0 });
    expect(a.status()).toMatchObject({ received: 0, sent: 1 });
  });

  it("delivers over IPv6", async () => {
    const [a, b] = [socket({ family: 6 }), socket({ family: 6 })];
    const arrived = receive(b, 1);
    a.send(Buffer.from("six"), target(b, LOOPBACK6), LOOPBACK6);
    a.flush();
    expect(await arrived).toMatchObject([{ data: Buffer.from("six"), source: LOOPBACK6.join("."), sourcePort: a.port }]);
  });

  it("tells which local address was addressed on a wildcard socket", async () => {
    const [a, b] = [socket(), socket({ address: undefined })];
    const arrived = receive(b, 2);
    a.send(Buffer.from("1"), target(b, Uint8Array.of(127, 0, 0, 2)), undefined);
    a.send(Buffer.from("2"), target(b), undefined);
    a.flush();
    expect((await arrived).map((datagram) => datagram.destination)).toEqual(["127.0.0.2", "127.0.0.1"]);
  });

  it("sends from the address it is told to", async () => {
    const [a, b] = [socket({ address: undefined }), socket()];
    const arrived = receive(b, 2);
    a.send(Buffer.from("x"), target(b), Uint8Array.of(127, 0, 0, 3));
    a.send(Buffer.from("y"), target(b), Uint8Array.of(127, 0, 0, 4));
    a.flush();
    expect((await arrived).map((datagram) => datagram.source)).toEqual(["127.0.0.3", "127.0.0.4"]);
  });

  it("hands many datagrams over in order and in few calls", async () => {
    const [a, b] = [socket(), socket({ receiveBufferBytes: 1 << 20 })];
    for (let i = 0; i < 200; i++) a.send(Buffer.alloc(i, i), target(b), undefined);
    a.flush();
    let calls = 0;
    const lengths = await new Promise<number[]>((resolve) => {
      const got: number[] = [];
      b.start((slots, count) => {
        calls++;
        for (let i = 0; i < count; i++) {
          const { data } = read(b, slots[i]);
          expect(data.equals(Buffer.alloc(data.length, data.length))).toBe(true);
          got.push(data.length);
          b.release(slots[i]);
        }
        if (got.length === 200) resolve(got);
      });
    });
    expect(lengths).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(calls).toBe(1);
    expect(a.status().sent).toBe(200);
  });

  it("stops reading while all slots are held and loses nothing", async () => {
    const [a, b] = [socket(), socket({ slots: 4 })];
    for (let i = 0; i < 10; i++) a.send(Buffer.of(i), target(b), undefined);
    a.flush();
    const held: number[] = [];
    const values: number[] = [];
    let wake = (): void => undefined;
    b.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        held.push(slots[i]);
        values.push(b.data(slots[i])[0]);
      }
      wake();
    });
    const rounds: number[] = [];
    while (values.length < 10) {
      await new Promise<void>((resolve) => (wake = resolve));
      rounds.push(held.length);
      if (held.length === 4 || values.length === 10) {
        expect(b.status().queuedBytes > 0).toBe(values.length < 10);
        for (const slot of held.splice(0)) b.release(slot);
      }
    }
    expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...rounds)).toBe(4);
  });

  it("discards and counts datagrams longer than the maximum, and takes the longest", async () => {
    const [a, b] = [socket(), socket({ maxPacketBytes: 100 })];
    const arrived = receive(b, 2);
    for (const size of [101, 100, 60_000, 1]) a.send(Buffer.alloc(size), target(b), undefined);
    a.flush();
    expect((await arrived).map((datagram) => datagram.data.length)).toEqual([100, 1]);
    expect(b.status()).toMatchObject({ received: 2, oversized: 2 });
  });

  it("delivers an empty datagram", async () => {
    const [a, b] = [socket(), socket()];
    const arrived = receive(b, 1);
    a.send(new Uint8Array(0), target(b), undefined);
    a.flush();
    expect((await arrived)[0].data.length).toBe(0);
  });

  it("flushes by itself when 64 datagrams wait", async () => {
    const [a, b] = [socket(), socket()];
    const arrived = receive(b, 64);
    for (let i = 0; i < 64; i++) a.send(Buffer.of(i), target(b), undefined);
    expect(a.status().sent).toBe(64);
    expect(await arrived).toHaveLength(64);
  });

  it("counts the datagrams that the kernel drops for want of buffer", () => {
    const [a, b] = [socket(), socket({ receiveBufferBytes: 4096 })];
    for (let i = 0; i < 128; i++) a.send(Buffer.alloc(1000), target(b), undefined);
    a.flush();
    const status = b.status();
    expect(status.dropped).toBeGreaterThan(64);
    expect(status.queuedBytes).toBeGreaterThan(0);
    expect(status.bufferBytes).toBeGreaterThan(4096);
  });

  it("counts what cannot be sent and sends the rest", async () => {
    const [a, b] = [socket(), socket()];
    const arrived = receive(b, 2);
    a.send(Buffer.of(1), target(b), undefined);
    a.send(Buffer.of(2), { address: Uint8Array.of(255, 255, 255, 255), port: 9 }, undefined);
    a.send(Buffer.of(3), target(b), undefined);
    a.flush();
    expect((await arrived).map((datagram) => datagram.data[0])).toEqual([1, 3]);
    expect(a.sendErrors).toBe(1);
    expect(a.sendErrorName).toBe("EACCES");
    expect(a.status()).toMatchObject({ sent: 2, sendErrors: 1 });
  });

  it("drops and counts a datagram that the send queue has no room for", () => {
    const [a, b] = [socket({ sendQueueBytes: 1024 }), socket()];
    a.send(Buffer.alloc(2000), target(b), undefined);
    expect(a.sendErrors).toBe(1);
    expect(a.sendErrorName).toBe("ENOBUFS");
    for (let i = 0; i < 20; i++) a.send(Buffer.alloc(200), target(b), undefined);
    a.flush();
    expect(a.status()).toMatchObject({ sent: 20, sendErrors: 1 });
  });

  it("refuses addresses of the other family and impossible lengths", () => {
    const a = socket();
    expect(() => a.send(Buffer.of(1), { address: LOOPBACK6, port: 1 }, undefined)).toThrow(RangeError);
    expect(() => a.send(Buffer.of(1), { address: LOOPBACK, port: 1 }, LOOPBACK6)).toThrow(RangeError);
    expect(() => a.send(new Uint8Array(65_508), { address: LOOPBACK, port: 1 }, undefined)).toThrow(RangeError);
  });

  it("refuses to take back more slots than there are", () => {
    const a = socket({ slots: 2 });
    expect(() => a.release(0)).toThrow(RangeError);
    expect(() => a.release(-1)).toThrow(RangeError);
  });
});

describe("opening a UdpSocket", () => {
  it("says that a port is in use", () => {
    const a = socket();
    const error = thrown(() => socket({ port: a.port }));
    expect(error).toBeInstanceOf(NativeError);
    expect(error).toMatchObject({ code: "CYG_NATIVE_SYSTEM", syscall: "bind", errno: "EADDRINUSE" });
  });

  it("binds IPv4 and IPv6 to the same port", () => {
    const a = socket({ family: 6, address: undefined });
    expect(socket({ address: undefined, port: a.port }).port).toBe(a.port);
  });

  it("lets a group share a port only when both ask for it", () => {
    const a = socket({ reusePort: true });
    expect(socket({ reusePort: true, port: a.port }).port).toBe(a.port);
    expect(thrown(() => socket({ port: a.port }))).toMatchObject({ errno: "EADDRINUSE" });
  });

  it("refuses an address that is not ours", () => {
    expect(thrown(() => socket({ address: Uint8Array.of(203, 0, 113, 9) }))).toMatchObject({ errno: "EADDRNOTAVAIL" });
  });

  it.each([
    [undefined, "options object"],
    [{ family: 5 }, "family"],
    [{ family: "4" }, "family"],
    [{ family: 4, port: -1 }, "port"],
    [{ family: 4, port: 65_536 }, "port"],
    [{ family: 4, port: 1.5 }, "port"],
    [{ family: 4, port: NaN }, "port"],
    [{ family: 4, address: LOOPBACK6 }, "address"],
    [{ family: 6, address: LOOPBACK }, "address"],
    [{ family: 4, address: "127.0.0.1" }, "address"],
    [{ family: 4, address: [127, 0, 0, 1] }, "address"],
    [{ family: 4, slots: 4097 }, "slots"],
    [{ family: 4, maxPacketBytes: 0 }, "maxPacketBytes"],
    [{ family: 4, sendQueueBytes: 1e9 }, "sendQueueBytes"],
    [{ family: 4, reusePort: 1 }, "reusePort"],
    [{ family: 4, mark: -1 }, "mark"],
    [{ family: 4, fd: -2 }, "fd"],
  ])("refuses %j with a TypeError", (options, name) => {
    const error = thrown(() => new native.UdpSocket(options as unknown as UdpSocketOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });

  it("adopts a descriptor and leaves it open", async () => {
    const holder = socket({ slots: 0 });
    const adopter = socket({ fd: holder.fd });
    expect(adopter.port).toBe(holder.port);
    const arrived = receive(adopter, 1);
    holder.send(Buffer.from("self"), target(holder), undefined);
    holder.flush();
    expect((await arrived)[0].data.toString()).toBe("self");
    adopter.close();
    expect(adopter.fd).toBe(-1);
    expect(holder.status().bufferBytes).toBeGreaterThan(0);
  });

  it("refuses to adopt what is no UDP socket of the family", () => {
    expect(thrown(() => socket({ fd: 1_000_000 }))).toMatchObject({ errno: "EBADF" });
    const six = socket({ family: 6 });
    expect(thrown(() => socket({ fd: six.fd }))).toMatchObject({ errno: "EPROTOTYPE" });
  });
});

describe("closing a UdpSocket", () => {
  it("may happen within the callback", async () => {
    const [a, b] = [socket(), socket()];
    const closed = new Promise<number>((resolve) => {
      b.start((slots, count) => {
        b.close();
        b.release(slots[0]);
        resolve(count);
      });
    });
    for (let i = 0; i < 3; i++) a.send(Buffer.of(i), target(b), undefined);
    a.flush();
    expect(await closed).toBe(3);
    expect(b.isClosed).toBe(true);
  });

  it("sends what was queued, frees the port and does nothing the second time", async () => {
    const [a, b] = [socket(), socket()];
    const { port } = a;
    const arrived = receive(b, 1);
    a.send(Buffer.from("last"), target(b), undefined);
    a.close();
    a.close();
    expect((await arrived)[0].data.toString()).toBe("last");
    expect(socket({ port }).port).toBe(port);
  });

  it("makes send and flush do nothing and start fail", () => {
    const a = socket();
    a.close();
    a.send(Buffer.of(1), { address: LOOPBACK, port: 9 }, undefined);
    a.flush();
    expect(a.status()).toMatchObject({ sent: 0, sendErrors: 0, bufferBytes: 0 });
    expect(thrown(() => a.start(() => undefined))).toMatchObject({ errno: "EBADF" });
  });

  it("keeps slots readable that are still held", async () => {
    const [a, b] = [socket(), socket()];
    const slot = new Promise<number>((resolve) => b.start((slots) => resolve(slots[0])));
    a.send(Buffer.from("kept"), target(b), undefined);
    a.flush();
    const held = await slot;
    b.close();
    expect(read(b, held).data.toString()).toBe("kept");
    b.release(held);
  });
});

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
