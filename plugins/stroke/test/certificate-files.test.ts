import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DefinitionError, PgpReader, Pkcs12Reader } from "@cygnet/plugin-api";
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

describe("an OpenPGP key", () => {
  const ARMOUR = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
  const readPgp = (): void => {
    provide(daemon.container, PgpReader, {
      readCertificate: (octets) => {
        if (octets.length > 100) throw new DefinitionError("CYG_CERT_KEY", "OpenPGP key", "it is no RSA key");
        const userId = new Uint8Array(Buffer.from("moon <moon@example.org>"));
        return { octets, publicKey: new Uint8Array(0), digest: Uint8Array.of(0xab, 0xcd), userId, created: 0, until: undefined };
      },
      readPrivateKey: () => Uint8Array.of(1),
    });
  };

  it("stands for an end, whose identity it vouches for by its user id and its fingerprint", async () => {
    readPgp();
    put("certs/moon.asc", ARMOUR);
    await add({ "me.cert": "moon.asc", "me.id": "ab:cd", "other.cert": "moon.asc", "other.id": "CN=x" });
    const { local, remote } = peer();
    expect(local[0]).toMatchObject({ id: "ab:cd", certificates: [`fingerprint of ${Buffer.from(ARMOUR).toString("hex")}`] });
    expect(remote[0]!.id).toBe(`keyid:#${Buffer.from("moon <moon@example.org>").toString("hex")}`);
    expect(daemon.messages).toContain("  loaded certificate \"moon <moon@example.org>\" from 'moon.asc'");
    expect(daemon.messages).toContain("  id 'CN=x' not confirmed by certificate, defaulting to 'moon <moon@example.org>'");
  });

  it("is listed as strongSwan does", async () => {
    readPgp();
    put("certs/moon.asc", ARMOUR);
    await add({ "me.cert": "moon.asc" });
    const listed = await daemon.request({ type: StrokeMessageType.LIST, fields: { flags: StrokeListFlag.CERTS } });
    expect(
      listed
        .split("\n")
        .slice(0, 8)
        .map((line) => line.replace(/\d\d:\d\d:\d\d/, "TIME")),
    ).toEqual([
      "",
      "List of PGP End Entity Certificates",
      "",
      '  subject:  "moon <moon@example.org>"',
      expect.stringMatching(/^ {2}created: {3}(Jan 01|Dec 31) TIME 19(70|69)$/),
      expect.stringMatching(/^ {2}until: {5}Jan (18|19) TIME 2038 expires never$/),
      "  pgpDigest: ab:cd",
      "  pubkey:    RSA 2048 bits",
    ]);
  });

  it("is not loaded without the plugin, nor where that refuses it", async () => {
    put("certs/moon.asc", ARMOUR);
    await add({ "me.cert": "moon.asc" });
    expect(daemon.messages.join()).toContain("failed: no loaded plugin reads it, load pgp");
    readPgp();
    put("certs/large.asc", ARMOUR + "A".repeat(100));
    await add({ "me.cert": "large.asc" });
    expect(daemon.messages.join()).toContain("failed: it is no RSA key");
  });

  it("may be a private key of ipsec.secrets", async () => {
    put("private/moon.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n");
    writeFileSync(join(daemon.directory, "ipsec.secrets"), ": RSA moon.asc");
    await reread(StrokeRereadFlag.SECRETS);
    expect(daemon.messages.at(-1)).toMatch(/failed: no loaded plugin reads it, load pgp$/);
    readPgp();
    await reread(StrokeRereadFlag.SECRETS);
    expect(daemon.credentials.keys).toHaveLength(1);
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
