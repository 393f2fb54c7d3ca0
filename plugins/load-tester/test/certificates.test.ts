import { X509Certificate, generateKeyPairSync } from "node:crypto";
import { mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testHost } from "@cygnet/plugin-testkit/host";
import { CredentialStore, CryptoRegistry, LogGroup, StreamServices } from "@cygnet/plugin-api";
import type { KeyKind } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { describe, expect, it, onTestFinished } from "vitest";
import loadTester, { START_REQUEST, parseLoadTestStatus } from "../src/index.js";
import { Issuer } from "../src/certificates/issuer.js";
import { makeAuthority } from "./authority-files.js";
import { Client } from "./client.js";
import { LoadTestPair, testFolder } from "./certificate-pair.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const SERVER = "CN=srv, OU=load-test, O=strongSwan";
const client = (number: number, round = 1) => `CN=c${number}-r${round}, OU=load-test, O=strongSwan`;

/** Keys and certificates by the usual plugins. */
async function keyProvider() {
  const host = await testHost({ plugins: [] });
  onTestFinished(() => host.unload());
  return host.resolve(CryptoRegistry).keyProvider();
}

async function authority(name: string, more: { kind?: KeyKind; isCa?: boolean; folder?: string } = {}) {
  return makeAuthority({ folder: testFolder(), name, keys: await keyProvider(), ...more });
}

describe("a load test with certificates", () => {
  it("is what the default is: an authority that is built in, the responder's certificate is its own", async () => {
    const test = await LoadTestPair.start();
    const { moon, sun } = test.pair;
    for (const end of test.pair.ends) test.watch(end);
    expect(await test.initiate(3)).toMatch(/^\.[.+]{5}\n$/);
    const expected = [1, 2, 3].map((number) => `${client(number)} - ${SERVER}`);
    expect(test.identities(moon)).toEqual(expected);
    expect(test.identities(sun)).toEqual(expected);
    expect(moon.lines()).toContain(`authentication of '${client(1)}' (myself) with RSA_EMSA_PKCS1_SHA2_256 successful`);
    expect(moon.lines()).toContain(`authentication of '${SERVER}' with RSA_EMSA_PKCS1_SHA2_256 successful`);
    expect(sun.lines()).toContain(`authentication of '${client(3)}' with RSA_EMSA_PKCS1_SHA2_256 successful`);
    expect(test.sent(sun)).toEqual([]);
    const sent = test.sent(moon);
    expect(sent.map(({ serialNumber }) => serialNumber)).toEqual(["01", "02", "03"]);
    for (const [i, certificate] of sent.entries()) {
      expect(certificate.subject).toBe(`CN=c${i + 1}-r1\nOU=load-test\nO=strongSwan`);
      expect(certificate.issuer).toBe("CN=srv\nOU=load-test\nO=strongSwan");
      expect(certificate.subjectAltName).toBeUndefined();
      expect(certificate.ca).toBe(false);
      expect(Date.parse(certificate.validFrom)).toBe(LoadTestPair.NOW - DAY_MS);
      expect(Date.parse(certificate.validTo)).toBe(LoadTestPair.NOW + DAY_MS);
    }
    expect(moon.credentials.listCertificates()).toMatchObject([
      { subject: SERVER, isCa: true, isTrusted: true, hasPrivateKey: true },
    ]);
  });

  it.each([
    ["pubkey|pubkey", "pubkey", client(1, 2), SERVER, ["CN=c1-r1", "CN=c1-r2"]],
    ["psk|pubkey", "pubkey|psk", client(1, 2), "srv.strongswan.org", ["CN=c1-r2"]],
    ["pubkey", "psk", client(1), "srv.strongswan.org", ["CN=c1-r1"]],
    ["psk", "pubkey", "c1-r1.strongswan.org", SERVER, []],
    ["pubkey|psk|pubkey", "psk|pubkey", client(1, 3), SERVER, ["CN=c1-r1", "CN=c1-r3"]],
  ])("authenticates in rounds, the initiator by %s and the responder by %s", async (initiator, responder, own, other, made) => {
    const test = await LoadTestPair.start({ both: { initiator_auth: initiator, responder_auth: responder } });
    test.watch(test.pair.moon);
    expect(await test.initiate(1)).toBe(".+\n");
    expect(test.identities(test.pair.sun)).toEqual([`${own} - ${other}`]);
    expect(test.sent(test.pair.moon).map(({ subject }) => subject.split("\n")[0])).toEqual(made);
  });

  it.each([
    ["c%d-r%d.example.org", "c1-r1.example.org", "DNS:c1-r1.example.org"],
    ["c%d@example.org", "c1@example.org", "email:c1@example.org"],
    ["10.0.0.%d", "10.0.0.1", "IP Address:10.0.0.1"],
    ["fec0::%d", "fec0::1", "IP Address:FEC0:0:0:0:0:0:0:1"],
  ])("names %s in the certificate, with the identity as its common name", async (initiator_id, id, alternative) => {
    const test = await LoadTestPair.start({ both: { initiator_id }, sun: { initiator_match: "%%any" } });
    test.watch(test.pair.moon);
    expect(await test.initiate(1)).toBe(".+\n");
    const [certificate] = test.sent(test.pair.moon);
    expect(certificate.subject).toBe(`CN=${id}`);
    expect(certificate.subjectAltName).toBe(alternative);
  });

  it("cannot name a key identifier", async () => {
    const test = await LoadTestPair.start({ both: { initiator_id: "@#0%d" }, sun: { initiator_match: "%%any" } });
    expect(await test.initiate(1)).toBe(".-\n");
    expect(test.pair.moon.lines()).toContain("no private key found for '01'");
  });

  it("makes one certificate for an identity that all initiators have, and another one after half a day", async () => {
    const test = await LoadTestPair.start({ both: { initiator_id: "CN=all" } });
    const { pair } = test;
    test.watch(pair.moon);
    expect(await test.initiate(3)).toMatch(/\+\n$/);
    expect(new Set(test.sent(pair.moon).map(({ serialNumber }) => serialNumber))).toEqual(new Set(["01"]));
    pair.clock.setWall(LoadTestPair.NOW + DAY_MS / 2 + 1000);
    expect(await test.initiate(1)).toBe(".+\n");
    expect(test.sent(pair.moon).at(-1)!.serialNumber).toBe("02");
  });

  it("leaves nothing behind when the plugin goes", async () => {
    const host = await testHost({ plugins: [loadTester], settings: { "plugins.load-tester.enable": "yes" } });
    expect(host.featureNames()).toContain("CUSTOM:load-tester");
    await host.unload();
    expect(host.leftovers()).toEqual([]);
  });

  it("has no serial number on two shards", async () => {
    const { pair } = await LoadTestPair.start();
    const [authority] = pair.moon.shard.context.sources.ownCertificates("load-tester");
    const id = { type: IdType.ID_FQDN, data: Buffer.from("x"), equals: () => false, toString: () => "x" };
    const serials = async (shard: number): Promise<string[]> => {
      const place = { shard, shards: 200 };
      const issuer = new Issuer({ authority, digest: "sha256", crl: undefined, place, nowMs: () => LoadTestPair.NOW });
      return [await issuer.issue(id)!, await issuer.issue(id)!].map((der) => new X509Certificate(der).serialNumber);
    };
    // 128 and above have an octet more, for the sign.
    expect([await serials(0), await serials(1), await serials(199)]).toEqual([
      ["01", "C9"],
      ["02", "CA"],
      ["C8", "0190"],
    ]);
  });

  it.each([1971, 2049, 2050, 9000])("works in the year %i", async (year) => {
    const test = await LoadTestPair.start({ nowMs: Date.UTC(year, 6, 1) });
    expect(await test.initiate(1)).toBe(".+\n");
  });

  it("says what to load where no plugin has keys and signatures", async () => {
    const load = "random nonce aes sha1 sha2 hmac gmp load-tester";
    const host = await testHost({ plugins: [loadTester], settings: { load, "plugins.load-tester.enable": "yes" } });
    const reason = "no loaded plugin provides keys and signatures, load openssl";
    expect(host.messages(LogGroup.CFG)).toContain(`load-tester: ${reason}, until then there are no load tests`);
    await host.unload();
    expect(host.leftovers()).toEqual([]);
  });

  it("says which methods are none, and takes certificates in their place", async () => {
    const test = await LoadTestPair.start({ both: { initiator_auth: "psk|bogus", digest: "md17" } });
    expect(test.pair.moon.lines()).toEqual(
      expect.arrayContaining([
        "load-tester initiator_auth 'bogus' is unknown, using pubkey",
        "load-tester digest 'md17' is unknown, using sha1",
      ]),
    );
    expect(await test.initiate(1)).toBe(".+\n");
  });
});

describe("an issuer from files", () => {
  it("issues for the responder, too, and its key is everybody's", async () => {
    const { cert, key } = await authority("Test CA");
    const test = await LoadTestPair.start({
      both: { issuer_cert: cert, issuer_key: key, crl: "http://crl.example.org/test.crl" },
    });
    const { moon, sun } = test.pair;
    for (const end of test.pair.ends) test.watch(end);
    expect(await test.initiate(2)).toMatch(/\+\n$/);
    expect(test.identities(sun)).toEqual([1, 2].map((number) => `${client(number)} - ${SERVER}`));
    const [server, again] = test.sent(sun);
    expect([server.issuer, server.subject, server.serialNumber]).toEqual([
      "CN=Test CA",
      "CN=srv\nOU=load-test\nO=strongSwan",
      again.serialNumber,
    ]);
    const [first] = test.sent(moon);
    expect(first.publicKey.equals(server.publicKey)).toBe(true);
    const info = moon.credentials.listCertificates();
    expect(info).toMatchObject([{ subject: "CN=Test CA", isTrusted: true }]);
    const { certificate } = (await moon.shard.context.sources.make(moon.ikeSas[0].localId!))!;
    expect(certificate!.extensions.crlUris).toEqual(["http://crl.example.org/test.crl"]);
  });

  it.each([
    ["RSA", "sha1", "RSA_EMSA_PKCS1_SHA1"],
    ["RSA", "sha224", "RSA_EMSA_PKCS1_SHA2_224"],
    ["RSA", "sha256", "RSA_EMSA_PKCS1_SHA2_256"],
    ["RSA", "SHA384", "RSA_EMSA_PKCS1_SHA2_384"],
    ["RSA", "sha512", "RSA_EMSA_PKCS1_SHA2_512"],
    ["ECDSA", "sha1", "ECDSA_WITH_SHA1_DER"],
    ["ECDSA", "sha224", "ECDSA_WITH_SHA224_DER"],
    ["ECDSA", "sha256", "ECDSA_WITH_SHA256_DER"],
    ["ECDSA", "sha384", "ECDSA_WITH_SHA384_DER"],
    ["ECDSA", "sha512", "ECDSA_WITH_SHA512_DER"],
    ["ED25519", "sha512", "ED25519"],
    ["ED448", "sha1", "ED448"],
  ] as const)("signs with an %s key and %s", async (kind, digest, scheme) => {
    const { cert, key } = await authority("Test CA", { kind });
    const test = await LoadTestPair.start({ both: { issuer_cert: cert, issuer_key: key, digest } });
    expect(await test.initiate(1)).toBe(".+\n");
    const { moon } = test.pair;
    const { certificate } = (await moon.shard.context.sources.make(moon.ikeSas[0].localId!))!;
    expect(certificate!.scheme!.name).toBe(scheme);
  });

  it("is not trusted by who has another one, unless that is in ca_dir", async () => {
    const folder = testFolder();
    const [mine, other] = [await authority("Mine"), await authority("Other", { kind: "ECDSA" })];
    const issuers = {
      moon: { issuer_cert: mine.cert, issuer_key: mine.key },
      sun: { issuer_cert: other.cert, issuer_key: other.key },
    };
    const strangers = await LoadTestPair.start(issuers);
    expect(await strangers.initiate(1)).toBe(".-\n");
    expect(strangers.pair.sun.lines()).toEqual(
      expect.arrayContaining([`no issuer certificate found for "${client(1)}"`, '  issuer is "CN=Mine"']),
    );
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "README"), "no certificate");
    for (const { cert } of [mine, other]) copyFileSync(cert, join(folder, `${cert.endsWith("Mine.crt") ? "a" : "b"}.crt`));
    const friends = await LoadTestPair.start({ both: { ca_dir: folder }, ...issuers });
    expect(await friends.initiate(1)).toBe(".+\n");
    const failures = friends.pair.sun.lines().filter((line) => line.startsWith("loading load-tester CA certificate"));
    expect(failures).toEqual(["README", "folder"].map((name) => expect.stringContaining(`'${join(folder, name)}' failed: `)));
  });

  it("says that ca_dir is none, and goes on", async () => {
    const test = await LoadTestPair.start({ both: { ca_dir: "/nowhere" } });
    expect(test.pair.moon.lines()).toContainEqual(
      expect.stringMatching(/^load-tester ca_dir '\/nowhere' cannot be read: ENOENT/),
    );
    expect(await test.initiate(1)).toBe(".+\n");
  });

  it.each([
    ["belong together", { issuer_cert: "cert" }],
    ["belong together", { issuer_key: "key" }],
    ["issuer_cert '/nowhere/x' cannot be read: ENOENT", { issuer_cert: "/nowhere/x", issuer_key: "key" }],
    ["issuer_key '/nowhere/x' cannot be read: ENOENT", { issuer_cert: "cert", issuer_key: "/nowhere/x" }],
    ["issuer_key is not the key of issuer_cert", { issuer_cert: "cert", issuer_key: "otherKey" }],
    ["issuer_cert cannot be used: it has no PEM block 'CERTIFICATE'", { issuer_cert: "key", issuer_key: "key" }],
    ["issuer_key cannot be used: it is no private key", { issuer_cert: "cert", issuer_key: "cert" }],
    ["is for RSASSA-PSS only", { issuer_cert: "cert", issuer_key: "pssKey" }],
    ["lacks ca basic constraint", { issuer_cert: "leafCert", issuer_key: "leafKey" }],
  ])("that is unusable (%s) leaves no load test, with the reason", async (reason, options: Record<string, string>) => {
    const kind = "ECDSA";
    const { cert, key } = await authority("A", { kind });
    const [other, leaf] = [await authority("B", { kind }), await authority("C", { kind, isCa: false })];
    const pssKey = join(testFolder(), "pss.key");
    const { privateKey } = generateKeyPairSync("rsa-pss", { modulusLength: 1024 });
    writeFileSync(pssKey, privateKey.export({ type: "pkcs8", format: "pem" }));
    const paths: Record<string, string> = { cert, key, pssKey, otherKey: other.key, leafCert: leaf.cert, leafKey: leaf.key };
    const settings = Object.entries(options).map(([name, path]) => [`plugins.load-tester.${name}`, paths[path] ?? path]);
    const host = await testHost({
      plugins: [loadTester],
      settings: { "plugins.load-tester.enable": "yes", "plugins.load-tester.initiators": "2", ...Object.fromEntries(settings) },
    });
    const [line, ...more] = host.messages(LogGroup.CFG).filter((each) => each.startsWith("load-tester: "));
    expect(line).toContain(reason);
    expect(line).toMatch(/, until then there are no load tests$/);
    expect(more).toEqual([]);
    const { pidDir } = host.resolve(StreamServices);
    expect(await new Client(join(pidDir, "charon.ldt"), "2 0\n").closed).toBe("!!\n");
    expect(parseLoadTestStatus(await new Client(join(pidDir, "charon.ldt"), `${START_REQUEST}\n`).closed)).toMatchObject({
      refused: 2,
    });
    expect(host.resolve(CredentialStore).listCertificates()).toEqual([]);
    await host.unload();
    expect(host.leftovers()).toEqual([]);
  });
});
