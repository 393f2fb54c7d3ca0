import { readFileSync } from "node:fs";
import { ControlCommands } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import { PostgresServer, postgresReason } from "@cygnet/test/postgres/server";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import plugin from "../src/index.js";

const reason = postgresReason();
const PATIENCE = { timeout: 20_000 * Number(process.env["TIMESCALE"] ?? 1), interval: 5 };

describe.skipIf(reason !== undefined)(`connections in PostgreSQL${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let server: PostgresServer;
  let client: Client;
  let pair: Pair;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    client = await connected();
    await client.query("DROP TABLE IF EXISTS cygnet_peers");
    await client.query(readFileSync(new URL("../schema.sql", import.meta.url), "utf8"));
    const settings = {
      "plugins.postgresql-connections.url": server.url,
      "plugins.postgresql-connections.proposals": "aes128-sha1-modp768",
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
  const insert = (name: string, { psk = "secret", remote = "moon", proposals = ["aes128-sha1"] } = {}): Promise<unknown> =>
    client.query(
      "INSERT INTO cygnet_peers (name, local_id, remote_id, psk, proposals, local_ts, remote_ts) VALUES ($1, 'sun', $2, $3, $4, '{10.2.0.0/16}', '{10.1.0.0/16}')",
      [name, remote, psk, proposals],
    );
  /** The database takes its own time, of which little passes for the daemons. */
  const setUp = async (): Promise<unknown> => {
    const operation = pair.moon.initiate("net");
    await vi.waitFor(async () => {
      await pair.run(1, 1);
      expect(operation.result()).toBeDefined();
    }, PATIENCE);
    return operation.result();
  };

  it("are there as soon as they are inserted, and a peer of theirs gets its tunnel", async () => {
    await insert("office", { remote: "earth" });
    await insert("home");
    expect(await setUp()).toBe("done");
    expect(pair.sun.ikeSas.map(({ name }) => name)).toEqual(["home"]);
    expect(await pair.sun.resolve(ControlCommands).statusLines()).toEqual(["postgresql-connections: 2 peers in the database"]);
  });

  it("change with their rows, and go with them", async () => {
    await insert("home", { psk: "not this one" });
    expect(await setUp()).toBe("failed");
    expect(pair.sun.lines()).toContain("tried 1 shared key for 'sun' - 'moon', but MAC mismatched");
    await client.query("UPDATE cygnet_peers SET psk = 'secret'");
    expect(await setUp()).toBe("done");
    pair.moon.terminateIke();
    await pair.run();
    await client.query("DELETE FROM cygnet_peers");
    expect(await setUp()).toBe("failed");
    expect(pair.sun.lines()).toContain("no matching peer config found");
  });

  it("that cannot be used are named", async () => {
    await insert("broken", { proposals: ["aes128-rot13"] });
    expect(await setUp()).toBe("failed");
    expect(pair.sun.lines()).toContainEqual(
      expect.stringMatching(/^connection 'broken' of backend 'postgresql-connections' cannot be used: .*rot13/),
    );
  });

  it("are gone with the database, and there again with it; who is up stays up", async () => {
    await insert("home");
    expect(await setUp()).toBe("done");
    await server.restart();
    // Which connections of the pool are broken is found out one by one.
    await vi.waitFor(async () => {
      pair.moon.terminateIke();
      await pair.run();
      expect(await setUp()).toBe("done");
    }, PATIENCE);
    await client.end();
    client = await connected();
  });
});

it("a daemon starts without its database, refuses a peer, and says why", async () => {
  const settings = {
    "plugins.postgresql-connections.url": "postgresql://nobody@/none?host=/nowhere",
    "plugins.postgresql-connections.proposals": "aes128-sha1-modp768",
  };
  const pair = await Pair.load({ sun: { plugins: [plugin as unknown as Plugin], settings } });
  pair.configure();
  pair.sun.shard.applyConfig({ op: "remove", backend: "test", name: "net" });
  const operation = pair.moon.initiate("net");
  await vi.waitFor(async () => {
    await pair.run(1, 1);
    expect(operation.result()).toBe("failed");
  }, PATIENCE);
  expect(pair.sun.lines()).toContainEqual(
    expect.stringMatching(/^backend 'postgresql-connections' failed on peerConfigs: .*\/nowhere/),
  );
  await pair.unload();
  expect(pair.sun.plugins.leftovers()).toEqual([]);
});

it("is one feature, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin as unknown as Plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:postgresql-connections"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});
