import { readdirSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { loadBinding, NativeError, UdpGroup } from "../../src/index.js";
import type { NativeUdpSocketConstructor, UdpGroupOptions } from "../../src/index.js";
import { closeAll, LOOPBACK, receive, socket } from "./datagrams.js";

const KEY = { shards: 4, word0: 1, word1: 2 };
const open: UdpGroup[] = [];

afterEach(() => {
  closeAll();
  for (const group of open.splice(0)) group.close();
});

function makeGroup(options: Partial<UdpGroupOptions> = {}, Native?: NativeUdpSocketConstructor): UdpGroup {
  const group = new UdpGroup({ family: 4, address: LOOPBACK, key: KEY, natT: false, ...options }, Native);
  open.push(group);
  return group;
}

const descriptors = (): number => readdirSync("/proc/self/fd").length;
const errnoOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof NativeError ? error.errno : String(error);
  }
  return "nothing was thrown";
};

/** A port 500 message of 28 octets for shard 0, 1, ..., found by trying. */
function messageFor(shard: number, n: number): Buffer {
  const { shardOfDatagram } = loadBinding<{ shardOfDatagram(steering: object, data: Uint8Array): number }>();
  for (let i = n << 16; ; i++) {
    const message = Buffer.alloc(28);
    message.writeUInt32BE(i, 4);
    if (shardOfDatagram(KEY, message) === shard) return message;
  }
}

describe("a group of UDP sockets", () => {
  it("has a socket per shard on one port", () => {
    const group = makeGroup();
    expect(group.refusal).toBeUndefined();
    expect(new Set(group.fds).size).toBe(4);
    for (const fd of group.fds) expect(socket({ fd }).port).toBe(group.port);
  });

  it("is one socket that shares nothing where there is one shard", () => {
    const group = makeGroup({ key: { ...KEY, shards: 1 } });
    expect(group.fds).toHaveLength(1);
    expect(group.refusal).toBeUndefined();
    expect(errnoOf(() => socket({ port: group.port, reusePort: true }))).toBe("EADDRINUSE");
  });

  it("does not join a group that has the port already, and leaves nothing open then", () => {
    const group = makeGroup();
    const before = descriptors();
    expect(errnoOf(() => makeGroup({ port: group.port }))).toBe("EADDRINUSE");
    expect(descriptors()).toBe(before);
  });

  it("says why the kernel took no program, and is open all the same", () => {
    const { UdpSocket } = loadBinding<{ readonly UdpSocket: NativeUdpSocketConstructor }>();
    class Refusing extends UdpSocket {
      override attachSteering(): void {
        throw Object.assign(new Error("setsockopt: protocol not available"), { code: "ENOPROTOOPT", syscall: "setsockopt" });
      }
    }
    const group = makeGroup({}, Refusing);
    expect(group.refusal).toMatchObject({ syscall: "setsockopt", errno: "ENOPROTOOPT" });
    expect(group.fds).toHaveLength(4);
  });

  it("keeps each shard's place, and what arrives, while a shard is closed and replaced", async () => {
    const group = makeGroup();
    const client = socket();
    const to = { address: LOOPBACK, port: group.port };
    const shards = group.fds.map((fd) => socket({ fd }));
    const others = [0, 2, 3].map((shard) => receive(shards[shard], 2));
    shards[1].close();
    for (let n = 0; n < 2; n++) for (let shard = 0; shard < 4; shard++) client.send(messageFor(shard, n), to, undefined);
    client.flush();
    const arrived = [...(await Promise.all(others))];
    arrived.splice(1, 0, await receive(socket({ fd: group.fds[1] }), 2));
    arrived.forEach((datagrams, shard) =>
      expect(datagrams.map(({ data }) => data.toString("hex"))).toEqual([0, 1].map((n) => messageFor(shard, n).toString("hex"))),
    );
  });

  it("is gone when it and those who adopted its sockets are closed", () => {
    const group = makeGroup();
    const adopter = socket({ fd: group.fds[2] });
    group.close();
    expect(adopter.status().bufferBytes).toBeGreaterThan(0);
    expect(errnoOf(() => socket({ port: group.port }))).toBe("EADDRINUSE");
    adopter.close();
    expect(socket({ port: group.port }).port).toBe(group.port);
  });
});
