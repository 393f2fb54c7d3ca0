import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { NativeError, NETLINK_ROUTE, NetlinkSocket } from "../../src/index.js";

const addon = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../../build/Release/cygnet.node", import.meta.url));

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const REQUEST = 1;
const ACK = 4;
const DUMP = 0x300;
const IFINFO_BYTES = 16;
const RTNLGRP_LINK = 1;

const open: NetlinkSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function openRoute(options: { requestBytes?: number; answerBytes?: number } = {}): NetlinkSocket {
  const socket = new NetlinkSocket({ protocol: NETLINK_ROUTE, requestBytes: 4096, ...options });
  open.push(socket);
  return socket;
}

/** A request for the interface of this index, 0 with DUMP for all. @returns where the next one goes */
function putGetLink(socket: NetlinkSocket, at: number, request: { flags: number; sequence: number; index: number }): number {
  const view = new DataView(socket.requests.buffer, at, 16 + IFINFO_BYTES);
  view.setUint32(0, 16 + IFINFO_BYTES, true);
  view.setUint16(4, RTM_GETLINK, true);
  view.setUint16(6, REQUEST | request.flags, true);
  view.setUint32(8, request.sequence, true);
  view.setInt32(20, request.index, true);
  return at + 16 + IFINFO_BYTES;
}

interface Message {
  readonly type: number;
  readonly sequence: number;
  /** The first word behind the header: the errno of an NLMSG_ERROR. */
  readonly word: number;
}

function messages(socket: NetlinkSocket, octets: number): Message[] {
  const view = new DataView(socket.answers.buffer, 0, octets);
  const found: Message[] = [];
  for (let at = 0; at < octets; at += (view.getUint32(at, true) + 3) & ~3)
    found.push({
      type: view.getUint16(at + 4, true),
      sequence: view.getUint32(at + 8, true),
      word: view.getInt32(at + 16, true),
    });
  return found;
}

describe("NetlinkSocket", () => {
  it("has several requests answered by one call, refused ones too", () => {
    const socket = openRoute();
    let at = putGetLink(socket, 0, { flags: ACK, sequence: 7, index: 1 });
    at = putGetLink(socket, at, { flags: ACK, sequence: 8, index: 999_999 });
    at = putGetLink(socket, at, { flags: ACK, sequence: 9, index: 1 });
    socket.send(at, 7, 3);
    expect(socket.outstanding).toBe(3);
    const answers = messages(socket, socket.receive(1000));
    expect(socket.outstanding).toBe(0);
    expect(answers.map(({ type, sequence }) => [type, sequence])).toEqual([
      [RTM_NEWLINK, 7],
      [NLMSG_ERROR, 7],
      [NLMSG_ERROR, 8],
      [RTM_NEWLINK, 9],
      [NLMSG_ERROR, 9],
    ]);
    const [, ok, refused] = answers;
    expect(ok.word).toBe(0);
    expect(refused.word).toBe(-19);
  });

  it("reads a dump to its end", () => {
    const socket = openRoute();
    socket.send(putGetLink(socket, 0, { flags: DUMP, sequence: 1, index: 0 }), 1, 1);
    const types: number[] = [];
    do types.push(...messages(socket, socket.receive(1000)).map(({ type }) => type));
    while (socket.outstanding > 0);
    expect(types[0]).toBe(RTM_NEWLINK);
    expect(types.at(-1)).toBe(NLMSG_DONE);
  });

  it("says so when no answer comes, and is of use afterwards", () => {
    const socket = openRoute();
    // Nothing with this number was asked for.
    socket.send(putGetLink(socket, 0, { flags: ACK, sequence: 1, index: 1 }), 50, 1);
    expect(() => socket.receive(1)).toThrow(expect.objectContaining({ syscall: "recvmsg", errno: "ETIMEDOUT" }));
    socket.send(putGetLink(socket, 0, { flags: ACK, sequence: 51, index: 1 }), 51, 1);
    expect(messages(socket, socket.receive(1000)).at(-1)).toMatchObject({ type: NLMSG_ERROR, sequence: 51, word: 0 });
  });

  it("refuses what is out of range before any memory is touched", () => {
    const socket = openRoute({ requestBytes: 64 });
    expect(() => socket.send(65, 1, 1)).toThrow(expect.objectContaining({ errno: "EMSGSIZE" }));
    expect(() => socket.send(-1, 1, 1)).toThrow(TypeError);
    expect(() => socket.receive(-1)).toThrow(TypeError);
    expect(() => new NetlinkSocket({ protocol: 99 })).toThrow(TypeError);
    expect(() => new NetlinkSocket({ protocol: NETLINK_ROUTE, answerBytes: 100 })).toThrow(TypeError);
    expect(() => new NetlinkSocket({ protocol: 31 })).toThrow(NativeError);
  });

  it("does nothing once closed", () => {
    const socket = openRoute();
    socket.close();
    socket.close();
    expect(() => socket.send(0, 1, 1)).toThrow(expect.objectContaining({ errno: "EBADF" }));
    expect(() => socket.start(() => undefined)).toThrow(expect.objectContaining({ errno: "EBADF" }));
    expect(socket.answers.length).toBeGreaterThan(0);
  });

  it("lets a worker exit with open sockets, started and not", async () => {
    const code = `
      const { NetlinkSocket } = require(${JSON.stringify(addon)});
      for (let i = 0; i < 4; i++) {
        const socket = new NetlinkSocket({ protocol: 0, groups: Uint32Array.of(1), requestBytes: 64 });
        if (i % 2) socket.start(() => {});
      }
      process.exit(7);`;
    const exits = Array.from({ length: 3 }, () => new Worker(code, { eval: true })).map(
      (worker) => new Promise((resolve) => worker.once("exit", resolve)),
    );
    expect(await Promise.all(exits)).toEqual([7, 7, 7]);
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)(`delivers what happens to a group${isRoot ? "" : " (skipped: needs root)"}`, () => {
    const script = `
      const { NetlinkSocket } = require(${JSON.stringify(addon)});
      const socket = new NetlinkSocket({ protocol: 0, groups: Uint32Array.of(${RTNLGRP_LINK}) });
      socket.start((octets) => {
        const view = new DataView(socket.answers, 0, octets);
        console.log("type", view.getUint16(4, true), "index", view.getInt32(20, true));
        socket.close();
      });
      require("node:child_process").execFileSync("ip", ["link", "set", "lo", "up"]);`;
    // A network namespace of its own, which is gone when the process is.
    const { stdout, stderr } = spawnSync("unshare", ["-n", process.execPath, "-e", script], { encoding: "utf8" });
    expect(stdout, stderr).toBe(`type ${RTM_NEWLINK} index 1\n`);
  });
});
