import { describe, expect, it } from "vitest";
import { SystemError } from "@cygnet/plugin-api";
import type { IkeSocket, Logger } from "@cygnet/plugin-api";
import type { UdpSocketOptions } from "@cygnet/native";
import { OneSocket, openSocket, registerSocket } from "@cygnet/plugin-testkit/socket";
import { openEndpoints, socketPlugin, UdpSockets } from "../src/index.js";
import type { SocketConfig } from "../src/index.js";
import { fakeSockets, systemError } from "./fake-native.js";

const plugin = socketPlugin("socket-default", { hasOneReceiver: true });
const CONFIG: SocketConfig = {
  plugin: "socket-default",
  useIpv4: true,
  useIpv6: true,
  setSource: true,
  setSourceInterface: false,
  mark: 0,
  port: 500,
  natPort: 4500,
  maxPacketBytes: 10_000,
  opensPorts: false,
};

function open(config: Partial<SocketConfig>, refuse: (options: UdpSocketOptions) => Error | undefined = () => undefined) {
  const lines: string[] = [];
  const log: Logger = { enabled: () => true, log: (_group, _level, message) => void lines.push(message) };
  const fake = fakeSockets(refuse);
  const all = { ...CONFIG, ...config };
  const attempt = (): UdpSockets => new UdpSockets(openEndpoints(all, log, fake.Native), all, { log });
  return { lines, fake, attempt };
}

function failure(action: () => unknown): SystemError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(SystemError);
    return error as SystemError;
  }
  throw new Error("nothing was thrown");
}

describe("opening the sockets", () => {
  it("opens both ports for both families", () => {
    const { fake, attempt } = open({ mark: 42, maxPacketBytes: 2000 });
    attempt();
    expect(fake.open.map(({ family, port, mark, maxPacketBytes }) => [family, port, mark, maxPacketBytes]).sort()).toEqual([
      [4, 4500, 42, 2000],
      [4, 500, 42, 2000],
      [6, 4500, 42, 2000],
      [6, 500, 42, 2000],
    ]);
  });

  it("opens only the family that is switched on", () => {
    const { fake, attempt } = open({ useIpv6: false });
    const socket = attempt();
    expect(fake.open.map(({ family }) => family)).toEqual([4, 4]);
    expect([socket.supports(4), socket.supports(6)]).toEqual([true, false]);
  });

  it("goes on with IPv4 and one log line where the host has no IPv6", () => {
    const { fake, lines, attempt } = open({}, ({ family }) => (family === 6 ? systemError("socket", "EAFNOSUPPORT") : undefined));
    const socket = attempt();
    expect([socket.supports(4), socket.supports(6)]).toEqual([true, false]);
    expect(lines).toEqual(["could not open IPv6 socket, IPv6 disabled"]);
    expect(fake.open).toHaveLength(2);
    expect(socket.port(false)).toBe(500);
  });

  it("fails without any family, saying which setting or host is at fault", () => {
    expect(failure(open({ useIpv4: false, useIpv6: false }).attempt)).toMatchObject({
      code: "CYG_SOCKET_NONE",
      message: expect.stringContaining("use_ipv4") as string,
    });
    expect(failure(open({}, () => systemError("socket", "EAFNOSUPPORT")).attempt)).toMatchObject({
      code: "CYG_SOCKET_NONE",
      message: "could not create any sockets: this host supports neither of the address families that are switched on",
    });
  });

  it("names address, port and remedy where a privilege is missing, and closes what it had opened", () => {
    const { fake, attempt } = open({}, ({ port, family }) =>
      port === 500 && family === 4 ? systemError("bind", "EACCES") : undefined,
    );
    expect(failure(attempt)).toMatchObject({
      code: "CYG_SOCKET_PRIVILEGE",
      syscall: "bind",
      errno: "EACCES",
      message:
        "no permission to bind UDP port 0.0.0.0[500]: run as root or with CAP_NET_BIND_SERVICE, or choose a port from 1024 on with charon.port",
    });
    expect(fake.open).toEqual([]);
  });

  it("names the option of a mark that it may not set", () => {
    const { attempt } = open({ mark: 7 }, ({ mark }) => (mark ? systemError("setsockopt", "EPERM") : undefined));
    expect(failure(attempt)).toMatchObject({
      code: "CYG_SOCKET_PRIVILEGE",
      message: expect.stringContaining("charon.plugins.socket-default.fwmark") as string,
    });
  });

  it("reports any other failure with the system's words", () => {
    const { fake, attempt } = open({}, ({ port }) => (port === 4500 ? systemError("socket", "EMFILE") : undefined));
    expect(failure(attempt)).toMatchObject({
      code: "CYG_SOCKET_OPEN",
      errno: "EMFILE",
      message: "cannot open UDP port ::[4500]: socket: EMFILE",
    });
    expect(fake.open).toEqual([]);
  });

  it("takes the same random port for both families, trying again when it is taken for one", () => {
    let refusals = 0;
    const { fake, attempt } = open({ port: 0, natPort: 0 }, ({ family, port }) =>
      family === 4 && port !== 0 && refusals++ < 3 ? systemError("bind", "EADDRINUSE") : undefined,
    );
    const socket = attempt();
    expect(refusals).toBe(5);
    expect(fake.open).toHaveLength(4);
    for (const family of [4, 6]) {
      const ports = fake.open.filter((options) => options.family === family).map(({ port }) => port);
      expect(ports).toHaveLength(2);
    }
    expect(fake.open.filter(({ family }) => family === 4).map(({ port }) => port)).toEqual([
      socket.port(false),
      socket.port(true),
    ]);
  });

  it("gives up when no random port is free for both", () => {
    const { fake, attempt } = open({ port: 0 }, ({ port }) => (port ? systemError("bind", "EADDRINUSE") : undefined));
    expect(failure(attempt).code).toBe("CYG_SOCKET_IN_USE");
    expect(fake.open).toEqual([]);
  });

  it("says that another program uses the port", async () => {
    const first = await openSocket(plugin);
    const port = first.socket.port(false);
    await expect(openSocket(plugin, { port, plugins: { "socket-default": { use_ipv6: "no" } } })).rejects.toMatchObject({
      code: "CYG_SOCKET_IN_USE",
      errno: "EADDRINUSE",
      message: `another program uses UDP port 0.0.0.0[${port}]: stop it (often a second IKE daemon), or choose another port with charon.port`,
    });
    await first.undo();
  });

  it("names its IPv6 sockets in the status", async () => {
    const { socket, undo } = await openSocket(plugin, { plugins: { "socket-default": { use_ipv4: "no" } } });
    expect(socket.supports(4)).toBe(false);
    expect(socket.status().map(({ local }) => local)).toEqual([`::[${socket.port(false)}]`, `::[${socket.port(true)}]`]);
    await undo();
  });

  it("has the kernel prepare each of its sockets, which are open then", async () => {
    const prepared: IkeSocket[] = [];
    const manager = new OneSocket();
    const { undo } = await registerSocket(plugin, {}, manager, { prepareSocket: (socket) => void prepared.push(socket) });
    const { socket } = manager;
    expect(prepared.every(({ fd }) => fd >= 0)).toBe(true);
    expect(prepared.map(({ family, port, natT }) => [family, port, natT])).toEqual([
      [4, socket?.port(false), false],
      [4, socket?.port(true), true],
      [6, socket?.port(false), false],
      [6, socket?.port(true), true],
    ]);
    await undo();
  });
});
