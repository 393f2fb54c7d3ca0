import { readFileSync } from "node:fs";
import type { CounterQuery, CounterValues } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COMMANDS, EVENTS } from "../src/index.js";
import { configure, usualConnection, viciPair } from "./support/vici-pair.js";

let ends: Awaited<ReturnType<typeof viciPair>>;

beforeEach(async () => {
  ends = await viciPair();
});

afterEach(() => ends.stop());

it("the README has all commands and events", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of [...COMMANDS.keys(), ...EVENTS]) expect(readme).toContain(`\`${name}\``);
});

describe("information", () => {
  it("has a version that programs can compare", async () => {
    expect(await ends.moon.request("version")).toMatchObject({
      daemon: "charon",
      version: "6.0.6",
      sysname: "Linux",
      implementation: "cygnet 0.1.0",
    });
  });

  it("has the daemon's figures", async () => {
    expect(await ends.moon.request("stats")).toMatchObject({
      uptime: { running: "61 seconds" },
      workers: { total: "16", idle: "7", active: { critical: "4", high: "0", medium: "5", low: "0" } },
      queues: { critical: "0", high: "1", medium: "2", low: "3" },
      scheduled: "27",
      ikesas: { total: "1", "half-open": "0" },
      plugins: ["charon", "random", "vici"],
    });
  });

  it("tells what became of the plugins, each as JSON", async () => {
    const { plugins } = (await ends.moon.request("get-plugins")) as { readonly plugins: readonly string[] };
    expect(plugins.map((text) => JSON.parse(text) as unknown)).toEqual(await ends.moon.controller.plugins());
  });

  it("has the algorithms by plugin", async () => {
    const algorithms = (await ends.moon.request("get-algorithms")) as Record<string, Record<string, string>>;
    expect(Object.keys(algorithms)).toEqual("encryption integrity aead hasher prf xof kdf drbg ke rng nonce-gen".split(" "));
    expect(algorithms["ke"]).toHaveProperty("MODP_768");
    expect(Object.keys(algorithms["nonce-gen"]!)).toEqual(["NONCE_GEN"]);
  });

  it("says why settings cannot be reloaded", async () => {
    expect(await ends.moon.request("reload-settings")).toEqual({ success: "yes" });
    ends.moon.settingsProblem = new Error("strongswan.conf:3: no such thing");
    expect(await ends.moon.refusal("reload-settings")).toContain("strongswan.conf:3: no such thing");
  });
});

describe("counters", () => {
  const values = (first: number): CounterValues =>
    Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`counter${i}`, first + i]));
  const query: CounterQuery = {
    values: (name) => Promise.resolve(name === "nobody" ? undefined : values(name === undefined ? 100 : 200)),
    connections: () => Promise.resolve(["net", "other"]),
    reset: (name) => Promise.resolve(name !== "nobody"),
  };

  it("are those of all, of one, and of each", async () => {
    expect(await ends.moon.refusal("get-counters")).toBe("no counters available (plugin missing?)");
    ends.moon.counters = query;
    expect(await ends.moon.request("get-counters")).toMatchObject({
      counters: { "": { "ike-rekey-init": "100", "ike-init-in-req": "105", "info-out-resp": "120" } },
      success: "yes",
    });
    const { counters } = (await ends.moon.request("get-counters", { all: "yes" })) as { counters: object };
    expect(Object.keys(counters)).toEqual(["net", "other"]);
    expect(await ends.moon.refusal("get-counters", { name: "nobody" })).toBe("no counters found for this connection");
    expect(await ends.moon.request("reset-counters", { all: "yes" })).toEqual({ success: "yes" });
    expect(await ends.moon.refusal("reset-counters", { name: "nobody" })).toBe("no counters found for this connection");
  });
});

describe("shared secrets", () => {
  it("are replaced by id, listed, and taken out", async () => {
    const { moon } = ends;
    const load = (data: object) => moon.request("load-shared", data as never);
    await load({ id: "ike-1", type: "IKE", data: "one", owners: ["moon", "sun"] });
    await load({ id: "eap-1", type: "eap", data: Uint8Array.of(0, 255), owners: ["carol"] });
    await load({ type: "IKE", data: "without an id" });
    await load({ id: "ike-1", type: "IKE", data: "two", owners: ["moon"] });
    expect(await moon.request("get-shared")).toEqual({ keys: ["ike-1", "eap-1"] });
    expect(moon.credentials.listSecrets().map(({ type, owners }) => [type, ...owners])).toEqual([
      ["IKE", "moon"],
      ["EAP", "carol"],
      ["IKE"],
    ]);
    await moon.request("unload-shared", { id: "eap-1" });
    expect(await moon.request("get-shared")).toEqual({ keys: ["ike-1"] });
    await moon.request("clear-creds");
    expect(moon.credentials.listSecrets()).toEqual([]);
  });

  it("are refused with strongSwan's words", async () => {
    const { moon } = ends;
    expect(await moon.refusal("load-shared")).toBe("shared key type missing");
    expect(await moon.refusal("load-shared", { type: "X" })).toBe("invalid shared key type: X");
    expect(await moon.refusal("load-shared", { type: "IKE" })).toBe("shared key data missing");
    expect(await moon.refusal("load-shared", { type: "PPK", data: "x" })).toContain("RFC 8784");
    expect(await moon.refusal("load-shared", { type: "IKE", data: "x", owners: ["@#zz"] })).toBe(
      "parsing shared key owners failed",
    );
    expect(await moon.refusal("unload-shared")).toBe("unique identifier missing");
    expect(moon.credentials.listSecrets()).toEqual([]);
  });
});

describe("pools", () => {
  it("serve addresses and attributes, and tell of their leases", async () => {
    const { moon, sun, pair } = ends;
    await configure(ends, { vips: ["0.0.0.0"] }, { local_ts: ["dynamic"] });
    await sun.request("load-pool", { clients: { addrs: ["10.4.0.0/24"], dns: ["10.2.0.53", "10.2.0.54"], 25: "fec0::1" } });
    const { net } = usualConnection("sun", { pools: ["clients"] }, { remote_ts: ["dynamic"] });
    await sun.request("load-conn", { net: net! });
    await moon.request("initiate", { child: "net" });
    await pair.run(100);
    expect(await sun.request("get-pools", { leases: "yes" })).toEqual({
      clients: {
        base: "10.4.0.1",
        size: "254",
        online: "1",
        offline: "0",
        leases: { 0: { address: "10.4.0.1", identity: "moon", status: "online" } },
      },
    });
    expect(await sun.request("get-pools", { name: "others" })).toEqual({});
    // The same once more changes nothing; another one has to wait.
    await sun.request("load-pool", { clients: { addrs: ["10.4.0.0/24"], dns: ["10.2.0.53", "10.2.0.54"], 25: "fec0::1" } });
    await sun.request("load-pool", { clients: { addrs: ["10.4.0.0/24"], dns: ["10.2.0.55"] } });
    expect(await sun.request("get-pools")).toMatchObject({ clients: { online: "1" } });
    expect(await sun.end.attributes.attributes({ pools: ["clients"] } as never, [])).toEqual([
      { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 2, 0, 55) },
    ]);
    expect(await sun.refusal("load-pool", { clients: { addrs: ["10.5.0.0/24"] } })).toBe(
      "vici pool clients has online leases, unable to replace",
    );
    expect(await sun.refusal("unload-pool", { name: "clients" })).toBe("clients has online leases, unable to unload");
    await moon.request("terminate", { ike: "net" });
    await pair.run(100);
    await sun.request("load-pool", { clients: { addrs: "10.5.0.1-10.5.0.3" } });
    expect(await sun.request("get-pools")).toEqual({ clients: { base: "10.5.0.1", size: "3", online: "0", offline: "0" } });
    await sun.request("unload-pool", { name: "clients" });
    expect(await sun.request("get-pools")).toEqual({});
  });

  it("are refused with strongSwan's words, and stay as they were", async () => {
    const { moon } = ends;
    await moon.request("load-pool", { p: { addrs: "10.4.0.0/24" } });
    const refusal = (pool: object): Promise<string> => moon.refusal("load-pool", { p: pool as never });
    expect(await refusal({ addrs: "10.4.0.0/33" })).toBe("invalid addrs value");
    expect(await refusal({})).toBe("missing addrs for pool 'p'");
    expect(await refusal({ addrs: ["10.4.0.0/24", "10.5.0.0/24"] })).toBe("multiple addrs defined");
    expect(await refusal({ addrs: "10.4.0.0/24", bogus: "1" })).toBe("invalid attribute: bogus");
    expect(await refusal({ addrs: "10.4.0.0/24", dns: "nowhere" })).toBe("invalid attribute value for dns");
    expect(await moon.refusal("unload-pool")).toBe("missing pool name to unload");
    expect(await moon.refusal("unload-pool", { name: "q" })).toBe("q not found");
    expect(await moon.request("get-pools")).toMatchObject({ p: { size: "254" } });
  });
});

describe("what is not there, or not in this release", () => {
  it.each([
    ["load-cert", { data: "x" }, "certificate type missing"],
    ["load-cert", { type: "X510", data: "x" }, "invalid certificate type 'X510'"],
    ["load-cert", { type: "X509_AC", data: "x" }, "certificates of type X509_AC are not supported by this release"],
    ["load-cert", { type: "X509", flag: "no", data: "x" }, "invalid certificate flag 'NO'"],

    ["load-cert", { type: "X509" }, "certificate data missing"],
    ["load-cert", { type: "X509", data: "x" }, "parsing X509 certificate failed"],
    ["load-cert", { type: "X509_CRL", data: "x" }, "parsing X509_CRL certificate failed"],
    ["load-key", { data: "x" }, "key type missing"],
    ["load-key", { type: "bliss", data: "x" }, "invalid key type: bliss"],
    ["load-key", { type: "rsa" }, "key data missing"],
    ["load-key", { type: "rsa", data: "x" }, "parsing RSA private key failed"],
    ["load-key", { type: "any", data: "x" }, "parsing ANY private key failed"],
    ["load-token", { handle: "1" }, "private keys on tokens are not supported by this release"],
    ["load-authority", { a: { cacert: "x" } }, "parsing X509 certificate failed"],
    ["load-authority", { a: { bogus: "x" } }, "unknown option: bogus, authority discarded"],
    ["load-authority", { a: {} }, "CA certificate missing: a"],
    ["load-authority", { a: { handle: "1" } }, "tokens are not supported by this release, authority discarded"],
    ["load-authority", { a: { file: "/nowhere" } }, "unable to load certificate: /nowhere: ENOENT"],
    ["unload-key", { id: "12" }, "key '12' not found"],
    ["unload-key", {}, "key id missing"],
    ["unload-authority", { name: "a" }, "unload: authority 'a' not found"],
    ["redirect", {}, "missing target gateway"],
    ["redirect", { gateway: "192.0.2.9" }, "missing redirect selector"],
    ["redirect", { gateway: "192.0.2.9", "peer-ip": "nowhere" }, "invalid peer IP selector"],
    ["redirect", { gateway: "192.0.2.9", "ike-id": 1 }, "no matching SAs to redirect found"],
    ["redirect", { gateway: "somebody@example.org", "ike-id": 1 }, "unsupported gateway identity"],
    ["redirect", { gateway: "192.0.2.9", "peer-id": "" }, "invalid peer identity selector"],
  ])("%s %j is refused", async (command, data, reason) => {
    expect(await ends.moon.refusal(command, data as never)).toBe(reason);
  });

  it("has certificates, keys and authorities listed as they were loaded, until they are unloaded", async () => {
    const { moon } = ends;
    const pem = (name: string): string =>
      readFileSync(new URL(`../../../test/certificates/vectors/${name}`, import.meta.url), "utf8");
    await moon.request("load-cert", { type: "X509", flag: "NONE", data: pem("leaf.pem") });
    const { id } = (await moon.request("load-key", { type: "any", data: pem("leaf.key") })) as { id: string };
    expect(await moon.request("get-keys")).toEqual({ keys: [id] });
    await moon.request("load-authority", { root: { cacert: pem("root.pem"), crl_uris: ["http://192.0.2.1/x"] } });
    expect(await moon.request("get-authorities")).toEqual({ authorities: ["root"] });
    const certs = (await moon.list("list-certs", "list-cert", {})) as Record<string, string>[];
    expect(certs.map(({ type, flag, has_privkey }) => [type, flag, has_privkey])).toEqual([
      ["X509", "NONE", "yes"],
      ["X509", "CA", undefined],
    ]);
    expect(await moon.list("list-authorities", "list-authority", {})).toEqual([
      { root: { cacert: expect.stringContaining("CN="), crl_uris: ["http://192.0.2.1/x"], ocsp_uris: [] } },
    ]);
    await moon.request("unload-key", { id });
    await moon.request("unload-authority", { name: "root" });
    await moon.request("clear-creds");
    expect(await moon.list("list-certs", "list-cert", {})).toEqual([]);
  });

  it("is listed as empty", async () => {
    const { moon } = ends;
    expect(await moon.request("get-keys")).toEqual({ keys: [] });
    expect(await moon.request("get-authorities")).toEqual({ authorities: [] });
    expect(await moon.list("list-certs", "list-cert", { type: "ANY" })).toEqual([]);
    expect(await moon.list("list-authorities", "list-authority")).toEqual([]);
    expect(await moon.request("flush-certs", { type: "X509" })).toEqual({ success: "yes" });
  });
});
