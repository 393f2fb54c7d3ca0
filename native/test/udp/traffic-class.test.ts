import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { closeAll, LOOPBACK, LOOPBACK6, socket } from "./datagrams.js";

/** Node cannot read the DSCP of a datagram; Python can. Prints its port, then the traffic class of each of two datagrams. */
const RECEIVER = `
import socket, sys
six = sys.argv[1] == "6"
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, socket.IPV6_RECVTCLASS if six else socket.IP_RECVTOS, 1)
s.bind(("::1" if six else "127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
for _ in range(2):
    _, extra, _, _ = s.recvmsg(100, 100)
    print(int.from_bytes(extra[0][2][:4], "little"), flush=True)
`;

const havePython = spawnSync("python3", ["-c", "pass"]).status === 0;

afterEach(closeAll);

it.skipIf(!havePython).each([4, 6] as const)(
  "marks each IPv%i datagram with its own DSCP (skipped without python3)",
  async (family) => {
    const python = spawn("python3", ["-c", RECEIVER, String(family)], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface(python.stdout)[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    const address = family === 4 ? LOOPBACK : LOOPBACK6;
    const a = socket({ family });
    a.send(Buffer.of(1), { address, port }, address, 46 << 2);
    a.send(Buffer.of(2), { address, port }, undefined, 0);
    a.flush();
    expect([Number((await lines.next()).value) >> 2, Number((await lines.next()).value) >> 2]).toEqual([46, 0]);
  },
);
