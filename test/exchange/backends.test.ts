import { BackendManager, IkeSaState, PLUGIN_API, authRound, custom, definePlugin, peerDefinition } from "@cygnet/plugin-api";
import type {
  ConfigBackend,
  CredentialSet,
  IkeConfigQuery,
  PeerConfigQuery,
  PeerDefinition,
  Plugin,
  SecretQuery,
  SharedSecret,
} from "@cygnet/plugin-api";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { EndOptions } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";
import { expectEmpty, expectUp } from "./expectations.js";

const PROPOSALS = ["aes128-sha1-modp768"];
const secretOf = (text: string, ...owners: string[]): SharedSecret => ({
  type: "IKE",
  owners,
  secret: new TextEncoder().encode(text),
});
/** What sun's backend has for moon, unless told otherwise. */
const home = (given: Partial<PeerDefinition> = {}): PeerDefinition =>
  peerDefinition(given.name ?? "home", {
    proposals: PROPOSALS,
    local: [authRound({ auth: "psk", id: "sun" })],
    remote: [authRound({ auth: "psk", id: "moon" })],
    rekeyTime: 0,
    mobike: false,
    children: [usualChild("sun", "home")],
    ...given,
  });
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** A plugin `acme` of a backend and a credential set. */
const acme = (backend?: Partial<ConfigBackend>, set?: Partial<CredentialSet>): Plugin =>
  definePlugin({
    name: "acme",
    api: PLUGIN_API,
    features: () => [
      {
        provides: custom("acme"),
        on: "control",
        register: ({ resolve, plugin }) => {
          const manager = resolve(BackendManager);
          const undos = [
            ...(backend ? [manager.addBackend({ name: plugin, peerConfigs: () => [home()], ...backend })] : []),
            ...(set ? [manager.addCredentialSet({ name: plugin, sharedSecrets: () => [], ...set })] : []),
          ];
          return () => undos.forEach((undo) => void undo());
        },
      },
    ],
  });

/** Moon has its connection and secret; sun has loaded nothing, or its secret only. */
async function gateway(plugin: Plugin, { loadsSecret = false, sun = {} as EndOptions } = {}): Promise<Pair> {
  const pair = await Pair.load({ sun: { plugins: [plugin], ...sun } });
  pair.connect();
  pair.sun.shard.applyConfig({ op: "remove", backend: "test", name: "net" });
  pair.moon.secret("secret", "moon", "sun");
  if (loadsSecret) pair.sun.secret("secret", "moon", "sun");
  return pair;
}

async function unloaded(pair: Pair): Promise<void> {
  await pair.unload();
  for (const end of pair.ends) expectEmpty(end);
  expect(pair.sun.plugins.leftovers()).toEqual([]);
}

describe("a backend", () => {
  it("that answers at once is asked for the addresses, then for the identities, and a peer gets its tunnel", async () => {
    const asked: unknown[] = [];
    const backend: ConfigBackend = {
      name: "acme",
      ikeConfigs: (query: IkeConfigQuery) => (asked.push(query), [home()]),
      peerConfigs: (query: PeerConfigQuery) => (asked.push(query), [home()]),
    };
    const sharedSecrets = (query: SecretQuery): SharedSecret[] => (asked.push(query), [secretOf("secret")]);
    const pair = await gateway(acme(backend, { sharedSecrets }));
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.ikeSas.map(({ name }) => name)).toEqual(["home"]);
    const addresses = { version: 2, local: "192.0.2.2", remote: "192.0.2.1" };
    expect(asked).toEqual([
      addresses,
      { ...addresses, localId: "sun", remoteId: "moon" },
      { type: "IKE", localId: "sun", remoteId: "moon" },
    ]);
    await unloaded(pair);
  });

  it("that takes its time holds up the IKE_SA concerned, which is made once however often the peer asks, and no other", async () => {
    let asked = 0;
    const later = <T>(value: T): Promise<T> => {
      asked++;
      return new Promise((resolve) => pair!.clock.timer(() => resolve(value)).arm(5_000));
    };
    let pair: Pair | undefined;
    pair = await gateway(
      acme(
        { ikeConfigs: () => later([home()]), peerConfigs: () => later([home()]) },
        { sharedSecrets: () => later([secretOf("secret", "moon", "sun")]) },
      ),
    );
    const waiting = pair.moon.initiate("net");
    // IKE_SA_INIT is repeated after 4 s, while the backend is still at it.
    await pair.run(4_800, 48);
    expect(asked).toBe(1);
    expect(pair.sun.manager.size).toBe(0);
    await pair.run(1_000, 10);
    expect(pair.sun.manager.size).toBe(1);
    pair.sun.connection(home({ name: "loaded", remote: [authRound({ auth: "psk", id: "earth" })] }));
    pair.sun.secret("secret", "earth", "sun");
    pair.moon.secret("secret", "earth", "sun");
    const net = pair.moon.shard.context.configs.peerByName("net")!.definition;
    pair.moon.connection({ ...net, name: "other", local: [authRound({ auth: "psk", id: "earth" })] });
    void pair.moon.shard.initiate({ peer: "other", child: "net" }, undefined);
    await pair.run(100, 10);
    const up = pair.sun.ikeSas.filter(({ state }) => state === IkeSaState.ESTABLISHED);
    expect(up.map(({ name }) => name)).toEqual(["loaded"]);
    expect(waiting.result()).toBeUndefined();
    await pair.run(11_000, 110);
    expect(waiting.result()).toBe("done");
    expect(asked).toBe(3);
    expect(pair.sun.shard.profile().waits).toContainEqual(expect.objectContaining({ on: "acme", name: "peerConfigs" }));
    await unloaded(pair);
  });

  it.each([
    ["ikeConfigs", { ikeConfigs: () => never<[]>() }, {}],
    ["peerConfigs", { peerConfigs: () => never<[]>() }, {}],
    ["sharedSecrets", {}, { sharedSecrets: () => never<[]>() }],
  ])("that never answers on %s is named after charon.plugin_timeout, and the peer is refused", async (what, backend, set) => {
    const pair = await gateway(acme({ ikeConfigs: () => [home()], ...backend }, set), {
      sun: { settings: { plugin_timeout: "2" } },
    });
    const operation = pair.moon.initiate("net");
    await pair.run(1_900, 19);
    expect(operation.result()).toBeUndefined();
    await pair.run(300, 3);
    expect(operation.result()).toBe("failed");
    const kind = what === "sharedSecrets" ? "credential set" : "backend";
    expect(pair.sun.lines()).toContain(`${kind} 'acme' has not answered on ${what} within 2 s, going on without it`);
    await unloaded(pair);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no database");
      },
      "backend 'acme' failed on peerConfigs: no database",
    ],
    ["rejects", () => Promise.reject(new Error("no database")), "backend 'acme' failed on peerConfigs: no database"],
    ["answers with no list", () => "home", "backend 'acme' failed on peerConfigs: the answer is no list"],
    [
      "answers with a definition that cannot be used",
      () => [home({ proposals: ["rot13"] })],
      "connection 'home' of backend 'acme' cannot be used: skipped invalid proposal string: rot13",
    ],
    ["answers with something else", () => [undefined], /^connection 'undefined' of backend 'acme' cannot be used: /],
  ])("that %s is named, and the peer is refused", async (_how, peerConfigs, line) => {
    const pair = await gateway(acme({ peerConfigs: peerConfigs as unknown as ConfigBackend["peerConfigs"] }), {
      loadsSecret: true,
    });
    pair.moon.shard.applyConfig({
      op: "add",
      backend: "test",
      peer: { ...pair.moon.shard.context.configs.peerByName("net")!.definition, proposals: ["default"] },
    });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContainEqual(typeof line === "string" ? line : expect.stringMatching(line));
    expect(pair.sun.lines()).toContain("no matching peer config found");
    await unloaded(pair);
  });

  it("that says nothing of addresses has default proposals be agreed on", async () => {
    const pair = await gateway(acme({}), { loadsSecret: true });
    const { definition } = pair.moon.shard.context.configs.peerByName("net")!;
    pair.moon.connection({ ...definition, proposals: ["default"] });
    await pair.establish();
    expectUp(pair);
    await unloaded(pair);
  });

  it("whose connections fit neither address nor identity has none", async () => {
    const elsewhere = home({ remoteAddresses: ["198.51.100.1"] });
    const pair = await gateway(acme({ ikeConfigs: () => [elsewhere] }), { loadsSecret: true });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("no IKE config found for 192.0.2.2...192.0.2.1, sending NO_PROPOSAL_CHOSEN");
    await unloaded(pair);
    const others = [home({ remote: [authRound({ auth: "psk", id: "venus" })] }), elsewhere];
    const second = await gateway(acme({ ikeConfigs: () => [home()], peerConfigs: () => others }), { loadsSecret: true });
    await second.establish();
    expect(second.sun.lines()).toContain("no matching peer config found");
    await unloaded(second);
  });

  it("that has more than was asked for has the best of it taken, whoever of several has that", async () => {
    const any = home({ name: "any", remote: [authRound({ auth: "psk", id: "%any" })] });
    const plugin = acme({ ikeConfigs: () => [any], peerConfigs: () => [any] });
    const other = definePlugin({
      name: "other",
      api: PLUGIN_API,
      features: () => [
        {
          provides: custom("other"),
          on: "control",
          register: ({ resolve }) => resolve(BackendManager).addBackend({ name: "other", peerConfigs: async () => [home()] }),
        },
      ],
    });
    const pair = await gateway(plugin, { loadsSecret: true, sun: { plugins: [plugin, other] } });
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.ikeSas.map(({ name }) => name)).toEqual(["home"]);
    await unloaded(pair);
  });

  it("is not asked where a loaded connection and secret fit", async () => {
    const asked = (): never => {
      throw new Error("asked all the same");
    };
    const pair = await Pair.load({
      sun: { plugins: [acme({ ikeConfigs: asked, peerConfigs: asked }, { sharedSecrets: asked })] },
    });
    pair.configure();
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines().join("\n")).not.toContain("asked");
    await unloaded(pair);
  });

  it("is asked over the link to control where shards have threads of their own", async () => {
    const crossed: string[] = [];
    const overThreads = <P extends object>(port: P): P =>
      new Proxy(port, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property, target);
          if (typeof value !== "function") return value;
          return async (...args: unknown[]): Promise<unknown> => {
            crossed.push(String(property));
            return structuredClone(await Reflect.apply(value, target, structuredClone(args)));
          };
        },
      });
    const plugin = acme({ ikeConfigs: () => [home()] }, { sharedSecrets: async () => [secretOf("secret", "moon")] });
    const pair = await gateway(plugin, { sun: { plugins: [plugin], link: overThreads } });
    await pair.establish();
    expectUp(pair);
    expect(crossed).toEqual(["ikeConfigs", "peerConfigs", "sharedSecrets"]);
    await unloaded(pair);
  });

  it("that is still being asked when the daemon ends holds nothing up", async () => {
    let answer: (peers: readonly PeerDefinition[]) => void = () => undefined;
    const peerConfigs = (): Promise<readonly PeerDefinition[]> => new Promise((resolve) => (answer = resolve));
    const pair = await gateway(acme({ ikeConfigs: () => [home()], peerConfigs }), { loadsSecret: true });
    pair.moon.initiate("net");
    await pair.run(100);
    expect(pair.sun.manager.size).toBe(1);
    await pair.unload();
    answer([home()]);
    await pair.run();
    expectEmpty(pair.sun);
    expect(pair.sun.children).toEqual([]);
  });
});

describe("a credential set", () => {
  it("is asked where the loaded secrets are anybody's only, which remain if it has none", async () => {
    let asked = 0;
    const secrets: SharedSecret[][] = [[secretOf("secret", "moon", "sun")], []];
    const pair = await gateway(acme({ ikeConfigs: () => [home()] }, { sharedSecrets: () => (asked++, secrets.shift()!) }));
    pair.sun.secret("another");
    await pair.establish();
    expectUp(pair);
    pair.moon.terminateIke();
    await pair.run();
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("tried 1 shared key for 'sun' - 'moon', but MAC mismatched");
    expect(asked).toBe(2);
    await unloaded(pair);
  });

  it("with a secret that is no octets is named, and the peer is refused", async () => {
    const text = { type: "IKE", owners: ["moon"], secret: "" } as unknown as SharedSecret;
    const pair = await gateway(acme({ ikeConfigs: () => [home()] }, { sharedSecrets: () => [text] }));
    await pair.establish();
    expect(pair.sun.lines()).toContain("credential set 'acme' failed on sharedSecrets: a secret is a Uint8Array");
    expect(pair.sun.lines()).toContain("no shared key found for 'sun' - 'moon'");
    await unloaded(pair);
  });

  it("has the secret of an initiator as well", async () => {
    const pair = await Pair.load({ moon: { plugins: [acme(undefined, { sharedSecrets: async () => [secretOf("secret")] })] } });
    pair.connect();
    pair.sun.secret("secret", "moon", "sun");
    await pair.establish();
    expectUp(pair);
    await pair.unload();
    expect(pair.moon.plugins.leftovers()).toEqual([]);
  });

  it("with a secret that cannot be used is named, and the peer is refused", async () => {
    const pair = await gateway(acme({ ikeConfigs: () => [home()] }, { sharedSecrets: () => [secretOf("secret", "@#zz")] }));
    await pair.establish();
    expect(pair.sun.lines()).toContainEqual(expect.stringMatching(/^secrets of 'acme' cannot be used: /));
    expect(pair.sun.lines()).toContain("no shared key found for 'sun' - 'moon'");
    await unloaded(pair);
  });
});
