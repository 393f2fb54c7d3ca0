import { ConnectionStoreImpl, CredentialStoreImpl, LARGEST_PIECE } from "@cygnet/ike";
import { Host, LogGroup, authRound, linkTopic, noMessages, peerDefinition } from "@cygnet/plugin-api";
import type { IkeSaStatus, OperationObserver, OperationResult } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it, vi } from "vitest";
import { DaemonController } from "../src/control/daemon-controller.js";
import { compileEnv } from "../src/shard/shard.js";

/** How often each method was called over the link. */
type Traffic = Map<string, number>;

/** A link over a thread boundary: what crosses is cloned, either way, and arrives later. */
function overThreads<P extends object>(port: P, traffic: Traffic): P {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        traffic.set(String(property), (traffic.get(String(property)) ?? 0) + 1);
        const sent: unknown = structuredClone(args);
        await Promise.resolve();
        const answer: unknown = await Reflect.apply(value, target, sent as unknown[]);
        return structuredClone(answer);
      };
    },
  });
}

/** One end as its control thread has it. */
function controlOf(end: End, traffic: Traffic) {
  const shard = overThreads(end.shard, traffic);
  const env = compileEnv(end.shard.context.crypto as Parameters<typeof compileEnv>[0]);
  const connections = new ConnectionStoreImpl(env, async (change) => shard.applyConfig(change));
  const credentials = new CredentialStoreImpl(
    async (change) => shard.applySecret(change),
    () => end.shard.context.crypto.keyProvider(),
  );
  const never = (): never => {
    throw new Error("not part of the link");
  };
  const controller = new DaemonController({
    shards: [shard],
    side: end.control,
    connections,
    log: end.log,
    status: never,
    profile: never,
    plugins: never,
    reloadSettings: never,
    shutdown: never,
  });
  return { shard, connections, credentials, controller };
}

async function linked() {
  const traffic: Traffic = new Map();
  const link = <P extends object>(port: P): P => overThreads(port, traffic);
  const pair = new Pair({ moon: { link }, sun: { link } });
  const [moon, sun] = pair.ends.map((end) => controlOf(end, traffic)) as [
    ReturnType<typeof controlOf>,
    ReturnType<typeof controlOf>,
  ];
  pair.sun.attributes.addPool({
    name: "pool",
    addresses: "10.3.0.0/24",
    attributes: [{ type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 2, 0, 53) }],
  });
  const released: string[] = [];
  pair.moon.attributes.addHandler({
    requests: [ConfigAttributeType.INTERNAL_IP4_DNS],
    handle: () => true,
    release: (_context, { value }) => void released.push(value.join(".")),
  });
  await moon.shard.setRequestedAttributes(pair.moon.attributes.requests());
  const secret = { type: "IKE", owners: ["moon", "sun"], secret: new TextEncoder().encode("secret") } as const;
  for (const side of [moon, sun]) await side.credentials.replaceSecrets("secrets", [secret]);
  const common = { proposals: ["aes128-sha1-modp768"], rekeyTime: 0 };
  await moon.connections.add(
    "test",
    peerDefinition("net", {
      ...common,
      localAddresses: ["192.0.2.1"],
      remoteAddresses: ["192.0.2.2"],
      local: [authRound({ auth: "psk", id: "moon" })],
      remote: [authRound({ auth: "psk", id: "sun" })],
      virtualIps: ["0.0.0.0"],
      children: [usualChild("moon", "net", { localTs: ["dynamic"] })],
    }),
  );
  await sun.connections.add(
    "test",
    peerDefinition("net", {
      ...common,
      localAddresses: ["192.0.2.2"],
      local: [authRound({ auth: "psk", id: "sun" })],
      remote: [authRound({ auth: "psk", id: "moon" })],
      pools: ["pool"],
      children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })],
    }),
  );
  return { pair, moon, sun, traffic, released };
}

function watcher() {
  const lines: string[] = [];
  const started: number[] = [];
  const observer: OperationObserver = {
    level: 1,
    log: (group, level, message) => void lines.push(`${LogGroup[group]}${level} ${message}`),
    started: (id) => void started.push(id),
  };
  return { lines, started, observer };
}

/** Lets an operation come to its end while time passes. */
async function outcome(pair: Pair, operation: Promise<OperationResult>): Promise<OperationResult | undefined> {
  let result: OperationResult | undefined;
  void operation.then((settled) => (result = settled));
  await pair.run(1000);
  return result;
}

/** Whatever is under way comes to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("what crosses between control and a shard", () => {
  it("survives structured cloning and arrives later: connections, secrets, commands, addresses, attributes, log lines, status", async () => {
    const { pair, moon, sun, traffic, released } = await linked();
    const up = watcher();
    const { peer, child } = moon.connections.find("net")!;
    expect(await outcome(pair, moon.controller.initiate(peer, child, up.observer))).toBe("done");
    expect(up.started).toEqual([1]);
    expect(up.lines[0]).toBe("IKE0 initiating IKE_SA net[1] to 192.0.2.2");
    expect(up.lines).toContain("IKE1 installing new virtual IP 10.3.0.1");
    expect(up.lines.at(-1)).toMatch(/^IKE0 CHILD_SA net\{1\} established with SPIs /);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 1 }]);

    const list: IkeSaStatus[] = [];
    for await (const piece of sun.controller.ikeSas({}, true)) list.push(...piece);
    expect(list).toMatchObject([
      {
        name: "net",
        uniqueId: 1,
        remoteId: "moon",
        remoteVirtualIps: ["10.3.0.1"],
        children: [{ name: "net", uniqueId: 1, remoteTs: "10.3.0.1/32" }],
      },
    ]);
    const topic = linkTopic<string, string>("test.text");
    pair.sun.shard.controller.addText(topic, ({ name, uniqueId }, how) => `${name}${how}${uniqueId}`);
    const texts: string[] = [];
    for await (const piece of sun.controller.ikeSaTexts({}, true, topic, "#")) texts.push(piece);
    expect(texts).toEqual(["net#1"]);
    expect(await sun.controller.count()).toEqual({ up: 1, connecting: 0 });
    const { waits } = await sun.shard.profile();
    expect(waits.filter(({ on }) => on === "control").map(({ name, time }) => [name, time.count])).toEqual([
      ["acquire address", 1],
      ["attributes", 1],
    ]);
    expect(await sun.controller.messageCounts()).toEqual(noMessages());
    pair.network.send(pair.network.flights[2]!);
    await pair.run();
    expect(await sun.controller.messageCounts()).toEqual({ ...noMessages(), repeated: 1 });

    expect(await moon.controller.rekeyChild(1)).toBe(true);
    await pair.run(7000);
    expect(await sun.controller.rekeyIke(1)).toBe(true);
    await pair.run(1000);
    const down = watcher();
    expect(await outcome(pair, moon.controller.terminateIke(2, down.observer))).toBe("done");
    expect(down.lines.at(-1)).toBe("IKE0 IKE_SA deleted");
    expect(await outcome(pair, moon.controller.terminateIke(2, down.observer))).toBe("failed");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 0, offline: 1 }]);
    expect(released).toEqual(["10.2.0.53"]);
    for (const method of [
      "applyConfig",
      "applySecret",
      "initiate",
      "acquireAddress",
      "releaseAddress",
      "attributes",
      "handleAttribute",
      "releaseAttribute",
      "openList",
      "nextListed",
      "nextText",
      "closeList",
      "messageCounts",
      "operationLog",
      "operationStarted",
    ]) {
      expect(traffic.get(method), method).toBeGreaterThan(0);
    }
  });

  it("is of a listing what is read, piece by piece and one ahead, and its end where nobody reads on", async () => {
    const { pair, sun, traffic } = await linked();
    const peer = pair.sun.shard.context.configs.peerByName("net")!;
    const [local, remote] = [Host.of("192.0.2.2", 500), Host.of("192.0.2.1", 500)];
    for (let i = 0; i < 3 * LARGEST_PIECE; i++) pair.sun.manager.initiate(peer, local, remote);
    const pieces = sun.controller.ikeSas({}, false);
    for (let read = 1; read <= 3; read++) {
      const piece = (await pieces.next()).value as readonly IkeSaStatus[];
      expect(piece.length).toBeLessThanOrEqual(LARGEST_PIECE);
      await settle();
      expect([traffic.get("nextListed"), traffic.get("closeList")]).toEqual([read + 1, undefined]);
    }
    await pieces.return(undefined);
    expect([traffic.get("nextListed"), traffic.get("closeList")]).toEqual([4, 1]);
  });

  it("may be a connection made for the occasion", async () => {
    const { pair, moon } = await linked();
    const known = moon.connections.find("net")!.peer;
    const occasional = { ...known, name: "once" };
    expect(await outcome(pair, moon.controller.initiate(occasional, occasional.children[0], watcher().observer))).toBe("done");
    expect(pair.moon.ikeSas[0]!.name).toBe("once");
  });

  it("is waited for no longer than the client wants", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { pair, moon } = await linked();
      pair.network.fate = () => [];
      const { peer, child } = moon.connections.find("net")!;
      const watching = watcher();
      const operation = moon.controller.initiate(peer, child, watching.observer, 700);
      expect(await outcome(pair, operation)).toBeUndefined();
      vi.advanceTimersByTime(700);
      expect(await outcome(pair, operation)).toBe("timeout");
      // It goes on, but nobody is told any more.
      const lines = watching.lines.length;
      await pair.run(5000);
      expect(pair.moon.lines()).toContain("retransmit 1 of request with message ID 0");
      expect(watching.lines).toHaveLength(lines);
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends a CHILD_SA, and says so of one that is not there", async () => {
    const { pair, moon } = await linked();
    const { peer, child } = moon.connections.find("net")!;
    await outcome(pair, moon.controller.initiate(peer, child));
    expect(await outcome(pair, moon.controller.terminateChild(1, watcher().observer))).toBe("done");
    expect(await outcome(pair, moon.controller.terminateChild(1, watcher().observer))).toBe("failed");
    expect(await moon.controller.rekeyChild(1)).toBe(false);
  });
});
