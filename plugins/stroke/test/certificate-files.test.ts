import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Pkcs12Reader } from "@cygnet/plugin-api";
import { provide } from "@cygnet/plugin-testkit/parts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StrokeListFlag, StrokeMessageType, StrokeRereadFlag } from "../src/abi/index.js";
import { Daemon } from "./support/daemon.js";

let daemon: Daemon;
beforeEach(async () => void (daemon = await Daemon.start({ secrets: "" })));
afterEach(() => daemon.stop());

/** Puts a file into `ipsec.d`. */
function put(path: string, content: string): void {
  const folder = join(daemon.directory, "ipsec.d", path, "..");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(daemon.directory, "ipsec.d", path), content);
}

const reread = (flags: number) => daemon.request({ type: StrokeMessageType.REREAD, fields: { flags } });
const subjects = () =>
  daemon.credentials.certificates.map(({ subject, isTrusted }) => `${subject}${isTrusted ? " trusted" : ""}`);
const add = (fields: Readonly<Record<string, string | number>>) =>
  daemon.request({
    type: StrokeMessageType.ADD_CONN,
    fields: { name: "net", "me.tohost": 1, "other.tohost": 1, ...fields } as never,
  });
const peer = () => daemon.connections.list()[0]!;

describe("authorities", () => {
  it("are those in cacerts, replaced when reread; a file that is none costs a line", async () => {
    put("cacerts/a.pem", "CN=a");
    put("cacerts/b.pem", "rubbish");
    await reread(StrokeRereadFlag.CACERTS);
    expect(subjects()).toEqual(["CN=a trusted"]);
    const file = join(daemon.directory, "ipsec.d/cacerts/b.pem");
    expect(daemon.messages).toContain(`  loading ca certificate from '${file}' failed: it is no X.509 certificate`);
    rmSync(join(daemon.directory, "ipsec.d/cacerts/a.pem"));
    put("cacerts/c.pem", "CN=c");
    await reread(StrokeRereadFlag.CACERTS);
    expect(subjects()).toEqual(["CN=c trusted"]);
  });

  it("are those of ca sections, as long as these are there", async () => {
    put("cacerts/ca.pem", "CN=ca");
    await daemon.request({ type: StrokeMessageType.ADD_CA, fields: { name: "main", cacert: "ca.pem", crluri: "http://x/" } });
    expect(subjects()).toEqual(["CN=ca trusted"]);
    expect(daemon.credentials.authorityUris.get("fingerprint of CN=ca")).toEqual({
      crlUris: ["http://x/"],
      ocspUris: [],
      certUriBase: undefined,
    });
    const listed = await daemon.request({ type: StrokeMessageType.LIST, fields: { flags: StrokeListFlag.CAINFOS } });
    expect(listed.split("\n")).toEqual([
      "",
      "List of CA Information Sections:",
      "",
      '  authname:    "CN=ca"',
      "  authkey:      7a:75",
      "  keyid:        e3:1b",
      "  crluris:     'http://x/'",
      "",
    ]);
    await daemon.request({ type: StrokeMessageType.DEL_CA, fields: { name: "main" } });
    expect(subjects()).toEqual([]);
  });

  it("have OCSP responders in ocspcerts, replaced when reread", async () => {
    put("ocspcerts/a.pem", "CN=responder");
    await reread(StrokeRereadFlag.OCSPCERTS);
    const signers = () =>
      daemon.credentials.certificates.filter(({ isOcspSigner }) => isOcspSigner).map(({ subject }) => subject);
    expect(signers()).toEqual(["CN=responder"]);
    rmSync(join(daemon.directory, "ipsec.d/ocspcerts/a.pem"));
    await reread(StrokeRereadFlag.OCSPCERTS);
    expect(signers()).toEqual([]);
  });

  it("go when the plugin is unloaded", async () => {
    put("cacerts/a.pem", "CN=a");
    await reread(StrokeRereadFlag.CACERTS);
    await daemon.unload();
    expect(subjects()).toEqual([]);
  });
});

describe("certificates of connections", () => {
  it("are named by their fingerprint, and confirm an identity", async () => {
    put("certs/moon.pem", "CN=moon");
    await add({ "me.cert": "moon.pem", "me.id": "moon.example.org" });
    expect(peer().local[0]).toMatchObject({ certificates: ["fingerprint of CN=moon"], id: "moon.example.org" });
  });

  it("give way to the subject where they do not", async () => {
    put("certs/moon.pem", "CN=moon");
    await add({ "me.cert": "moon.pem", "me.id": "venus.example.org" });
    expect(peer().local[0]).toMatchObject({ id: "asn1dn:#3000" });
    expect(daemon.messages).toContain("  id 'venus.example.org' not confirmed by certificate, defaulting to 'CN=moon'");
  });

  it("let nobody in where they cannot be loaded", async () => {
    await add({ "other.cert": "sun.pem", "other.id": "sun.example.org" });
    expect(peer().remote[0]).toMatchObject({ certificates: ["sun.pem"], id: "sun.example.org" });
  });

  it("need a status with strictcrlpolicy", async () => {
    await add({ "me.id": "moon", crl_policy: 2 });
    expect(peer().remote[0]).toMatchObject({ revocation: "ifuri" });
  });
});

describe("private keys", () => {
  it("are read from private, with their passphrase", async () => {
    put("private/moon.key", "a key");
    writeFileSync(daemon.secretsPath, ': PKCS8 moon.key "hush"\n');
    await reread(StrokeRereadFlag.SECRETS);
    expect(daemon.credentials.keys).toEqual([{ set: "stroke-private-keys", data: "a key", passphrase: "hush" }]);
    await reread(StrokeRereadFlag.SECRETS);
    expect(daemon.credentials.keys).toHaveLength(1);
    expect(daemon.messages.join()).not.toContain("hush");
  });
});

describe("a PKCS#12 container of ipsec.secrets", () => {
  const secrets = (text: string) => {
    writeFileSync(join(daemon.directory, "ipsec.secrets"), text);
    return reread(StrokeRereadFlag.SECRETS);
  };

  it("gives keys and certificates, of which authorities are trusted", async () => {
    put("private/all.p12", "a container");
    const content = { certificates: [Buffer.from("CN=host")], keys: [Uint8Array.of(1)] };
    provide(daemon.container, Pkcs12Reader, { open: (_, passphrase) => (passphrase === "open" ? content : undefined) });
    await secrets(': P12 all.p12 "open"');
    expect(subjects()).toEqual(["CN=host"]);
    expect(daemon.credentials.keys).toHaveLength(1);
    expect(daemon.messages).toContain(
      `  loaded certificate "CN=host" from '${join(daemon.directory, "ipsec.d/private/all.p12")}'`,
    );
    await secrets(': P12 all.p12 "closed"');
    expect(subjects()).toEqual([]);
    expect(daemon.messages.at(-1)).toMatch(/failed: it is no container, or the passphrase is wrong$/);
  });

  it("takes a plugin that opens it", async () => {
    put("private/all.p12", "a container");
    await secrets(": P12 all.p12");
    expect(daemon.messages.at(-1)).toMatch(/failed: no loaded plugin opens it, load pkcs12$/);
  });
});
