import { describe, expect, it } from "vitest";
import { Host, authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { AddressMatcher, ConfigSet, TrafficSelector } from "../../src/config/index.js";
import { Identification } from "../../src/identity/index.js";
import { env } from "./environment.js";

const moon = Host.of("10.9.0.1", 500);
const sun = Host.of("10.9.0.2", 500);
const other = Host.of("10.8.0.1", 500);
const id = (text: string) => Identification.parse(text);
const list = (...texts: string[]) => texts.map((text) => TrafficSelector.parse(text)!);

function setOf(...peers: [string, Partial<PeerDefinition>][]): ConfigSet {
  const set = new ConfigSet(env);
  for (const [name, given] of peers) set.add("test", peerDefinition(name, given));
  return set;
}

describe("choosing a configuration by addresses", () => {
  it("prefers the more specific one", () => {
    const set = setOf(
      ["any", {}],
      ["net", { remoteAddresses: ["10.9.0.0/24"] }],
      ["range", { remoteAddresses: ["10.9.0.0-10.9.0.15"] }],
      ["host", { remoteAddresses: ["10.9.0.2"] }],
      ["elsewhere", { localAddresses: ["10.0.0.1"], remoteAddresses: ["10.9.0.2"] }],
    );
    expect(set.ikeConfig(moon, sun, 2)).toBe(set.peerByName("host")!.ike);
    expect(set.ikeConfigs(moon, sun, 2).map(String)).toEqual([
      "%any...10.9.0.2",
      "%any...10.9.0.0-10.9.0.15",
      "%any...10.9.0.0/24",
      "%any...%any",
    ]);
    expect(set.ikeConfig(moon, other, 2)).toBe(set.peerByName("any")!.ike);
  });

  it("prefers knowing the peer to knowing our own address, and otherwise what was added first", () => {
    const set = setOf(
      ["local", { localAddresses: ["10.9.0.1"] }],
      ["remote", { remoteAddresses: ["10.9.0.2"] }],
      ["remote-2", { remoteAddresses: ["10.9.0.2"] }],
    );
    expect(set.ikeConfig(moon, sun, 2)).toBe(set.peerByName("remote")!.ike);
  });

  it("respects the version, 0 being both", () => {
    const set = setOf(["v1", { version: 1 }], ["both", { version: 0 }], ["v2", { version: 2, remoteAddresses: ["10.9.0.2"] }]);
    expect(set.ikeConfig(moon, sun, 1)).toBe(set.peerByName("v1")!.ike);
    expect(set.ikeConfig(moon, sun, 2)).toBe(set.peerByName("v2")!.ike);
    expect(set.ikeConfig(moon, sun, 0)).toBe(set.peerByName("v2")!.ike);
    expect(setOf(["v1", { version: 1 }]).ikeConfig(moon, sun, 2)).toBeUndefined();
  });

  it("answers the same list again when only one fits", () => {
    const set = setOf(["one", {}]);
    expect(set.ikeConfigs(moon, sun, 2)).toBe(set.ikeConfigs(moon, sun, 2));
    expect(set.candidates(moon, sun, undefined, id("x"), 2)).toBe(set.candidates(moon, sun, undefined, id("y"), 2));
    expect(new ConfigSet(env).ikeConfigs(moon, sun, 2)).toEqual([]);
  });

  it("matches a host name by its addresses once they are known", () => {
    const set = setOf(["named", { remoteAddresses: ["sun.example.org"] }]);
    expect([...set.hostNames()]).toEqual(["sun.example.org"]);
    expect(set.ikeConfig(moon, sun, 2)).toBeUndefined();
    set.apply({ op: "resolve", name: "sun.example.org", addresses: ["10.9.0.2", "fec0::2"] });
    expect(set.ikeConfig(moon, sun, 2)!.remoteHost()!.toString()).toBe("10.9.0.2");
    set.resolveName("sun.example.org", []);
    expect(set.ikeConfig(moon, sun, 2)).toBeUndefined();
  });

  it.each([
    ["%any", "any"],
    ["%any6", "any"],
    ["::", "any"],
    ["10.0.0.1", "address"],
    ["fec0::/64", "range"],
    ["10.0.0.1-10.0.0.9", "range"],
    ["moon-1.example.org", "name"],
    ["10.0.0.300", undefined],
    ["10.0.0.0/33", undefined],
    ["a b", undefined],
    ["10.0.0.0/8[tcp]", undefined],
  ])("takes '%s' for %s", (text, kind) => expect(AddressMatcher.parse(text)?.kind).toBe(kind));

  it("keeps the families of %any apart only where they are given", () => {
    const quality = (text: string, host: string) => AddressMatcher.parse(text)!.quality(Host.of(host));
    expect([quality("%any", "10.0.0.1"), quality("%any", "fec0::1")]).toEqual([1, 1]);
    expect([quality("%any6", "10.0.0.1"), quality("%any6", "fec0::1")]).toEqual([0, 1]);
    expect([quality("%any4", "10.0.0.1"), quality("%any4", "fec0::1")]).toEqual([1, 0]);
    expect(quality("10.0.0.1", "0.0.0.0")).toBe(1);
  });
});

describe("choosing connections by identities", () => {
  const names = (set: ConfigSet, local: string | undefined, remote: string) =>
    set.candidates(moon, sun, local === undefined ? undefined : id(local), id(remote), 2).map(({ name }) => name);
  const remote = (text: string) => ({ remote: [authRound({ id: text })] });

  it("puts exact identities before wildcards before any", () => {
    const set = setOf(
      ["any", {}],
      ["wild", remote("*.example.org")],
      ["exact", remote("sun.example.org")],
      ["no", remote("venus.example.org")],
    );
    expect(names(set, undefined, "sun.example.org")).toEqual(["exact", "wild", "any"]);
    expect(names(set, undefined, "carol@example.org")).toEqual(["any"]);
  });

  it("drops connections with another local identity than the peer asks for", () => {
    const set = setOf(
      ["a", { local: [authRound({ id: "moon.example.org" })] }],
      ["b", { local: [authRound({ id: "mars.example.org" })] }],
    );
    expect(names(set, "mars.example.org", "x")).toEqual(["b"]);
    expect(names(set, undefined, "x")).toEqual(["a", "b"]);
    expect(names(set, "venus.example.org", "x")).toEqual([]);
  });

  it("keeps the order of addition where addresses and identities speak for different ones", () => {
    const byAddress: [string, Partial<PeerDefinition>] = ["address", { remoteAddresses: ["10.9.0.2"] }];
    const byIdentity: [string, Partial<PeerDefinition>] = ["identity", remote("sun.example.org")];
    expect(names(setOf(byAddress, byIdentity), undefined, "sun.example.org")).toEqual(["address", "identity"]);
    expect(names(setOf(byIdentity, byAddress), undefined, "sun.example.org")).toEqual(["identity", "address"]);
    const both: [string, Partial<PeerDefinition>] = ["both", { ...byAddress[1], ...byIdentity[1] }];
    expect(names(setOf(byIdentity, byAddress, both), undefined, "sun.example.org")).toEqual(["both", "identity", "address"]);
  });

  it("matches names by charon.rdn_matching", () => {
    const set = setOf(["dn", remote("CN=sun, C=CH")]);
    expect(names(set, undefined, "C=CH, CN=sun")).toEqual([]);
    set.rdnMatching = "reordered";
    expect(names(set, undefined, "C=CH, CN=sun")).toEqual(["dn"]);
  });
});

describe("keeping connections", () => {
  it("replaces one in its place and removes by backend and name", () => {
    const set = setOf(["a", {}], ["b", {}]);
    const before = set.peerByName("a");
    set.apply({ op: "add", backend: "test", peer: peerDefinition("a", { rekeyTime: 99 }) });
    expect([...set.peers()].map(({ name, rekeyTime }) => [name, rekeyTime])).toEqual([
      ["a", 99],
      ["b", 14400],
    ]);
    expect(before!.rekeyTime).toBe(14400);
    expect(set.remove("other backend", "a")).toBe(false);
    set.apply({ op: "remove", backend: "test", name: "a" });
    expect([set.size, set.peerByName("a")]).toEqual([1, undefined]);
  });

  it("changes nothing when a definition is refused", () => {
    const set = setOf(["a", { rekeyTime: 1 }]);
    expect(() => set.add("test", peerDefinition("a", { proposals: ["nonsense"] }))).toThrow();
    expect(set.peerByName("a")!.rekeyTime).toBe(1);
  });

  it("finds a connection by its own name before one by a child's", () => {
    const set = setOf(
      ["a", { children: [childDefinition("b", {})] }],
      ["b", { children: [childDefinition("b", {})] }],
      ["c", {}],
    );
    expect(set.find("b")!.peer.name).toBe("b");
    set.remove("test", "b");
    expect([set.find("b")!.peer.name, set.find("b")!.child!.name]).toEqual(["a", "b"]);
    expect([set.find("c")!.child, set.find("d")]).toEqual([undefined, undefined]);
  });
});

describe("choosing a child", () => {
  const hosts = { local: [moon], remote: [Host.of("10.3.0.1")] };
  const children = (...named: [string, string, string][]) =>
    named.map(([name, localTs, remoteTs]) =>
      childDefinition(name, { localTs: localTs.split(" "), remoteTs: remoteTs.split(" ") }),
    );
  const choose = (defined: ReturnType<typeof children>, local: string, remote: string) => {
    const set = setOf(["peer", { children: defined }]);
    return set.childFor(set.peerByName("peer")!, list(...remote.split(" ")), list(...local.split(" ")), hosts)?.name;
  };

  it("prefers the one that takes all of the proposal", () => {
    const defined = children(
      ["part", "10.1.7.0/24", "10.2.0.0/16"],
      ["all", "10.1.0.0/16", "10.2.0.0/16"],
      ["wide", "10.0.0.0/8", "10.0.0.0/8"],
    );
    expect(choose(defined, "10.1.0.0/16", "10.2.0.0/16")).toBe("all");
    expect(choose(defined, "10.9.0.0/16", "10.2.0.0/16")).toBe("wide");
  });

  it("prefers the one that takes the packet to one that takes something else", () => {
    const defined = children(["other", "10.1.7.0/24", "0.0.0.0/0"], ["packet", "10.1.8.0/24", "0.0.0.0/0"]);
    expect(choose(defined, "10.1.8.5[tcp/80] 10.1.0.0/16", "10.2.0.0/16")).toBe("packet");
    expect(choose(defined, "10.1.0.0/16", "10.2.0.0/16")).toBe("other");
  });

  it("takes the one with a label that is proposed, and one without only where none is", () => {
    const nets = { localTs: ["10.1.0.0/16"], remoteTs: ["10.2.0.0/16"] };
    const [none, be, ef] = [undefined, "dscp-be", "dscp-ef"].map((label) => childDefinition(label ?? "none", { ...nets, label }));
    const labelled = (defined: ReturnType<typeof children>, ...labels: readonly string[]) => {
      const set = setOf(["peer", { children: defined }]);
      const octets = labels.map((text) => new Uint8Array(Buffer.from(text)));
      const [remote, local] = [list("10.2.0.0/16"), list("10.1.0.0/16")];
      return set.childFor(set.peerByName("peer")!, remote, local, hosts, octets)?.name;
    };
    const all = [none!, be!, ef!];
    expect(labelled(all, "dscp-ef\0")).toBe("dscp-ef");
    expect(labelled(all, "unknown\0", "dscp-be\0")).toBe("dscp-be");
    // Not the same octets, none that can be used, and one that nobody has.
    for (const labels of [["dscp-ef"], [], ["unknown\0"]]) expect(labelled(all, ...labels)).toBeUndefined();
    expect(choose(all, "10.1.0.0/16", "10.2.0.0/16")).toBe("none");
    expect(choose([be!, ef!], "10.1.0.0/16", "10.2.0.0/16")).toBeUndefined();
  });

  it("puts hosts in the place of dynamic selectors", () => {
    const defined = children(["vip", "10.1.0.0/16", "dynamic"]);
    expect(choose(defined, "10.1.0.0/16", "10.3.0.1")).toBe("vip");
    expect(choose(defined, "10.1.0.0/16", "10.3.0.2")).toBeUndefined();
  });

  it("never takes a shunt, or one that has nothing in common", () => {
    expect(
      choose(
        [childDefinition("shunt", { mode: "pass", localTs: ["0.0.0.0/0"], remoteTs: ["0.0.0.0/0"] })],
        "0.0.0.0/0",
        "0.0.0.0/0",
      ),
    ).toBeUndefined();
    expect(choose(children(["net", "10.1.0.0/16", "10.2.0.0/16"]), "10.1.0.0/16", "192.168.0.0/24")).toBeUndefined();
  });
});
