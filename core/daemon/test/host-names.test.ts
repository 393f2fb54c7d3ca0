import { ConfigSet, ConnectionStoreImpl } from "@cygnet/ike";
import type { ConfigChange } from "@cygnet/ike";
import { parseProposal } from "@cygnet/crypto";
import { Host, peerDefinition } from "@cygnet/plugin-api";
import { VirtualClock } from "@cygnet/runtime/testing";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { systemLookup } from "../src/control/host-lookup.js";
import { HostNames } from "../src/control/host-names.js";

/** A resolver whose answers the test gives. */
class Resolver {
  readonly asked: string[] = [];
  readonly #open = new Map<string, { resolve: (hosts: readonly Host[]) => void; reject: (error: Error) => void }>();

  readonly lookup = (name: string, signal: AbortSignal): Promise<readonly Host[]> => {
    this.asked.push(name);
    return new Promise((resolve, reject) => {
      this.#open.set(name, { resolve, reject });
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  };

  async answer(name: string, ...addresses: string[]): Promise<void> {
    const open = this.#open.get(name)!;
    if (addresses.length > 0) open.resolve(addresses.map((text) => Host.of(text)));
    else open.reject(new Error("no address found"));
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup(maxLookups = 3) {
  const clock = new VirtualClock();
  const resolver = new Resolver();
  const lines: string[] = [];
  const changes: ConfigChange[] = [];
  const env = { parseProposal, defaultProposals: () => [parseProposal(1, "aes128-sha256-modp2048")] };
  const shard = new ConfigSet(env);
  const store = new ConnectionStoreImpl(env, async (change) => {
    changes.push(change);
    shard.apply(change);
  });
  const names = new HostNames({
    lookup: resolver.lookup,
    maxLookups,
    timers: clock,
    log: { enabled: () => true, log: (_group, level, message) => void lines.push(`${level} ${message}`) },
    connections: () => store,
  });
  const connections = names.resolving(store);
  const add = (name: string, ...remoteAddresses: string[]) => connections.add("test", peerDefinition(name, { remoteAddresses }));
  const matches = (address: string): string[] =>
    shard.candidates(Host.of("192.0.2.1"), Host.of(address), undefined, undefined, 2).map((peer) => peer.name);
  const minute = (): Promise<void> => {
    clock.advance(60_000);
    return settle();
  };
  return { clock, minute, resolver, lines, changes, names, add, remove: connections.remove, matches };
}

describe("host names of connections", () => {
  it("keep no add waiting, and match all their addresses once they are known", async () => {
    const { resolver, add, matches } = setup();
    await add("a", "sun.example.org");
    await add("b", "192.0.2.7");
    expect([matches("192.0.2.2"), matches("192.0.2.7")]).toEqual([[], ["b"]]);
    await resolver.answer("sun.example.org", "192.0.2.2", "192.0.2.3");
    expect([matches("192.0.2.2"), matches("192.0.2.3"), matches("192.0.2.4")]).toEqual([["a"], ["a"], []]);
  });

  it("are looked up so many at a time, those that somebody waits for first, and each once", async () => {
    const { resolver, names, add } = setup(2);
    for (const name of ["a", "b", "c", "d", "d"]) await add(name, `${name}.example.org`);
    expect(resolver.asked).toEqual(["a.example.org", "b.example.org"]);
    const waiting = names.resolve("d.example.org");
    await resolver.answer("a.example.org");
    expect(resolver.asked.slice(2)).toEqual(["d.example.org"]);
    await resolver.answer("d.example.org", "192.0.2.4");
    expect((await waiting).map(String)).toEqual(["192.0.2.4"]);
    expect(resolver.asked.slice(3)).toEqual(["c.example.org"]);
  });

  it("are looked up again every minute as long as a connection has them, and the shards hear of what changed", async () => {
    const { clock, minute, resolver, changes, add, remove, matches } = setup();
    await add("a", "sun.example.org");
    await resolver.answer("sun.example.org", "192.0.2.2");
    const told = changes.length;
    await minute();
    await resolver.answer("sun.example.org", "192.0.2.2");
    expect([resolver.asked.length, changes.length - told]).toEqual([2, 0]);
    await minute();
    await resolver.answer("sun.example.org", "192.0.2.9");
    expect([matches("192.0.2.2"), matches("192.0.2.9")]).toEqual([[], ["a"]]);
    await remove("test", "a");
    await minute();
    expect(resolver.asked).toHaveLength(3);
    expect(clock.armedTimers).toBe(0);
  });

  it("keep their addresses while the name server fails, which is said once", async () => {
    const { minute, resolver, lines, names, add, matches } = setup();
    await add("a", "sun.example.org");
    await resolver.answer("sun.example.org", "192.0.2.2");
    for (let times = 0; times < 2; times++) {
      await minute();
      await resolver.answer("sun.example.org");
    }
    expect(matches("192.0.2.2")).toEqual(["a"]);
    const failed = "resolving 'sun.example.org' failed: no address found";
    expect(lines).toEqual([`1 ${failed}`, `2 ${failed}`]);
    const waiting = names.resolve("sun.example.org");
    await settle();
    await resolver.answer("sun.example.org");
    expect((await waiting).map(String)).toEqual(["192.0.2.2"]);
  });

  it("are known at once to a connection that is added again, or is the second to have them", async () => {
    const { resolver, add, remove, matches } = setup();
    await add("a", "sun.example.org");
    await resolver.answer("sun.example.org", "192.0.2.2");
    await add("b", "sun.example.org");
    await remove("test", "a");
    await add("a", "sun.example.org");
    expect(matches("192.0.2.2")).toEqual(["b", "a"]);
  });

  it("are given up when the daemon ends", async () => {
    const { clock, resolver, lines, names, add } = setup(1);
    await add("a", "sun.example.org", "moon.example.org");
    names.close();
    await settle();
    expect([resolver.asked, lines, clock.armedTimers]).toEqual([["sun.example.org"], [], 0]);
  });
});

describe("the system's look-up", () => {
  const never = new AbortController().signal;

  it("finds names of /etc/hosts", async () => {
    const hosts = await systemLookup("localhost", never);
    expect(hosts.map(String).some((text) => text === "127.0.0.1" || text === "::1")).toBe(true);
    expect(new Set(hosts.map(String)).size).toBe(hosts.length);
  });

  it("fails for a name that nobody has, and for what is no name", async () => {
    await expect(systemLookup("nobody.invalid", never)).rejects.toThrow("no address found");
    await expect(systemLookup("--help", never)).rejects.toThrow("no address found");
  });

  it("says so where the program that asks is killed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-getent-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "getent"), "#!/bin/sh\nkill -KILL $$\n", { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(systemLookup("localhost", never)).rejects.toThrow("getent was ended by SIGKILL");
  });
});
