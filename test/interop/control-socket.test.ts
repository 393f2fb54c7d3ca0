import { once } from "node:events";
import { connect } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeStrokeMessage, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import { describe, expect, it } from "vitest";
import { TIMESCALE, until } from "./harness/deadline.js";
import type { IkeDaemon } from "./harness/daemon.js";
import { HOSTS, Network } from "./harness/network.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { requireAll } from "./harness/requirements.js";

requireAll(["root", "namespaces", "build"]);

/** What `statusall` may take while the daemon has all the work that it can do. */
const ANSWER_MS = 50;
const REQUESTS = 50;
const STATUSALL = encodeStrokeMessage({ type: StrokeMessageType.STATUS_ALL, outputVerbosity: 1, fields: { name: null } });
const COUNTERS = encodeStrokeMessage({ type: StrokeMessageType.COUNTERS, outputVerbosity: 1, fields: { reset: 0, name: null } });

const USUAL = `
  threads = 32
  dos_protection = no
  processor { priority_threads { high = 1
    medium = 10
  } }`;

/** strongswan.conf of a load test's end: the first user's, on one link. */
const loadTester = (more: string): string => `load-tester { enable = yes
  fake_kernel = yes
  initiator_auth = psk
  responder_auth = psk
  proposal = aes128-sha1-modp768
  initiator = ${HOSTS.moon.v4}
  responder = ${HOSTS.sun.v4}
  ${more}
}`;

const LOAD = "random nonce aes sha1 sha2 md5 hmac gmp openssl load-tester attr socket-default stroke counters";

/** A load test from moon to sun; sun is the one that is asked. */
async function loadTest({
  initiators,
  iterations,
  more = "",
}: {
  readonly initiators: number;
  readonly iterations: number;
  readonly more?: string;
}): Promise<IkeDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  const setup = (name: "moon" | "sun", own: string): Parameters<typeof startDaemon>[0] => ({
    kind: "cygnet",
    name,
    folder: join(folder, name),
    on: network.on(name),
    load: LOAD,
    settings: USUAL,
    logLevel: 0,
    plugins: loadTester(`${own}\n${more}`),
  });
  const sun = await startDaemon(setup("sun", ""));
  await startDaemon(setup("moon", `initiators = ${initiators}\niterations = ${iterations}\ninit_limit = 64\n`));
  return sun;
}

/** Sends a request. @returns the whole answer */
function ask(daemon: IkeDaemon, request: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(daemon.socket, () => socket.write(request));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString());
    });
    socket.on("error", reject);
  });
}

const established = async (daemon: IkeDaemon): Promise<number> =>
  Number(/\((\d+) up/.exec(await ask(daemon, STATUSALL))?.[1] ?? 0);

/** Clients that ask and never read, or never even ask. */
async function deadClients(daemon: IkeDaemon, count: number, asks: boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = connect(daemon.socket);
    afterTest(async () => void socket.destroy());
    // Nobody listens for its data, so it is not read: what comes fills the buffers and stays there.
    await once(socket, "connect");
    socket.on("error", () => undefined);
    if (asks) socket.write(STATUSALL);
  }
}

describe("the control socket", () => {
  it(`answers statusall within ${ANSWER_MS} ms while a load test saturates the daemon`, async () => {
    const sun = await loadTest({ initiators: 8, iterations: 0, more: "delete_after_established = yes\n" });
    const counted = async (): Promise<number> => Number(/ikeInInitReq\s+(\d+)/.exec(await ask(sun, COUNTERS))?.[1]);
    await until("the load test to run", async () => (await counted()) > 500, 30_000);
    const before = await counted();
    const times: number[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      const begun = performance.now();
      const text = await ask(sun, STATUSALL);
      times.push(performance.now() - begun);
      expect(text).toMatch(/^Status of IKE charon daemon/);
      expect(text).toContain("Security Associations (");
    }
    // It did work all the while.
    expect((await counted()) - before).toBeGreaterThan(REQUESTS);
    times.sort((a, b) => a - b);
    expect(times[REQUESTS / 2]).toBeLessThan(ANSWER_MS * TIMESCALE);
  });

  it("is not held up by clients that never read, nor by clients that never ask", async () => {
    const SESSIONS = 1000;
    const sun = await loadTest({ initiators: 2, iterations: SESSIONS / 2 });
    await until("all sessions to be up", async () => (await established(sun)) === SESSIONS, 60_000);
    // The answer is longer than what the kernel keeps for a reader.
    expect((await ask(sun, STATUSALL)).length).toBeGreaterThan(300_000);
    await deadClients(sun, 16, true);
    await deadClients(sun, 16, false);
    for (let i = 0; i < 5; i++) expect(await ask(sun, STATUSALL)).toContain(`(${SESSIONS} up, 0 connecting)`);
  });
});
