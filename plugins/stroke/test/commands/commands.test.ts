import { afterEach, describe, expect, it } from "vitest";
import { ChildSaState, IkeSaState, LogGroup, authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { CounterQuery, InstalledPolicy } from "@cygnet/plugin-api";
import { StrokeListFlag, StrokeMessageType, StrokePurgeFlag, StrokeRereadFlag } from "../../src/abi/index.js";
import { parseSaSpecifier } from "../../src/index.js";
import { captured } from "../support/captured.js";
import { Daemon } from "../support/daemon.js";
import type { DaemonOptions } from "../support/daemon.js";
import { childSaStatus, ikeSaStatus } from "../support/sa-status.js";

let daemon: Daemon;

async function start(options: DaemonOptions = {}): Promise<Daemon> {
  daemon = await Daemon.start(options);
  const children = [childDefinition("net-net", { localTs: ["10.1.0.0/24"] }), childDefinition("second", {})];
  await daemon.connections.add("test", peerDefinition("net-net", { version: 2, children }));
  await daemon.connections.add("test", peerDefinition("childless", {}));
  return daemon;
}

afterEach(() => daemon.stop());

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const twoSas = () => [
  ikeSaStatus({ uniqueId: 2, name: "rw", children: [childSaStatus({ uniqueId: 2, name: "rw" })] }),
  ikeSaStatus({ children: [childSaStatus(), childSaStatus({ uniqueId: 7, name: "second" })] }),
];

describe("status", () => {
  const status = (name: string | null = null) => daemon.request({ type: StrokeMessageType.STATUS, fields: { name } });

  it("says so when there is nothing, and when nothing has the name", async () => {
    await start();
    expect(await status()).toBe("Security Associations (0 up, 0 connecting):\n  none\n");
    daemon.controller.sas = twoSas();
    expect(await status("nope")).toBe(text(captured("6.0.6", "ipsec status nope")));
  });

  it("shows an IKE_SA with all children, or by name with those of the name", async () => {
    await start();
    daemon.controller.sas = twoSas();
    const all = await status();
    expect(all.match(/^.*[[{]\d+[\]}]:/gm)).toEqual([
      "          rw[2]:",
      "          rw{2}:",
      "          rw{2}:",
      "     net-net[1]:",
      "     net-net{1}:",
      "     net-net{1}:",
      "      second{7}:",
      "      second{7}:",
    ]);
    expect((await status("second")).split("\n").slice(1, -1)).toEqual([
      "     net-net[1]: ESTABLISHED 0 seconds ago, 10.9.0.1[moon.example.org]...10.9.0.2[sun.example.org]",
      "      second{7}:  INSTALLED, TUNNEL, reqid 1, ESP in UDP SPIs: fdc00ad4_i c4c4817d_o",
      "      second{7}:   10.1.0.0/24 === 10.2.0.0/24",
    ]);
  });

  it("prints connections, pools and use with statusall, the connections of a name with one", async () => {
    await start();
    daemon.attributes.addPool({ name: "10.3.0.0/24", addresses: "10.3.0.0/24", attributes: [] });
    const all = await daemon.request({ type: StrokeMessageType.STATUS_ALL });
    expect(all).toContain("  loaded plugins: charon stroke\nVirtual IP pools (size/online/offline):\n  10.3.0.0/24: 254/1/0\n");
    expect(all).toContain(
      "Connections:\n     net-net:  %any...%any  IKEv2\n     net-net:   local:  uses public key authentication\n",
    );
    expect(all).toContain(
      "\n     net-net:   child:  10.1.0.0/24 === dynamic TUNNEL\n      second:   child:  dynamic === dynamic TUNNEL\n",
    );
    expect(daemon.controller.calls.at(-1)).toBe("list {} with use");
    const one = await daemon.request({ type: StrokeMessageType.STATUS_ALL_NOBLK, fields: { name: "childless" } });
    expect(one).toContain("Connections:\n   childless:  ");
    expect(one).not.toContain("net-net:");
  });
});

describe("up", () => {
  const up = (name: string, outputVerbosity = 1) =>
    daemon.request({ type: StrokeMessageType.INITIATE, outputVerbosity, fields: { name } });

  it("copies the log of the operation and tells how it ended", async () => {
    await start({ settings: "timeout = 2500" });
    const { controller } = daemon;
    controller.operation = (observer) => {
      observer?.log(LogGroup.IKE, 1, "initiating IKE_SA net-net[1] to 10.9.0.2");
      return Promise.resolve("done");
    };
    expect(await up("net-net")).toBe("initiating IKE_SA net-net[1] to 10.9.0.2\nconnection 'net-net' established successfully\n");
    controller.operation = () => Promise.resolve("failed");
    expect(await up("net-net", 3)).toBe("establishing connection 'net-net' failed\n");
    controller.operation = () => Promise.resolve("timeout");
    expect(await up("second")).toBe("connection 'second' not established after 2500ms, detaching\n");
    expect(controller.calls).toEqual([
      "initiate net-net net-net level 1 timeout 2500",
      "initiate net-net net-net level 3 timeout 2500",
      "initiate net-net second level 1 timeout 2500",
    ]);
    expect(daemon.messages).toContain("received stroke: initiate 'second'");
  });

  it("hands the operation over and says nothing with a negative verbosity", async () => {
    await start();
    expect(await up("net-net", -1)).toBe("");
    expect(daemon.controller.calls).toEqual(["initiate net-net net-net"]);
  });

  it("initiates all children of a connection that has none of its own name", async () => {
    await start();
    const children = [childDefinition("a", {}), childDefinition("b", {})];
    await daemon.connections.add("test", peerDefinition("many", { children }));
    await up("many");
    expect(daemon.controller.calls.map((call) => call.replace(/ level.*/, ""))).toEqual(["initiate many a", "initiate many b"]);
  });

  it("tells what is not configured", async () => {
    await start();
    expect(await up("nope")).toBe("no config named 'nope'\n");
    expect(await up("childless")).toBe("no child config named 'childless'\n");
  });
});

describe("down", () => {
  const down = (name: string, outputVerbosity = 1) =>
    daemon.request({ type: StrokeMessageType.TERMINATE, outputVerbosity, fields: { name } });

  it.each([
    ["net-net", "IKE_SA [1] closed successfully\n"],
    ["net-net[]", "IKE_SA [1] closed successfully\n"],
    ["rw[*]", "IKE_SA [2] closed successfully\nIKE_SA [3] closed successfully\n"],
    ["anything[9]", "IKE_SA [9] closed successfully\n"],
    ["second{}", "CHILD_SA {7} closed successfully\n"],
    ["rw{*}", "CHILD_SA {2} closed successfully\nCHILD_SA {4} closed successfully\n"],
    ["{5}", "CHILD_SA {5} closed successfully\n"],
    ["nope", ""],
    ["nope{*}", ""],
    ["rw[0]", ""],
  ])("answers %s", async (name, expected) => {
    await start();
    const rw = ikeSaStatus({ uniqueId: 3, name: "rw", children: [childSaStatus({ uniqueId: 4, name: "rw" })] });
    daemon.controller.sas = [...twoSas(), rw];
    expect(await down(name)).toBe(expected);
  });

  it("logs what it did not find, and what it does not understand", async () => {
    await start();
    for (const name of ["nope", "nope{}", "x[y]"]) await down(name);
    const lines = daemon.messages.filter((line) => !line.startsWith("received"));
    expect(lines.slice(-3)).toEqual([
      "no IKE_SA named 'nope' found",
      "no CHILD_SA named 'nope' found",
      "error parsing specifier string",
    ]);
  });

  it("tells of failures and timeouts, and nothing with a negative verbosity", async () => {
    await start({ settings: "timeout = 10" });
    daemon.controller.operation = () => Promise.resolve("failed");
    expect(await down("x[1]")).toBe("closing IKE_SA [1] failed\n");
    daemon.controller.operation = () => Promise.resolve("timeout");
    expect(await down("x{1}")).toBe("CHILD_SA {1} not closed after 10ms, detaching\n");
    expect(await down("x[1]", -1)).toBe("");
    expect(daemon.controller.calls.at(-1)).toBe("close [1]");
  });

  it("closes IKE_SAs by the virtual IP of the peer", async () => {
    await start();
    daemon.controller.sas = [ikeSaStatus({ uniqueId: 6, remoteVirtualIps: ["10.3.0.1"] })];
    const srcip = (fields: { start: string; end?: string }) =>
      daemon.request({ type: StrokeMessageType.TERMINATE_SRCIP, fields });
    await srcip({ start: "10.3.0.1", end: "10.3.0.9" });
    expect(daemon.controller.calls).toEqual(['list {"virtualIpFrom":"10.3.0.1","virtualIpTo":"10.3.0.9"}', "close [6]"]);
    await srcip({ start: "x" });
    await srcip({ start: "10.3.0.1", end: "y" });
    expect(daemon.messages).toEqual(expect.arrayContaining(["invalid start address: x", "invalid end address: y"]));
  });

  it("purges IKE_SAs without CHILD_SA, but none that is being set up", async () => {
    await start();
    daemon.controller.sas = [
      ...twoSas(),
      ikeSaStatus({ uniqueId: 8 }),
      ikeSaStatus({ uniqueId: 9, state: IkeSaState.CONNECTING }),
    ];
    const purge = (flags: StrokePurgeFlag) => daemon.request({ type: StrokeMessageType.PURGE, fields: { flags } });
    expect(await purge(StrokePurgeFlag.IKE)).toBe("IKE_SA [8] closed successfully\n");
    expect(await purge(StrokePurgeFlag.CRLS)).toBe("");
  });
});

describe("parseSaSpecifier", () => {
  it("keeps brackets in the middle as part of the name", () => {
    expect(parseSaSpecifier("a[1]b")).toEqual({ kind: "ike", name: "a[1]b", id: undefined, all: false });
    expect(parseSaSpecifier("a[1]{2}")).toEqual({ kind: "child", name: "a[1]", id: 2, all: false });
  });

  it.each(["x]", "x[-1]", "x[1", "x[4294967296]", "x{ }"])("refuses or takes literally: %s", (specifier) => {
    const parsed = parseSaSpecifier(specifier);
    if (specifier === "x[1") expect(parsed?.name).toBe("x[1");
    else expect(parsed).toBeUndefined();
  });
});

const TRAP: InstalledPolicy = {
  name: "net-net",
  uniqueId: 4,
  ikeName: "net",
  state: ChildSaState.ROUTED,
  mode: "tunnel",
  reqid: 1,
  label: undefined,
  localTs: "10.1.0.0/24",
  remoteTs: "10.2.0.0/24",
};
const SHUNT: InstalledPolicy = { ...TRAP, name: "pass-lan", uniqueId: 0, mode: "pass", reqid: 0, remoteTs: "10.1.0.0/24" };

describe("rekey, route and unroute", () => {
  it("rekeys by specifier and prints nothing", async () => {
    await start();
    daemon.controller.sas = twoSas();
    for (const name of ["rw", "second{}"])
      expect(await daemon.request({ type: StrokeMessageType.REKEY, fields: { name } })).toBe("");
    expect(daemon.controller.calls.filter((call) => call.startsWith("rekey"))).toEqual(["rekey [2]", "rekey {7}"]);
  });

  it("takes the SA in use where a replaced one of the same name lingers", async () => {
    await start();
    const gone = childSaStatus({ uniqueId: 1, name: "net", state: ChildSaState.DELETED });
    daemon.controller.sas = [
      ikeSaStatus({ uniqueId: 1, name: "net", state: IkeSaState.DELETING, children: [] }),
      ikeSaStatus({ uniqueId: 2, name: "net", children: [gone, childSaStatus({ uniqueId: 2, name: "net" })] }),
    ];
    for (const name of ["net", "net{}"]) await daemon.request({ type: StrokeMessageType.REKEY, fields: { name } });
    expect(daemon.controller.calls.filter((call) => call.startsWith("rekey"))).toEqual(["rekey [2]", "rekey {2}"]);
  });

  it("routes and unroutes, and says so as captured", async () => {
    await start();
    const route = (name: string) => daemon.request({ type: StrokeMessageType.ROUTE, fields: { name } });
    const unroute = (name: string) => daemon.request({ type: StrokeMessageType.UNROUTE, fields: { name } });
    expect(await route("net-net")).toBe(text(captured("6.0.6", "ipsec route net-net")));
    expect(await route("nope")).toBe("no config named 'nope'\n");
    expect(daemon.controller.calls.filter((call) => call.startsWith("install"))).toEqual(["install net-net"]);
    daemon.controller.policies = [TRAP, SHUNT];
    expect(await unroute("net-net")).toBe(text(captured("6.0.6", "ipsec unroute net-net")));
    expect(await unroute("net-net")).toBe(text(captured("6.0.6", "ipsec unroute net-net", 1)));
    expect(await unroute("pass-lan")).toBe("shunt policy 'pass-lan' uninstalled\n");
    daemon.controller.canInstall = false;
    expect(await route("net-net")).toBe("routing 'net-net' failed\n");
  });

  it("lists traps and shunts as captured", async () => {
    await start();
    daemon.controller.sas = [];
    daemon.controller.policies = [TRAP, SHUNT];
    const status = await daemon.request({ type: StrokeMessageType.STATUS, fields: { name: null } });
    expect(status).toBe(text(captured("6.0.6", "ipsec status", 2)));
    const one = await daemon.request({ type: StrokeMessageType.STATUS, fields: { name: "net-net" } });
    expect(one.split("\n")[0]).toBe("Routed Connections:");
  });
});

describe("leases", () => {
  const leases = (pool: string | null = null, address: string | null = null) =>
    daemon.request({ type: StrokeMessageType.LEASES, fields: { pool, address } });

  it("prints them by pool and by address", async () => {
    await start();
    expect(await leases()).toBe(text(captured("6.0.6", "ipsec leases", 2)));
    expect(await leases("nopool")).toBe(text(captured("6.0.6", "ipsec leases nopool")));
    daemon.attributes.addPool({ name: "10.3.0.0/24", addresses: "10.3.0.0/24", attributes: [] });
    const expected = text(captured("6.0.6", "ipsec leases"));
    expect([await leases(), await leases("10.3.0.0/24", "10.3.0.1")]).toEqual([expected, expected]);
    expect(await leases("10.3.0.0/24", "10.3.0.2")).toMatch(/\n {2}no matching leases found\n$/);
  });
});

describe("lists", () => {
  const list = (flags: number) => daemon.request({ type: StrokeMessageType.LIST, fields: { flags } });

  it("prints algorithms and plugins, and nothing for certificates that are not there", async () => {
    await start();
    expect(await list(StrokeListFlag.ALGS)).toContain("\n  hasher:     HASH_SHA1[sha1]\n");
    const plugins = await list(StrokeListFlag.PLUGINS);
    expect(plugins).toContain("\nList of loaded Plugins:\n\nstroke:\n    CUSTOM:stroke\n        CUSTOM:counters (soft)\n");
    expect(await list(StrokeListFlag.CERTS | StrokeListFlag.CACERTS | StrokeListFlag.CAINFOS)).toBe("");
    expect(await list(StrokeListFlag.ALL)).toContain("nonce-gen: \n\nList of loaded Plugins:\n");
  });
});

describe("counters", () => {
  const counters = (name: string | null, reset = 0) =>
    daemon.request({ type: StrokeMessageType.COUNTERS, fields: { name, reset } });

  it("says that the plugin is missing", async () => {
    await start();
    expect(await counters(null)).toBe("\nNo counters available (plugin missing?)\n\n");
  });

  it("prints and resets global counters, those of a connection, and those of all", async () => {
    const resets: (string | undefined)[] = [];
    const query: CounterQuery = {
      values: (name) => Promise.resolve(name === "nope" ? undefined : { ikeInitRekey: 1 }),
      connections: () => Promise.resolve(["a", "b"]),
      reset: (name) => Promise.resolve(resets.push(name) > 0),
    };
    await start({ counters: query });
    expect(await counters(null)).toBe("\nList of IKE counters:\n\nikeInitRekey                  1\n");
    expect(await counters("all")).toContain("\nList of IKE counters for 'b':\n");
    expect(await counters("nope")).toBe("No IKE counters found for 'nope'\n");
    expect([await counters(null, 1), await counters("all", 1), await counters("c", 1)]).toEqual(["", "", ""]);
    expect(resets).toEqual([undefined, "a", "b", "c"]);
  });
});

describe("loglevel", () => {
  const loglevel = (type: string, level: number) => daemon.request({ type: StrokeMessageType.LOGLEVEL, fields: { type, level } });

  it("sets one group or all, and knows no others", async () => {
    await start();
    expect([await loglevel("ike", 2), await loglevel("any", -9), await loglevel("Enc", 9)]).toEqual(["", "", ""]);
    expect(daemon.controller.calls).toEqual([`loglevel ${LogGroup.IKE} 2`, "loglevel any -1", `loglevel ${LogGroup.ENC} 4`]);
    expect(await loglevel("foo", 2)).toBe(text(captured("6.0.6", "ipsec stroke loglevel foo 2")));
  });

  it("is refused where the configuration says so", async () => {
    await start({ settings: "prevent_loglevel_changes = yes" });
    expect(await loglevel("ike", 2)).toBe("command not allowed!\n");
    expect(daemon.controller.calls).toEqual([]);
    await daemon.reload("prevent_loglevel_changes = no");
    expect(await loglevel("ike", 2)).toBe("");
    expect(daemon.controller.calls).toHaveLength(1);
  });
});

describe("user-creds", () => {
  const userCreds = (name: string, username: string | null, password: string | null) =>
    daemon.request({ type: StrokeMessageType.USER_CREDS, fields: { name, username, password } });
  const addXauth = () => {
    const fields = { name: "xa", "me.auth": "psk", "me.auth2": "xauth", "me.tohost": 1, "other.tohost": 1, "other.auth": "psk" };
    return daemon.request({ type: StrokeMessageType.ADD_CONN, fields });
  };

  it("sets name and password of a connection that logs in", async () => {
    await start();
    await addXauth();
    expect(await userCreds("xa", "alice", "secret")).toBe("");
    expect(daemon.connections.find("xa")?.peer.local.map(({ eapIdentity }) => eapIdentity)).toEqual([undefined, "alice"]);
    expect(daemon.credentials.sets.get("stroke-user-creds:alice")).toEqual([
      { type: "EAP", owners: ["alice"], secret: "secret" },
    ]);
    expect(daemon.credentials.given.every((secret) => secret.every((octet) => octet === 0))).toBe(true);
  });

  it("refuses what cannot be set", async () => {
    await start();
    await addXauth();
    expect(await userCreds("nope", "alice", "pw")).toBe(text(captured("6.0.6", "ipsec stroke user-creds nope alice pw")));
    expect(await userCreds("xa", "%any", "pw")).toBe("invalid username '%any'\n");
    expect(await userCreds("net-net", "alice", "pw")).toBe("config 'net-net' unsuitable for user credentials\n");
    const psk = peerDefinition("eap", { local: [authRound({ auth: "eap" })] });
    await daemon.connections.add("another-backend", psk);
    expect(await userCreds("eap", "alice", "pw")).toBe("config 'eap' unsuitable for user credentials\n");
  });
});

describe("CA sections, config, export, memusage and profile", () => {
  it("are accepted with one line where they have no effect yet", async () => {
    await start();
    const replies = [
      await daemon.request({ type: StrokeMessageType.ADD_CA, fields: { name: "ca", cacert: "ca.pem" } }),
      await daemon.request({ type: StrokeMessageType.DEL_CA, fields: { name: "ca" } }),
      await daemon.request({ type: StrokeMessageType.DEL_CA, fields: { name: "ca" } }),
      await daemon.request({ type: StrokeMessageType.EXPORT, fields: { flags: 1, selector: "CN=x" } }),
      await daemon.request({ type: StrokeMessageType.MEMUSAGE }),
    ];
    expect(replies).toEqual(["", "", "", "", ""]);
    const lines = daemon.messages.filter((line) => !line.startsWith("received"));
    expect(lines.slice(-2)).toEqual(["no ca named 'ca' found", "no ca named 'ca' found"]);
    expect(lines.at(-3)).toMatch(/^ {2}loading ca certificate from '.*ca.pem' failed: No such file or directory$/);
  });

  it("answers strongSwan's messages and its own profile, which is one line of JSON", async () => {
    await start();
    const reply = await daemon.request({ type: StrokeMessageType.PROFILE });
    expect(reply.endsWith("}\n")).toBe(true);
    expect(JSON.parse(reply)).toEqual(await daemon.controller.profile());
  });

  it("tells what became of the plugins, in one line of JSON", async () => {
    await start();
    const reply = await daemon.request({ type: StrokeMessageType.PLUGINS });
    expect(reply.split("\n")).toHaveLength(2);
    expect(JSON.parse(reply)).toEqual(await daemon.controller.plugins());
  });

  it("rereads secrets only where asked to", async () => {
    await start({ secrets: ": PSK one\n" });
    const loads = () => daemon.messages.filter((line) => line.startsWith("loading secrets")).length;
    await daemon.request({ type: StrokeMessageType.REREAD, fields: { flags: StrokeRereadFlag.CRLS } });
    expect(loads()).toBe(1);
    expect(await daemon.request({ type: StrokeMessageType.REREAD, fields: { flags: StrokeRereadFlag.ALL } })).toBe("");
    expect(loads()).toBe(2);
  });
});
