import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { IkeDaemon } from "./harness/daemon.js";
import { until } from "./harness/deadline.js";
import { loadTesterSection } from "./harness/load-tester.js";
import { Network } from "./harness/network.js";
import { Pair, afterTest, startDaemon } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const SHARDS = 4;
const SOCKETS = ["socket-reuseport", "socket-default", "socket-dynamic"];
const PATIENCE_MS = 60_000;
const PLUGIN_API = fileURLToPath(new URL("../../core/plugin-api", import.meta.url));

const loadList = (socket: string, more = ""): string =>
  `random nonce aes des sha1 sha2 md5 hmac gmp openssl curve25519 load-tester attr ${socket} stroke counters ${more}`;
const ON_SHARDS = `shards = ${SHARDS}\n threads = 32\n dos_protection = no\n`;

const loadTester = (more: string): string =>
  loadTesterSection(`request_virtual_ip = yes
 pool = 10.99.0.0/16\n ${more}`);

/** A plugin that ends its shard when a peer whose identity says so is up. */
const BOMB = `
import { Bus, custom, definePlugin } from "@cygnet/plugin-api";
export default definePlugin({
  name: "bomb",
  api: 1,
  features: () => [{
    provides: custom("bomb"),
    register: ({ resolve }) => resolve(Bus).addListener({
      name: "bomb",
      ikeUpdown: (ikeSa, up) => {
        if (up && String(ikeSa.remoteId).includes("bomb")) setTimeout(() => { throw new Error("bang"); }, 0);
      },
    }),
  }],
});
`;

function withBomb(folder: string): void {
  const package_ = join(folder, "node_modules/cygnet-plugin-bomb");
  mkdirSync(package_, { recursive: true });
  writeFileSync(
    join(package_, "package.json"),
    JSON.stringify({ name: "cygnet-plugin-bomb", version: "1.0.0", type: "module", exports: "./index.js" }),
  );
  writeFileSync(join(package_, "index.js"), BOMB);
  mkdirSync(join(folder, "node_modules/@cygnet"), { recursive: true });
  symlinkSync(PLUGIN_API, join(folder, "node_modules/@cygnet/plugin-api"));
}

/** sun, with several shards, and whoever initiates from moon's one address. */
async function gateway(socket: string, { settings = "", tester = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  withBomb(folder);
  const sun = await startDaemon({
    kind: "cygnet",
    name: "sun",
    folder: join(folder, "sun"),
    on: network.on("sun"),
    load: loadList(socket, "bomb"),
    settings: ON_SHARDS + settings,
    plugins: loadTester(tester),
  });
  let daemons = 0;
  const initiate = async (sessions: number, more = ""): Promise<IkeDaemon> =>
    startDaemon({
      kind: "cygnet",
      name: `moon${++daemons}`,
      folder: join(folder, `moon${daemons}`),
      on: network.on("moon"),
      load: loadList("socket-default"),
      settings: daemons === 1 ? "" : "port = 0\n port_nat_t = 0\n",
      plugins: loadTester(`initiators = 2\n iterations = ${sessions / 2}\n init_limit = 20\n ${more}`),
    });
  return { sun, initiate };
}

const up = async (daemon: IkeDaemon): Promise<number> => Number(/\((\d+) up, 0 connecting\)/.exec(await daemon.sas())?.[1] ?? -1);
const numbers = (sas: string): number[] =>
  Array.from(sas.matchAll(/^ +load-test\[(\d+)\]: ESTABLISHED/gm), ([, id]) => Number(id));

describe.each(SOCKETS)(`a daemon with ${SHARDS} shards and %s`, (socket) => {
  it("serves one address and port on all of them, and reads as one daemon", async () => {
    const { sun, initiate } = await gateway(socket);
    const moon = await initiate(200);
    await until("all to be up", async () => (await up(sun)) === 200, PATIENCE_MS);
    const ids = numbers(await sun.sas());
    expect(new Set(ids).size).toBe(200);
    // Numbers go round the shards.
    expect(new Set(ids.map((id) => id % SHARDS)).size).toBe(SHARDS);
    expect(await sun.stroke("listcounters")).toMatch(/ikeInAuthReq +200\n/);
    const leases = (await sun.stroke("leases")).match(/10\.99\.\d+\.\d+ +online/g) ?? [];
    expect(new Set(leases).size).toBe(200);
    const status = await sun.stroke("statusall");
    expect(status).toMatch(/worker threads: \d+ of 32 idle, /);
    // From either side, by name and number.
    await sun.stroke("down", `load-test[${ids[7]}]`);
    await until("one to be gone", async () => (await up(sun)) === 199 && (await up(moon)) === 199, PATIENCE_MS);
    await moon.stroke("down", "load-test[*]");
    await until("all to be gone", async () => (await up(sun)) === 0, PATIENCE_MS);
    expect(await sun.stroke("leases")).not.toMatch(/10\.99\.\d+\.\d+ +online/);
    expect(await sun.stop()).toBe(0);
  });

  it("replaces a shard that dies, the others go on, and peers that come back are served", async () => {
    const { sun, initiate } = await gateway(socket);
    await initiate(100);
    await until("all to be up", async () => (await up(sun)) === 100, PATIENCE_MS);
    const first = numbers(await sun.sas());
    // One only, or what is listed below may be cut short by the death of another shard.
    await initiate(2, "initiators = 1\n iterations = 1\n initiator_id = bomb%d.strongswan.org\n");
    await sun.log.seen(/shard \d died, \d+ IKE_SAs are lost: bang/);
    const line = sun.log.messages.find((message) => message.includes("IKE_SAs are lost"));
    const lost = Number(/, (\d+) IKE_SAs/.exec(line!)![1]);
    expect(lost).toBeGreaterThan(0);
    const before = numbers(await sun.sas());
    expect(before.length).toBeLessThan(101);
    expect(before.length).toBeGreaterThan(20);
    await sun.log.seen(/shard \d is replaced/);
    const peersOf = (sas: string): number => new Set(sas.match(/\[c\d+-r1\.strongswan\.org\]/g)).size;
    expect(peersOf(await sun.sas())).toBeLessThan(100);
    for (const id of before) expect(first).toContain(id);
    // Of the same identities as before: each says that it is its first one, so that the one before goes.
    await initiate(100);
    const isNew = (sas: string): boolean => numbers(sas).every((id) => !first.includes(id)) && peersOf(sas) === 100;
    await until("new ones to be up", async () => isNew(await sun.sas()), PATIENCE_MS);
    const ids = numbers(await sun.sas());
    expect(ids).toHaveLength(100);
    expect(new Set(ids.map((id) => id % SHARDS)).size).toBe(SHARDS);
    expect(await sun.stop()).toBe(0);
  });

  it("ends the IKE_SAs of a peer that was killed, with a line for each, and no others", async () => {
    const { sun, initiate } = await gateway(socket, { settings: "retransmit_tries = 2\n", tester: "dpd_delay = 1" });
    const killed = await initiate(20);
    await until("those of the first to be up", async () => (await up(sun)) === 20, PATIENCE_MS);
    const ended = numbers(await sun.sas());
    await initiate(20, "initiator_id = alive%d.strongswan.org\n");
    await until("all to be up", async () => (await up(sun)) === 40, PATIENCE_MS);
    killed.signal("SIGKILL");
    await until("those of the first to be gone", async () => (await up(sun)) <= 20, PATIENCE_MS);
    expect(sun.log.count("giving up after 2 retransmits")).toBe(20);
    const left = await sun.sas();
    expect(numbers(left).filter((id) => ended.includes(id))).toEqual([]);
    expect([await up(sun), left.match(/\[alive\d+\.strongswan\.org\]/g)?.length]).toEqual([20, 20]);
    expect((await sun.stroke("leases")).match(/10\.99\.\d+\.\d+ +online/g)).toHaveLength(20);
    expect(await sun.stop()).toBe(0);
  });

  it.each(["moon", "sun"] as const)("rekeys with strongSwan, begun by %s, deletes, and initiates", async (first) => {
    const pair = await Pair.start({
      moon: "strongswan",
      sun: "cygnet",
      sunSetup: { load: loadList(socket), settings: ON_SHARDS },
    });
    await pair.moon.up();
    await pair[first].stroke("rekey", "net[]");
    await pair.sun.log.seen("IKE_SA net[");
    await until("the new IKE_SA", async () => /net\[\d+\]: ESTABLISHED/.test(await pair.sun.sas()), PATIENCE_MS);
    await pair[first].stroke("rekey", "net{}");
    await until(
      "one CHILD_SA",
      async () => ((await pair.sun.sas()).match(/net\{\d+\}: +INSTALLED/g) ?? []).length === 1,
      PATIENCE_MS,
    );
    await pair.moon.stroke("down", "net");
    await until("nothing to be left", async () => (await up(pair.sun)) === 0, PATIENCE_MS);
    await pair.sun.up();
    expect(await up(pair.sun)).toBe(1);
  });
});
