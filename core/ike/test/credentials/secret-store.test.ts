import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DefinitionError } from "@cygnet/plugin-api";
import type { SharedSecret } from "@cygnet/plugin-api";
import { CredentialStoreImpl, SecretStore } from "../../src/credentials/index.js";
import type { CredentialChange, SecretChange } from "../../src/credentials/index.js";
import { Identification } from "../../src/identity/index.js";

const id = (text: string): Identification => Identification.parse(text);
const psk = (secret: string, ...owners: string[]): SharedSecret => ({
  type: "IKE",
  owners,
  secret: new TextEncoder().encode(secret),
});
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function storeOf(...secrets: SharedSecret[]): SecretStore {
  const store = new SecretStore();
  store.replace("file", secrets);
  return store;
}

function found(
  store: SecretStore,
  local: string | undefined,
  remote: string | undefined,
  type: SharedSecret["type"] = "IKE",
): string[] {
  return store
    .sharedSecrets(type, local === undefined ? undefined : id(local), remote === undefined ? undefined : id(remote))
    .map(({ secret }) => text(secret));
}

describe("finding shared secrets", () => {
  it("gives the one of both identities first, then those of one of them, then those of anybody", () => {
    const store = storeOf(
      psk("anybody"),
      psk("any", "%any"),
      psk("wild", "*.example.org"),
      psk("local", "moon.example.org"),
      psk("remote", "sun.example.org"),
      psk("both", "sun.example.org", "moon.example.org"),
      psk("unrelated", "venus.example.org"),
    );
    expect(found(store, "moon.example.org", "sun.example.org")).toEqual(["both", "wild", "remote", "local", "any", "anybody"]);
    expect(found(store, "mars.example.com", "pluto.example.com")).toEqual(["any", "anybody"]);
  });

  it("tries an unrelated one of the same responder, after the right one", () => {
    const store = storeOf(
      psk("for carol", "moon.example.org", "carol@example.org"),
      psk("for dave", "moon.example.org", "dave@example.org"),
    );
    expect(found(store, "moon.example.org", "dave@example.org")).toEqual(["for dave", "for carol"]);
  });

  it("prefers the older one of equals, over all sets", () => {
    const store = storeOf(psk("first", "moon"));
    store.replace("another", [psk("second", "moon")]);
    expect(found(store, "moon", "sun")).toEqual(["first", "second"]);
  });

  it.each([
    ["10.0.0.1", "10.0.0.0/24"],
    ["10.0.0.1", "10.0.0.1-10.0.0.9"],
    ["fec0::1", "fec0::/64"],
    ["MOON.example.org", "moon.EXAMPLE.org"],
    ["C=CH, O=Example, CN=x", "C=CH, O=EXAMPLE, CN=*"],
    ["C=CH, O=Example, CN=x", "C=ch, O=example, CN=X"],
    ["a@example.org", "*@example.org"],
  ])("matches %s by the owner %s", (own, owner) => {
    const store = storeOf(psk("s", owner), psk("t", "somebody else"));
    expect(found(store, "z", own)).toEqual(["s"]);
    expect(found(store, own, undefined)).toEqual(["s"]);
  });

  it("keeps the types apart", () => {
    const store = storeOf({ ...psk("eap", "carol"), type: "EAP" }, { ...psk("ntlm"), type: "NTLM" });
    expect(found(store, "carol", undefined, "EAP")).toEqual(["eap"]);
    expect(found(store, "carol", undefined, "IKE")).toEqual([]);
    expect(found(store, undefined, undefined, "NTLM")).toEqual(["ntlm"]);
  });

  it("answers the same list again when only one is found", () => {
    const store = storeOf(psk("only", "moon"), psk("other", "mars"));
    const [moon, sun] = [id("moon"), id("sun")];
    expect(store.sharedSecrets("IKE", moon, sun)).toBe(store.sharedSecrets("IKE", moon, sun));
    expect(store.sharedSecrets("IKE", sun, sun)).toHaveLength(0);
  });

  it("finds exactly what a look at every secret finds", () => {
    const identity = fc.constantFrom(
      "moon",
      "sun",
      "MOON",
      "a.b",
      "*.b",
      "%any",
      "10.0.0.1",
      "10.0.0.0/8",
      "CN=x",
      "CN=*",
      "u@h",
      "*@h",
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(identity, { maxLength: 3 }), { maxLength: 8 }),
        identity,
        identity,
        (owners, local, remote) => {
          const store = storeOf(...owners.map((each, i) => psk(String(i), ...each)));
          const quality = (each: string[], own: string): number =>
            Math.max(0, ...each.map((owner) => id(own).matches(id(owner))));
          const expected = owners.flatMap((each, i) => {
            const score = each.length === 0 ? 1 : quality(each, local) + quality(each, remote);
            return score > 0 ? [{ name: String(i), score }] : [];
          });
          const names = found(store, local, remote);
          expect([...names].sort()).toEqual(expected.map(({ name }) => name).sort());
          const scores = names.map((name) => expected.find((each) => each.name === name)!.score);
          expect(scores).toEqual([...scores].sort((a, b) => b - a));
        },
      ),
    );
  });
});

describe("keeping shared secrets", () => {
  it("zeroes secrets and what was prepared from them when they go", () => {
    const store = storeOf(psk("one", "moon"));
    store.replace("another", [psk("two", "sun")]);
    const [one] = store.sharedSecrets("IKE", id("moon"), undefined);
    const [two] = store.sharedSecrets("IKE", id("sun"), undefined);
    const wiped: string[] = [];
    expect(one!.keep(5, { wipe: () => wiped.push("a") })).toBe(true);
    expect(one!.keep(5, { wipe: () => wiped.push("b") })).toBe(true);
    expect(one!.keep(2, { wipe: () => wiped.push("c") })).toBe(true);
    expect(wiped).toEqual(["a"]);
    expect([one!.prepared(5) !== undefined, one!.prepared(7)]).toEqual([true, undefined]);
    store.replace("file", [psk("one again", "moon")]);
    expect(wiped.sort()).toEqual(["a", "b", "c"]);
    expect([...one!.secret]).toEqual([0, 0, 0]);
    expect(one!.prepared(5)).toBeUndefined();
    expect(one!.keep(5, { wipe: () => undefined })).toBe(false);
    expect(text(two!.secret)).toBe("two");
    expect(store.remove("another")).toBe(true);
    expect(store.remove("another")).toBe(false);
    expect([...two!.secret]).toEqual([0, 0, 0]);
    store.clear();
    expect(found(store, "moon", "sun")).toEqual([]);
  });

  it("takes out exactly the secrets of a set that goes", () => {
    const store = storeOf(psk("a", "moon"), psk("b", "moon", "sun"), psk("c"), psk("d", "*.example.org", "moon"));
    store.replace("another", [psk("e", "moon"), psk("f"), psk("g", "sun", "SUN")]);
    expect(found(store, "moon", "sun")).toEqual(["b", "g", "a", "d", "e", "c", "f"]);
    store.remove("file");
    expect(found(store, "moon", "sun")).toEqual(["g", "e", "f"]);
    store.replace("another", []);
    expect(found(store, "moon", "sun")).toEqual([]);
  });

  it("has its own copy", () => {
    const given = psk("abc", "moon");
    const store = storeOf(given);
    given.secret.fill(0);
    expect(found(store, "moon", undefined)).toEqual(["abc"]);
  });

  it("changes nothing when an owner is refused", () => {
    const store = storeOf(psk("abc", "moon"));
    expect(() => store.replace("file", [psk("x"), psk("y", "@#not hex")])).toThrowError(DefinitionError);
    expect(found(store, "moon", undefined)).toEqual(["abc"]);
  });
});

/** Secrets need none. */
const noKeys = (): never => {
  throw new Error("no keys in this test");
};

describe("CredentialStoreImpl", () => {
  function setup() {
    const shard = new SecretStore();
    const sent: CredentialChange[] = [];
    const store = new CredentialStoreImpl(async (change) => {
      sent.push(change);
      shard.apply(structuredClone(change) as SecretChange);
      await Promise.resolve();
    }, noKeys);
    return { shard, sent, store };
  }

  it("brings sets to the shards and lists them without secrets", async () => {
    const { shard, store } = setup();
    await store.replaceSecrets("file", [psk("hush", "moon", "sun"), { ...psk("pass", "carol"), type: "EAP" }]);
    expect(found(shard, "moon", "sun")).toEqual(["hush"]);
    expect(store.listSecrets()).toEqual([
      { set: "file", type: "IKE", owners: ["moon", "sun"] },
      { set: "file", type: "EAP", owners: ["carol"] },
    ]);
    expect(JSON.stringify(store) + JSON.stringify(store.listSecrets())).not.toContain("hush");
    await store.removeSet("file");
    expect(found(shard, "moon", "sun")).toEqual([]);
    expect(store.listSecrets()).toEqual([]);
  });

  it("zeroes what it sent, and nothing else", async () => {
    const { shard, sent, store } = setup();
    const given = psk("hush", "moon");
    await store.replaceSecrets("file", [given]);
    expect(sent[0]).toMatchObject({ op: "replace", secrets: [{ secret: new Uint8Array(4) }] });
    expect(text(given.secret)).toBe("hush");
    expect(found(shard, "moon", undefined)).toEqual(["hush"]);
  });

  it("refuses an owner that is no identity, without changing anything", async () => {
    const { shard, store } = setup();
    await store.replaceSecrets("file", [psk("a", "moon")]);
    await expect(store.replaceSecrets("file", [psk("b", "keyid:#x")])).rejects.toMatchObject({ code: "CYG_ID_SYNTAX" });
    expect(found(shard, "moon", undefined)).toEqual(["a"]);
    expect(store.listSecrets()).toHaveLength(1);
  });

  it("brings a new shard to the same state, until it is cleared", async () => {
    const { store } = setup();
    await store.replaceSecrets("a", [psk("one", "moon")]);
    await store.replaceSecrets("a", [psk("two", "moon")]);
    const late = new SecretStore();
    for (const change of store.snapshot()) late.apply(change as SecretChange);
    expect(found(late, "moon", undefined)).toEqual(["two"]);
    store.clear();
    expect(store.snapshot()).toEqual([]);
  });

  it("keeps the former set when the shards could not be told", async () => {
    let fails = false;
    const store = new CredentialStoreImpl(() => (fails ? Promise.reject(new Error("link down")) : Promise.resolve()), noKeys);
    await store.replaceSecrets("a", [psk("one", "moon")]);
    fails = true;
    await expect(store.replaceSecrets("a", [])).rejects.toThrow("link down");
    const [change] = store.snapshot();
    expect(change!.op === "replace" && text(change!.secrets[0]!.secret)).toBe("one");
  });

  it("zeroes what it made for a new shard, also when that could not be told, and lets no change come between", async () => {
    const { store } = setup();
    await store.replaceSecrets("a", [psk("one", "moon")]);
    await store.replaceSecrets("b", [psk("two", "sun")]);
    const made: Uint8Array[] = [];
    const seen: string[] = [];
    const told = store.initialize(async (change) => {
      await Promise.resolve();
      if (change.op !== "replace") return;
      seen.push(...change.secrets.map(({ secret }) => text(secret)));
      made.push(...change.secrets.map(({ secret }) => secret));
    });
    const removed = store.removeSet("b").then(() => seen.push("removed"));
    await Promise.all([told, removed]);
    expect(seen).toEqual(["one", "two", "removed"]);
    const failed = store.initialize((change) => {
      if (change.op === "replace") made.push(...change.secrets.map(({ secret }) => secret));
      throw new Error("link down");
    });
    await expect(failed).rejects.toThrow("link down");
    expect(made.map((secret) => [...secret].every((octet) => octet === 0))).toEqual([true, true, true]);
  });
});
