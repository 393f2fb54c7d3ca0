import { describe, expect, it } from "vitest";
import type { IkeSocket, Logger } from "@cygnet/plugin-api";
import { DynamicPorts } from "../src/dynamic-ports.js";
import type { SocketConfig } from "../src/index.js";
import { fakeSockets, systemError } from "./fake-native.js";

const CONFIG: SocketConfig = {
  plugin: "socket-dynamic",
  useIpv4: true,
  useIpv6: true,
  setSource: true,
  setSourceInterface: false,
  mark: 0,
  port: 0,
  natPort: 0,
  maxPacketBytes: 1000,
  opensPorts: true,
};
const log: Logger = { enabled: () => false, log: () => undefined };

function make(refuse: Parameters<typeof fakeSockets>[0] = () => undefined, maxDescriptors = 1024) {
  const { Native, open } = fakeSockets(refuse);
  const ports = new DynamicPorts({ config: CONFIG, log, Native, maxDescriptors });
  return { ports, open };
}

describe("further ports", () => {
  it.each([
    ["EADDRINUSE", "bind", "CYG_SOCKET_IN_USE", "another program uses UDP port ::[99]: nothing can be sent from there"],
    ["EACCES", "bind", "CYG_SOCKET_PRIVILEGE", "no permission to bind UDP port ::[99]: run as root"],
    ["EMFILE", "socket", "CYG_SOCKET_LIMIT", "no descriptor left for UDP port ::[99]: 1 ports are open"],
    ["ENFILE", "socket", "CYG_SOCKET_LIMIT", "no descriptor left for UDP port ::[99]"],
    ["ENOBUFS", "socket", "CYG_SOCKET_OPEN", "cannot open UDP port ::[99]: socket: ENOBUFS"],
  ])("tell in one sentence that the system said %s", (errno, syscall, code, message) => {
    const { ports, open } = make(({ port }) => (port === 99 ? systemError(syscall, errno) : undefined));
    ports.use(4, 98);
    expect(() => ports.use(6, 99)).toThrow(
      expect.objectContaining({ code, errno, message: expect.stringContaining(message) as string }),
    );
    expect(open.map(({ port }) => port)).toEqual([98]);
    expect(ports.sender(6, 99)).toBeUndefined();
    ports.close();
    expect(open).toEqual([]);
  });

  it("leave some descriptors of the process to others", () => {
    // The fake's descriptor is number 3.
    const { ports, open } = make(() => undefined, 3 + 64);
    expect(() => ports.use(4, 1000)).toThrow(
      expect.objectContaining({
        code: "CYG_SOCKET_LIMIT",
        message: expect.stringContaining("the process may have 67 descriptors") as string,
      }),
    );
    expect(open).toEqual([]);
    expect(make(() => undefined, 3 + 65).ports.use(4, 1000)).toBeUndefined();
  });

  it("are one socket for each family and port", () => {
    const { ports, open } = make();
    for (const port of [1000, 1001, 1000]) for (const family of [4, 6] as const) ports.use(family, port);
    expect(open.map(({ family, port }) => [family, port])).toEqual([
      [4, 1000],
      [6, 1000],
      [4, 1001],
      [6, 1001],
    ]);
    expect(ports.sender(4, 1000)).not.toBe(ports.sender(6, 1000));
  });

  it("are given to the kernel as they are opened, once each", () => {
    const { ports } = make();
    const prepared: IkeSocket[] = [];
    ports.prepareWith((socket) => void prepared.push(socket));
    for (const port of [1000, 1001, 1000]) ports.use(4, port);
    expect(prepared).toEqual([1000, 1001].map((port) => ({ fd: 3, family: 4, port, natT: false })));
  });

  it("are looked at in turns where they are many", () => {
    const { ports } = make();
    for (let port = 1000; port < 1600; port++) ports.use(4, port);
    for (let port = 1000; port < 1600; port++) ports.sender(4, port);
    expect(ports.status()).toMatchObject({ local: "dynamic ports", received: 0 });
    for (let port = 1000; port < 1600; port += 2) ports.release(4, port);
    for (let i = 0; i < 10; i++) expect(ports.status()).toMatchObject({ queuedBytes: 0, bufferBytes: 0 });
    ports.flush();
    ports.close();
  });
});
