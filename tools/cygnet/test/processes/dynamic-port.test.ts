import { readFileSync, readdirSync, readlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { daemonSettings, freePorts, parseLoadTestArguments, sidePaths } from "@cygnet/load-test";
import type { Summary } from "@cygnet/load-test";
import { UdpSocket } from "@cygnet/native";
import { CliProcess, run, testFolder } from "./cli-process.js";

const SESSIONS = 500;
const LOAD = "random nonce aes sha1 sha2 hmac gmp attr load-tester socket-dynamic stroke";

/** The first of so many ports in a row that nobody uses now, below those that the kernel gives away. */
function freeRange(count: number): number {
  for (;;) {
    const first = 10_000 + Math.floor(Math.random() * (20_000 - count));
    const bound: UdpSocket[] = [];
    try {
      while (bound.length < count)
        bound.push(new UdpSocket({ family: 4, port: first + bound.length, slots: 0, sendQueueBytes: 0 }));
      return first;
    } catch {
      // Somebody has one of them.
    } finally {
      for (const socket of bound) socket.close();
    }
  }
}

/** A responder with its IKE_SAs, as `cygnet load-test` starts it. */
async function startResponder(folder: string): Promise<{ daemon: CliProcess; natPort: number; log: () => string }> {
  const [port, natPort] = await freePorts(2);
  const own = { role: "responder", folder: join(folder, "responder"), port, natPort } as const;
  mkdirSync(own.folder);
  const addresses = { initiator: "0.0.0.0", responder: "127.0.0.1", responderPort: port };
  const paths = sidePaths(own.folder);
  writeFileSync(paths.conf, daemonSettings(own, addresses, parseLoadTestArguments([])));
  const daemon = new CliProcess(["charon", "--conf", paths.conf, "--piddir", own.folder]);
  await daemon.ready();
  return { daemon, natPort, log: () => readFileSync(paths.log, "utf8") };
}

const udpSockets = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;

describe("dynamic_port of the load-tester, with socket-dynamic", () => {
  it.each([1, 2])("has each of 500 sessions come from a port of its own, with %i shards", async (shards) => {
    const folder = testFolder();
    const { daemon, natPort, log } = await startResponder(folder);
    const first = freeRange(SESSIONS);
    const conf = join(folder, "own.conf");
    writeFileSync(
      conf,
      `charon { load = ${LOAD} counters
        shards = ${shards}
        plugins { load-tester { dynamic_port = ${first} } } }`,
    );
    const json = join(folder, "result.json");
    // As many on each shard.
    const args = [
      "--sessions",
      String(SESSIONS),
      "--initiators",
      "4",
      "--conf",
      conf,
      "--responder",
      `127.0.0.1[${natPort}]`,
      "--json",
      json,
    ];
    const { code, output } = await run(["load-test", ...args, "--no-statusall"]);
    expect([code, output]).toEqual([0, expect.stringContaining(`${SESSIONS} of ${SESSIONS} set up, 0 failed`)]);
    const result = JSON.parse(readFileSync(json, "utf8")) as Summary;
    expect(result).toMatchObject({ established: SESSIONS, failed: 0, datagrams_dropped: 0 });
    daemon.kill("SIGTERM");
    await daemon.ended;
    const received = log().matchAll(/received packet: from 127\.0\.0\.\d+\[(\d+)\] to 127\.0\.0\.1\[(\d+)\]/g);
    const ends = Array.from(received, ([, from, to]) => [Number(from), Number(to)] as const);
    const ports = Array.from({ length: SESSIONS }, (_, i) => first + i);
    expect([...new Set(ends.map(([from]) => from))].sort((a, b) => a - b)).toEqual(ports);
    expect(new Set(ends.map(([, to]) => to))).toEqual(new Set([natPort]));
  });

  it("fails what has no descriptor left, in one line each, and the daemon goes on", async () => {
    const folder = testFolder();
    const { natPort } = await startResponder(folder);
    const conf = join(folder, "strongswan.conf");
    const first = freeRange(SESSIONS);
    writeFileSync(
      conf,
      `charon {
        load = ${LOAD}
        port = 0
        port_nat_t = 0
        shards = 1
        reuse_ikesa = no
        filelog { stdout { default = 1
          flush_line = yes } }
        plugins { load-tester { enable = yes
          fake_kernel = yes
          initiator_auth = psk
          responder_auth = psk
          initiators = 1
          iterations = ${SESSIONS}
          init_limit = 10
          responder_port = ${natPort}
          dynamic_port = ${first} } }
      }`,
    );
    const limited = ["/bin/sh", "-c", 'ulimit -n 256; exec "$0" "$@"'];
    const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder], {}, limited);
    await daemon.ready();
    const last = first + SESSIONS - 1;
    await daemon.says(
      "output",
      new RegExp(
        `no descriptor left for UDP port 0\\.0\\.0\\.0\\[${last}\\]: \\d+ ports are open, and the process may have 256 `,
      ),
    );
    const refused = daemon.output.match(/no descriptor left for UDP port/g)!.length;
    const status = (): Promise<{ output: string }> => run(["ipsec", "--piddir", folder, "status"]);
    const { output } = await status();
    expect(output).toContain(`Security Associations (${SESSIONS - refused} up, 0 connecting)`);
    expect(udpSockets(daemon.child.pid!)).toBeLessThan(256 - 64);
    // Its port is free for another as soon as one of them is gone.
    await run(["ipsec", "--piddir", folder, "down", "load-test[1]"]);
    expect((await status()).output).toContain(`Security Associations (${SESSIONS - refused - 1} up, 0 connecting)`);
    new UdpSocket({ family: 4, port: first, slots: 0 }).close();
    expect(() => new UdpSocket({ family: 4, port: first + 1, slots: 0 })).toThrow("address already in use");
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
  });
});
