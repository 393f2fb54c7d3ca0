import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { shardOfDatagram } from "@cygnet/ike";
import { UdpGroup, UdpSocket, shardOfDatagram as addonShardOf } from "@cygnet/native";
import { anyHead, datagram } from "@cygnet/plugin-testkit/socket";

const LOOPBACK = {
  4: Uint8Array.of(127, 0, 0, 1),
  6: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
} as const;
const word = fc.integer({ min: 0, max: 0xffffffff });
const open: { close(): void }[] = [];

afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

describe("the three steering functions", () => {
  it("agree in TypeScript and in the addon", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1024 }), word, word, anyHead, fc.boolean(), (shards, word0, word1, head, natT) => {
        const [key, data] = [{ shards, word0, word1 }, datagram(head, natT)];
        return addonShardOf(key, data, natT) === shardOfDatagram(key, data, data.length, natT);
      }),
      { seed: 1, numRuns: 20_000 },
    );
  });

  for (const family of [4, 6] as const) {
    it.each([
      [1, false],
      [2, true],
      [4, false],
      [4, true],
      [7, false],
      [16, true],
    ])(`agree in the kernel over IPv${family}, with %i shards, NAT-T %s`, async (shards, natT) => {
      const [key] = fc.sample(fc.record({ shards: fc.constant(shards), word0: word, word1: word }), { seed: 7, numRuns: 1 });
      const group = new UdpGroup({ family, address: LOOPBACK[family], key, natT, receiveBufferBytes: 4 << 20 });
      open.push(group);
      expect(group.refusal).toBeUndefined();
      const sent = fc.sample(anyHead, { seed: 3, numRuns: 1200 }).map((head) => datagram(head, natT));
      const expected = sent.map((data) => shardOfDatagram(key, data, data.length, natT));
      expect(new Set(expected).size).toBe(shards);

      const arrived = new Map<number, Buffer[]>();
      const all = new Promise<void>((resolve) => {
        let count = 0;
        group.fds.forEach((fd, shard) => {
          const mine: Buffer[] = [];
          arrived.set(shard, mine);
          const socket = new UdpSocket({ family, fd });
          open.push(socket);
          socket.start((slots, length) => {
            for (let i = 0; i < length; i++) {
              mine.push(Buffer.from(socket.data(slots[i]).subarray(0, socket.length(slots[i]))));
              socket.release(slots[i]);
            }
            if ((count += length) === sent.length) resolve();
          });
        });
      });
      // One address and port: what the kernel does of its own accord would put all into one socket.
      const client = new UdpSocket({ family, address: LOOPBACK[family] });
      open.push(client);
      for (const data of sent) client.send(data, { address: LOOPBACK[family], port: group.port }, undefined);
      client.flush();
      await all;
      for (const [shard, datagrams] of arrived)
        expect(datagrams.map((data) => data.toString("hex"))).toEqual(
          sent.filter((_, i) => expected[i] === shard).map((data) => Buffer.from(data).toString("hex")),
        );
    });
  }
});
