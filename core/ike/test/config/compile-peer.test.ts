import { describe, expect, it } from "vitest";
import { DefinitionError, Host, authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import { compilePeer, parseMark, printSelectors, rekeyDelay } from "../../src/config/index.js";
import { bareEnv, env } from "./environment.js";

const compile = (given: Partial<PeerDefinition>) => compilePeer(peerDefinition("home", given), env);
const child = (given: Partial<ChildDefinition>) => compile({ children: [childDefinition("net", given)] }).children[0]!;

function refusal(given: Partial<PeerDefinition>, name = "home"): DefinitionError {
  try {
    compilePeer(peerDefinition(name, given), env);
  } catch (error) {
    if (error instanceof DefinitionError) return error;
    throw error;
  }
  throw new Error("the definition was accepted");
}

describe("compiling a connection", () => {
  it("parses every text of it once", () => {
    const peer = compile({
      localAddresses: ["10.9.0.1"],
      remoteAddresses: ["%any", "10.9.0.0/24", "moon.example.org"],
      proposals: ["aes128-sha1-modp1024", "default"],
      local: [authRound({ auth: "psk", id: "carol@example.org" })],
      remote: [authRound({ auth: "eap", id: "*.example.org", eapIdentity: "%identity", caNames: ["C=CH, O=x"] })],
      virtualIps: ["0.0.0.0", "::"],
      pools: ["clients"],
      rekeyTime: 3600,
      jitterTime: 600,
      children: [
        childDefinition("net", { localTs: ["dynamic[tcp/80]"], remoteTs: ["10.1.0.0/16", "10.2.0.0/16"], markIn: "0x10/0xff" }),
      ],
    });
    expect(peer.ike.toString()).toBe("10.9.0.1...%any,10.9.0.0/24,moon.example.org");
    expect(peer.ike.proposals.map(String)).toEqual([
      "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
      "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048",
    ]);
    expect(peer.local[0]!.id!.toString()).toBe("carol@example.org");
    expect(peer.remote[0]!.eapIdentity!.toString()).toBe("%any");
    expect(peer.remote[0]!.caNames.map(String)).toEqual(["C=CH, O=x"]);
    expect(peer.virtualIps.map(String)).toEqual(["%any", "%any6"]);
    const net = peer.child("net")!;
    expect(printSelectors(net.remoteTs)).toBe("10.1.0.0/16 10.2.0.0/16");
    expect(net.markIn).toEqual({ value: 0x10, mask: 0xff, unique: "no" });
    expect(net.markOut.mask).toBe(0);
    expect(net.proposals.map(String)).toEqual(["ESP:AES_CBC_128/HMAC_SHA2_256_128/NO_EXT_SEQ"]);
    expect(peer.child("other")).toBeUndefined();
  });

  it("says where to initiate from and to", () => {
    const { ike } = compile({ localAddresses: ["10.9.0.1"], remoteAddresses: ["%any", "fec0::1", "10.9.0.2"], remotePort: 4711 });
    expect(ike.remoteHost()!.toStringWithPort()).toBe("fec0::1[4711]");
    expect(ike.localHost(4, 4500).toStringWithPort()).toBe("10.9.0.1[4500]");
    expect(ike.localHost(6, 4500).toStringWithPort()).toBe("%any6[4500]");
    expect(compile({}).ike.remoteHost()).toBeUndefined();
  });

  it("takes the jitter off the rekey time", () => {
    const peer = compile({ rekeyTime: 3420, jitterTime: 180, reauthTime: 0 });
    expect(peer.rekeyDelay(() => 0)).toBe(3420);
    expect(peer.rekeyDelay(() => 0.999999)).toBe(3241);
    expect(peer.reauthDelay(() => 0.5)).toBe(0);
    expect(rekeyDelay(10, 100, () => 0.99999999)).toBe(1);
    const lifetime = child({
      rekeyTime: 100,
      lifeTime: 200,
      jitterTime: 50,
      rekeyBytes: 1000,
      lifeBytes: 2000,
      jitterBytes: 500,
    }).lifetime(() => 0.5);
    expect(lifetime).toEqual({
      rekeySeconds: 75,
      lifeSeconds: 200,
      rekeyBytes: 750,
      lifeBytes: 2000,
      rekeyPackets: 0,
      lifePackets: 0,
    });
  });

  it("resolves and narrows a child's selectors", () => {
    const net = child({ localTs: ["dynamic"], remoteTs: ["10.0.0.0/8"] });
    expect(printSelectors(net.selectors("local", undefined, [Host.of("10.3.0.1")]))).toBe("10.3.0.1/32");
    const proposed = child({ remoteTs: ["10.1.0.0/16"] }).remoteTs;
    expect(printSelectors(net.selectors("remote", proposed, []))).toBe("10.1.0.0/16");
  });

  it("offers no additional key exchanges, and leaves out what insists on them", () => {
    const left: string[] = [];
    const insisting = "aes128-sha256-x25519-ke1_mlkem768";
    const proposals = [insisting, `${insisting}-ke1_none`, "aes256-sha256-x25519"];
    const { ike } = compilePeer(peerDefinition("hybrid", { proposals }), { ...env, leftOut: (text) => left.push(text) });
    expect(ike.proposals.map(String)).toEqual([
      "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519",
      "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519",
    ]);
    expect(left).toEqual([insisting]);
    expect(() => compilePeer(peerDefinition("hybrid", { proposals: [insisting] }), env)).toThrow(
      `${insisting}: additional key exchanges (RFC 9370) are not in this release`,
    );
  });

  it("needs no proposals for shunts", () => {
    const shunt = compilePeer(
      peerDefinition("shunts", { proposals: ["aes128-sha1-modp1024"], children: [childDefinition("lan", { mode: "pass" })] }),
      bareEnv,
    );
    expect(shunt.children[0]!.isShunt).toBe(true);
  });
});

describe("compiling a connection like another one", () => {
  const definition = peerDefinition("home", {
    localAddresses: ["10.0.0.1"],
    virtualIps: ["0.0.0.0"],
    children: [childDefinition("net", {})],
  });
  const first = compilePeer(definition, env);
  const others: Partial<PeerDefinition> = {
    name: "office",
    version: 2,
    localAddresses: ["10.0.0.2"],
    remoteAddresses: ["10.0.0.3"],
    localPort: 1500,
    remotePort: 1501,
    proposals: ["aes256-sha256-modp2048"],
    local: [authRound({ auth: "psk", id: "carol" })],
    remote: [authRound({ auth: "psk", id: "moon" })],
    aggressive: true,
    forceEncap: true,
    fragmentation: "no",
    childless: "never",
    sendCertRequest: false,
    dscp: 3,
    virtualIps: ["::"],
    children: [childDefinition("lan", {})],
    dpdDelay: 7,
  };

  it.each(Object.keys(others) as (keyof PeerDefinition)[])("gives what compiling by itself gives, with another %s", (key) => {
    const other = { ...definition, [key]: others[key] };
    expect(compilePeer(other, env, first)).toEqual(compilePeer(other, env));
  });

  it("has the parts of that one where the definitions have the same objects", () => {
    const second = compilePeer({ ...definition, local: others.local! }, env, first);
    for (const part of ["ike", "remote", "virtualIps", "children"] as const) expect(second[part]).toBe(first[part]);
  });

  it("resolves a host name by itself", () => {
    const named = compile({ remoteAddresses: ["moon.example.org"] });
    expect(compilePeer({ ...named.definition }, env, named).ike).not.toBe(named.ike);
  });
});

describe("refusing a connection", () => {
  it.each<[string, Partial<PeerDefinition>, string, string, string]>([
    [
      "an unknown algorithm",
      { proposals: ["aes128-foo"] },
      "CYG_CONFIG_PROPOSAL",
      "home.proposals",
      "skipped invalid proposal string: aes128-foo",
    ],
    [
      "no proposals",
      { proposals: [] },
      "CYG_CONFIG_PROPOSAL",
      "home.proposals",
      "no proposals: the loaded plugins provide too little",
    ],
    [
      "a bad address",
      { remoteAddresses: ["10.0.0.256"] },
      "CYG_CONFIG_ADDRESS",
      "home.remoteAddresses",
      "'10.0.0.256' is no address",
    ],
    ["no addresses", { localAddresses: [] }, "CYG_CONFIG_ADDRESS", "home.localAddresses", "at least one address"],
    ["a host name as virtual IP", { virtualIps: ["moon"] }, "CYG_CONFIG_ADDRESS", "home.virtualIps", "'moon' is no IP address"],
    ["a port that is none", { remotePort: 65536 }, "CYG_CONFIG_RANGE", "home.remotePort", "65536 is not within 0 and 65535"],
    ["a broken time", { rekeyTime: Number.NaN }, "CYG_CONFIG_RANGE", "home.rekeyTime", "NaN is not within"],
    ["no authentication", { remote: [] }, "CYG_CONFIG_AUTH", "home.remote", "at least one authentication round"],
    ["a broken identity", { local: [authRound({ id: "@#xy" })] }, "CYG_ID_SYNTAX", "home.local.0.id", "invalid identity '@#xy'"],
    [
      "a broken CA name",
      { local: [authRound({ caNames: ["keyid:#q"] })] },
      "CYG_ID_SYNTAX",
      "home.local.0.caNames",
      "invalid identity",
    ],
    [
      "a bad selector",
      { children: [childDefinition("net", { remoteTs: ["10.0.0.0/40"] })] },
      "CYG_CONFIG_TS",
      "home.children.net.remoteTs",
      "invalid value for: remoteTs",
    ],
    [
      "no selector",
      { children: [childDefinition("net", { localTs: [] })] },
      "CYG_CONFIG_TS",
      "home.children.net.localTs",
      "at least one",
    ],
    [
      "an empty label",
      { children: [childDefinition("net", { label: "" })] },
      "CYG_CONFIG_LABEL",
      "home.children.net.label",
      "1 to 4095 octets",
    ],
    [
      "a label with a zero octet",
      { children: [childDefinition("net", { label: "a\0b" })] },
      "CYG_CONFIG_LABEL",
      "home.children.net.label",
      "none of them zero",
    ],
    [
      "a label that is longer than a page",
      { children: [childDefinition("net", { label: "x".repeat(4096) })] },
      "CYG_CONFIG_LABEL",
      "home.children.net.label",
      "1 to 4095 octets",
    ],
    [
      "an interface ID with a mask",
      { children: [childDefinition("net", { ifIdIn: "1/0xff" })] },
      "CYG_CONFIG_MARK",
      "home.children.net.ifIdIn",
      "'1/0xff' is no interface ID",
    ],
    [
      "a bad mark",
      { children: [childDefinition("net", { markIn: "1/2/3" })] },
      "CYG_CONFIG_MARK",
      "home.children.net.markIn",
      "'1/2/3' is no mark",
    ],
    [
      "a soft limit above the hard one",
      { children: [childDefinition("net", { rekeyTime: 9, lifeTime: 8 })] },
      "CYG_CONFIG_LIFETIME",
      "home.children.net.rekeyTime",
      "9 is more than the lifetime 8",
    ],
    [
      "two children of one name",
      { children: [childDefinition("net", {}), childDefinition("net", {})] },
      "CYG_CONFIG_NAME",
      "home",
      "two children 'net'",
    ],
    [
      "an ESP proposal for AH",
      { children: [childDefinition("net", { protocol: "ah", proposals: ["aes128"] })] },
      "CYG_CONFIG_PROPOSAL",
      "home.children.net.proposals",
      "skipped invalid proposal string: aes128",
    ],
  ])("for %s", (_, given, code, where, message) => {
    const error = refusal(given);
    expect([error.code, error.where]).toEqual([code, where]);
    expect(error.message).toContain(message);
  });

  it.each(["", "a\nb", "x".repeat(256)])("for the name '%s'", (name) => expect(refusal({}, name).code).toBe("CYG_CONFIG_NAME"));

  it("keeps what the proposal parser said as the cause", () => {
    expect((refusal({ proposals: ["aes128-foo"] }).cause as Error).message).toContain("algorithm 'foo' not recognized");
  });
});

describe("marks", () => {
  it.each([
    ["42", { value: 42, mask: 0xffffffff, unique: "no" }],
    ["0x2a/0xff", { value: 42, mask: 0xff, unique: "no" }],
    ["0x1ff/0xff", { value: 0xff, mask: 0xff, unique: "no" }],
    ["4294967295", { value: 0xffffffff, mask: 0xffffffff, unique: "no" }],
    ["%unique", { value: 0, mask: 0xffffffff, unique: "unique" }],
    ["%unique-dir/0xf", { value: 0, mask: 0xf, unique: "unique-dir" }],
    ["%same", undefined],
    ["4294967296", undefined],
    ["-1", undefined],
    ["", undefined],
  ])("'%s' is read", (text, mark) => expect(parseMark(text)).toEqual(mark));
});
