import { afterEach, describe, expect, it } from "vitest";
import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { System } from "@cygnet/native";
import { collect } from "@cygnet/plugin-testkit/socket";
import { openEndpoints, UdpSockets } from "../src/index.js";
import type { SocketConfig, UdpSocketsDependencies } from "../src/index.js";

const open: UdpSockets[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function make(config: Partial<SocketConfig> = {}, more: Partial<UdpSocketsDependencies> = {}, level = 1) {
  const lines: string[] = [];
  const log: Logger = {
    enabled: (_group, wanted) => wanted <= level,
    log: (group, wanted, message) => void (wanted <= level && lines.push(`${LogGroup[group]}${wanted} ${message}`)),
  };
  const families = { useIpv4: true, useIpv6: false };
  const sending = { setSource: true, setSourceInterface: false, mark: 0 };
  const limits = { maxPacketBytes: 1000, opensPorts: false };
  const all = { plugin: "socket-default", ...families, ...sending, port: 0, natPort: 0, ...limits, ...config };
  const socket = new UdpSockets(openEndpoints(all, log), all, { log, ...more });
  open.push(socket);
  return { socket, lines, at: (address: string) => Host.of(address, socket.port(false)) };
}

describe("UdpSockets", () => {
  it("logs each kind of send error once, in strongSwan's words", () => {
    const { socket, lines, at } = make();
    for (let i = 0; i < 3; i++) {
      socket.send(Buffer.of(1), at("%any"), Host.of("255.255.255.255", 9), 0);
      socket.flush();
    }
    expect(lines).toEqual(["NET1 error writing to socket: Permission denied"]);
    expect(socket.status()[0].sendErrors).toBe(3);
  });

  it("says when there is no socket for a family or port", () => {
    const { socket, lines, at } = make();
    socket.send(Buffer.of(1), Host.any(6), Host.of("::1", 500), 0);
    socket.send(Buffer.of(1), Host.any(4, 9), at("127.0.0.1"), 0);
    socket.flush();
    expect(lines).toEqual([
      "NET1 no socket found to send IPv6 packet from port 0",
      "NET1 no socket found to send IPv4 packet from port 9",
    ]);
  });

  it("says once that a packet was too large", async () => {
    const [a, b] = [make(), make()];
    const arrived = collect(b.socket, 1);
    for (const size of [1001, 1001, 1]) a.socket.send(Buffer.alloc(size), a.at("127.0.0.1"), b.at("127.0.0.1"), 0);
    a.socket.flush();
    await arrived;
    b.socket.flush();
    b.socket.flush();
    expect(b.lines).toEqual(["NET1 receive buffer too small, packet discarded"]);
  });

  it("logs each datagram at level 2", async () => {
    const [a, b] = [make({}, {}, 2), make({}, {}, 2)];
    const arrived = collect(b.socket, 1);
    a.socket.send(Buffer.of(1), a.at("127.0.0.1"), b.at("127.0.0.1"), 0);
    a.socket.flush();
    await arrived;
    const way = `from 127.0.0.1[${a.socket.port(false)}] to 127.0.0.1[${b.socket.port(false)}]`;
    expect(a.lines).toEqual([`NET2 sending packet: ${way}`]);
    expect(b.lines).toEqual([`NET2 received packet: ${way}`]);
  });

  it("sends out of the interface of the source with set_sourceif, asking once per turn", async () => {
    const asked: string[] = [];
    const system = new System();
    const interfaceIndexOf = (address: Uint8Array): number => {
      asked.push(address.join("."));
      return system.interfaceIndexOf(address);
    };
    const [a, b] = [make({ setSourceInterface: true }, { interfaceIndexOf }), make()];
    const arrived = collect(b.socket, 3);
    for (let i = 0; i < 2; i++) a.socket.send(Buffer.of(i), a.at("127.0.0.1"), b.at("127.0.0.1"), 0);
    a.socket.flush();
    a.socket.send(Buffer.of(2), a.at("127.0.0.1"), b.at("127.0.0.1"), 0);
    a.socket.flush();
    expect(await arrived).toHaveLength(3);
    expect(asked).toEqual(["127.0.0.1", "127.0.0.1"]);
  });

  it("cannot send out of an interface that is not there", () => {
    const { socket, at } = make({ setSourceInterface: true }, { interfaceIndexOf: () => 0x7ffffff0 });
    socket.send(Buffer.of(1), at("127.0.0.1"), at("127.0.0.1"), 0);
    socket.flush();
    expect(socket.status()[0]).toMatchObject({ sent: 0, sendErrors: 1 });
  });
});
