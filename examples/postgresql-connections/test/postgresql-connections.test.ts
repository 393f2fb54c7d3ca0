import { readFileSync } from "node:fs";
import { ControlCommands } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import type { End } from "@cygnet/plugin-testkit";
import { PostgresServer, postgresReason } from "@cygnet/test/postgres/server";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import plugin from "../src/index.js";

const reason = postgresReason();
const PATIENCE = { timeout: 20_000 * Number(process.env["TIMESCALE"] ?? 1), interval: 5 };

describe.skipIf(reason !== undefined)(`connections from PostgreSQL${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let server: PostgresServer;
  let client: Client;
  let pair: Pair;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    client = await connected();
    await client.query("DROP TABLE IF EXISTS cygnet_peers; DROP FUNCTION IF EXISTS cygnet_peers_changed");
    await client.query(readFileSync(new URL("../schema.sql", import.meta.url), "utf8"));
    const settings = {
      "plugins.postgresql-connections.url": server.url,
      "plugins.postgresql-connections.retry": "0",
    };
    pair = await Pair.load({ sun: { plugins: [plugin as unknown as Plugin], settings } });
    pair.configure();
    // What `configure` gave it by hand.
    pair.sun.shard.applyConfig({ op: "remove", backend: "test", name: "net" });
    pair.sun.shard.applySecret({ op: "remove", set: "testmoon,sun" });
  });
  afterEach(async () => {
    await client.end();
    await pair.unload();
    expect(pair.sun.plugins.leftovers()).toEqual([]);
  });

  const connected = async (): Promise<Client> => {
    const made = new Client({ connectionString: server.url });
    // It is ended by a server that is.
    made.on("error", () => undefined);
    await made.connect();
    return made;
  };
  const insert = (name: string, psk = "secret", proposals = ["aes128-sha1-modp768"]): Promise<unknown> =>
    client.query(
      "INSERT INTO cygnet_peers (name, local_id, remote_id, psk, proposals, local_ts, remote_ts) VALUES ($1, 'sun', 'moon', $2, $3, '{10.2.0.0/16}', '{10.1.0.0/16}')",
      [name, psk, proposals],
    );
  const names = (end: End): string[] => end.plugins.connections.list().map(({ name }) => name);
  const loaded = (...expected: readonly string[]): Promise<void> =>
    vi.waitFor(() => expect(names(pair.sun)).toEqual(expected), PATIENCE);
  const setUp = async (): Promise<unknown> => {
    const operation = pair.moon.initiate("net");
    await pair.run(2000);
    return operation.result();
  };

  it("are there when they are inserted, and a peer of theirs gets its tunnel", async () => {
    await loaded();
    await insert("home");
    await loaded("home");
    expect(await setUp()).toBe("done");
    expect(pair.sun.ikeSas.map(({ name }) => name)).toEqual(["home"]);
  });

  it("change with their rows, and go with them", async () => {
    await insert("home", "not this one");
    await insert("office");
    await loaded("home", "office");
    await client.query("DELETE FROM cygnet_peers WHERE name = 'office'");
    await loaded("home");
    expect(await setUp()).toBe("failed");
    await client.query("UPDATE cygnet_peers SET psk = 'secret'");
    await vi.waitFor(async () => expect(await setUp()).toBe("done"), PATIENCE);
  });

  it("that cannot be used are named, and the others are loaded", async () => {
    await insert("broken", "secret", ["aes128-rot13"]);
    await insert("home");
    await loaded("home");
    expect(pair.sun.lines()).toContainEqual(
      expect.stringMatching(/^postgresql-connections: connection 'broken' cannot be used: .*rot13/),
    );
  });

  it("stay while the database is gone, and follow it again when it is back", async () => {
    await insert("home");
    await loaded("home");
    await server.restart();
    await vi.waitFor(
      () => expect(pair.sun.lines().join("\n")).toContain("the database is gone, connections stay as they are"),
      PATIENCE,
    );
    expect(names(pair.sun)).toEqual(["home"]);
    await client.end();
    client = await connected();
    await vi.waitFor(async () => {
      expect(await pair.sun.resolve(ControlCommands).statusLines()).toEqual(["postgresql-connections: 1 connections"]);
    }, PATIENCE);
    await insert("office");
    await loaded("home", "office");
  });
});

it("a daemon starts without its database, and says why", async () => {
  const settings = { "plugins.postgresql-connections.url": "postgresql://nobody@/none?host=/nowhere" };
  const host = await testHost({ plugins: [plugin as unknown as Plugin], settings });
  expect(host.featureNames()).toEqual(["CUSTOM:postgresql-connections"]);
  await vi.waitFor(
    () => expect(host.daemon.lines()).toContainEqual(expect.stringMatching(/the database is gone.*\/nowhere/)),
    PATIENCE,
  );
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});
