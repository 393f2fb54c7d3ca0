import { readFileSync } from "node:fs";
import { Host } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { Pair, describeAttributeProvider, testHost, usualChild } from "@cygnet/plugin-testkit";
import { PostgresServer, postgresReason } from "@cygnet/test/postgres/server";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import plugin from "../src/index.js";
import { SharedPool } from "../src/shared-pool.js";

const reason = postgresReason();
const PATIENCE = { timeout: 20_000 * Number(process.env["TIMESCALE"] ?? 1), interval: 5 };

describe.skipIf(reason !== undefined)(`a pool in PostgreSQL${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => addresses(5));

  /** The table anew, with so many addresses from 10.3.0.1 on. */
  async function addresses(count: number): Promise<void> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query("DROP TABLE IF EXISTS cygnet_addresses");
    await client.query(readFileSync(new URL("../schema.sql", import.meta.url), "utf8"));
    await client.query(
      "INSERT INTO cygnet_addresses (address, pool) SELECT '10.3.0.0'::inet + i, 'office' FROM generate_series(1, $1::int) i",
      [count],
    );
    await client.end();
  }
  const poolOf = (gateway: string): SharedPool =>
    new SharedPool({ name: "postgresql-pool", url: server.url, gateway, timeoutMs: 5000, say: () => undefined });
  const settings = (gateway: string): Record<string, string> => ({
    "plugins.postgresql-pool.url": server.url,
    "plugins.postgresql-pool.gateway": gateway,
  });

  describeAttributeProvider(
    "as an attribute provider",
    () => {
      const provider = poolOf("gw1");
      return { provider, close: () => provider.close() };
    },
    { pool: "office", addresses: 5 },
  );

  /** A gateway of this name, and a peer. */
  async function gateway(name: string): Promise<Pair> {
    const pair = await Pair.load({ sun: { plugins: [plugin as unknown as Plugin], settings: settings(name) } });
    pair.configure(
      { virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
      { pools: ["office"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
    );
    return pair;
  }
  /** Sets up a tunnel. @returns the peer's virtual IP */
  async function addressAt(pair: Pair): Promise<string | undefined> {
    const operation = pair.moon.initiate("net");
    await vi.waitFor(async () => {
      await pair.run(1);
      expect(operation.result()).toBeDefined();
    }, PATIENCE);
    return pair.moon.ikeSas[0]?.localVirtualIps.map(String)[0];
  }

  it("is one for two daemons: no address is given twice, and one that is given back serves the other", async () => {
    await addresses(1);
    const [first, second] = [await gateway("gw1"), await gateway("gw2")];
    expect(await addressAt(first)).toBe("10.3.0.1");
    expect(await addressAt(second)).toBeUndefined();
    second.moon.terminateIke();
    await second.run();
    first.moon.terminateIke();
    await first.run();
    await vi.waitFor(async () => {
      const address = await addressAt(second);
      if (address === undefined) second.moon.terminateIke();
      await second.run();
      expect(address).toBe("10.3.0.1");
    }, PATIENCE);
    for (const pair of [first, second]) {
      await pair.unload();
      expect(pair.sun.plugins.leftovers()).toEqual([]);
    }
  });
  it("gives many that ask at many daemons at the same time different addresses", async () => {
    await addresses(200);
    const pools = ["gw1", "gw2", "gw3"].map(poolOf);
    const context = { connection: "net", ikeSaId: 1, remote: "192.0.2.1", pools: ["office"] };
    const asked = Array.from({ length: 150 }, (_, i) =>
      pools[i % pools.length].acquire({ ...context, identity: `peer${i}` }, Host.of("0.0.0.0")),
    );
    const given = (await Promise.all(asked)).map(String);
    expect(new Set(given).size).toBe(150);
    expect(given).not.toContain("undefined");
    for (const pool of pools) await pool.close();
  });

  it("gives a peer the address that it had, at another daemon too", async () => {
    const [first, second] = [poolOf("gw1"), poolOf("gw2")];
    const carol = { connection: "net", ikeSaId: 1, remote: "192.0.2.1", pools: ["office"], identity: "carol" };
    await first.acquire({ ...carol, identity: "dave" }, Host.of("0.0.0.0"));
    const address = (await first.acquire(carol, Host.of("0.0.0.0")))!;
    expect(await second.release(carol, address)).toBe(false);
    expect(await first.release(carol, address)).toBe(true);
    expect(String(await second.acquire(carol, Host.of("0.0.0.0")))).toBe(String(address));
    for (const pool of [first, second]) await pool.close();
  });

  it("has the addresses of a daemon that was killed back when it starts again", async () => {
    const killed = poolOf("gw1");
    const context = { connection: "net", ikeSaId: 1, remote: "192.0.2.1", pools: ["office"], identity: "carol" };
    await killed.acquire(context, Host.of("0.0.0.0"));
    await killed.close();
    const host = await testHost({ plugins: [plugin as unknown as Plugin], settings: settings("gw1") });
    expect(host.daemon.lines()).toContain("postgresql-pool: 1 addresses that were in use when this daemon ended are free again");
    await host.unload();
    expect(host.leftovers()).toEqual([]);
  });

  it("that is gone gives the peer no address, and is named; the daemon goes on", async () => {
    const pair = await gateway("gw1");
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query("DROP TABLE cygnet_addresses");
    await client.end();
    expect(await addressAt(pair)).toBeUndefined();
    expect(pair.sun.lines()).toContain(
      `attribute provider 'postgresql-pool' failed on acquire: relation "cygnet_addresses" does not exist`,
    );
    await pair.unload();
  });
});
