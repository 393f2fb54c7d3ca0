import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PKI_PROGRAMS, PkiPrograms } from "./harness/pki-programs.js";
import type { PkiProgram } from "./harness/pki-programs.js";
import { CYGNET, requireAll } from "./harness/requirements.js";

requireAll(["build", "pki", "openssl"]);

const KEYS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["rsa", ["--type", "rsa", "--size", "2048"]],
  ["ecdsa256", ["--type", "ecdsa", "--size", "256"]],
  ["ecdsa384", ["--type", "ecdsa", "--size", "384"]],
  ["ecdsa521", ["--type", "ecdsa", "--size", "521"]],
  ["ed25519", ["--type", "ed25519"]],
  ["ed448", ["--type", "ed448"]],
];
/** So that spans of days do not differ with the second in which they are printed. */
const TIMES = ["--dateform", "%s", "--not-before", "1577934245", "--not-after", "2853907750"];
const UPDATES = ["--dateform", "%s", "--this-update", "1577934245", "--next-update", "2853907750"];
const DN = "C=CH, O=Bäcker, OU=u, CN=name, SN=sur, serialNumber=5, E=me@example.org, UID=uid";
/** All that a certificate can have where both write it in the same way. */
const ALL: readonly string[] = [
  ...[
    "--ca",
    "--pathlen",
    "3",
    "--san",
    "a.example.org",
    "--san",
    "me@example.org",
    "--san",
    "192.0.2.1",
    "--san",
    "2001:db8::1",
  ],
  ...[
    "--san",
    "C=CH, CN=other",
    "--san",
    "xmppaddr:me@x.y",
    "--flag",
    "serverAuth",
    "--flag",
    "clientAuth",
    "--flag",
    "ocspSigning",
  ],
  ...["--flag", "ikeIntermediate", "--flag", "crlSign", "--ocsp", "http://o/1", "--ocsp", "http://o/2"],
  ...["--nc-permitted", "example.org", "--nc-permitted", "C=CH", "--nc-excluded", "me@x.y"],
  ...["--cert-policy", "1.2.3.4", "--cps-uri", "http://cps", "--cert-policy", "1.2.3.5", "--policy-mapping", "1.2.3:1.2.4"],
  ...["--policy-any", "5", "--addrblock", "10.0.0.0/8", "--addrblock", "192.168.1.8-192.168.1.12", "--addrblock", "fec0::/16"],
];
const CRLS = ["--crl", "http://c/1", "--crl", "http://c/2", "--crlissuer", "CN=issuer"];

let pki: PkiPrograms;
beforeEach(() => (pki = new PkiPrograms()));
afterEach(() => pki.close());

/** Both say the same of it, and that is not that it is broken. */
async function expectSame(...args: readonly string[]): Promise<void> {
  const [cygnet, strongswan] = await pki.both(...args);
  expect(cygnet).toBe(strongswan);
  expect(cygnet).toMatch(/^0\n[^]/);
}

function openssl(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout + stderr;
}

describe.each(PKI_PROGRAMS)("what %s's pki makes", (maker) => {
  const make = (file: string, ...args: readonly string[]): Promise<string> => pki.make(maker, file, ...args);

  it.each(KEYS)("with keys of %s reads the same in both, and verifies", async (_name, args) => {
    const caKey = await make("ca.key", "--gen", ...args);
    const key = await make("end.key", "--gen", ...args, "--outform", "pem");
    for (const file of [caKey, key]) {
      await expectSame("--print", "--type", "priv", "--in", file);
      for (const format of ["pretty", "hex", "base64", "bin"]) await expectSame("--keyid", "--in", file, "--format", format);
      for (const outform of ["der", "pem", "sshkey"]) await expectSame("--pub", "--in", file, "--outform", outform);
    }
    const ca = await make("ca", "--self", "--in", caKey, "--dn", DN, "--ca", ...TIMES, "--outform", "pem");
    const request = await make("req", "--req", "--in", key, "--dn", "CN=end", "--san", "end.example.org", "--profile", "dual");
    await expectSame("--keyid", "--type", "pkcs10", "--in", request);
    await expectSame("--pub", "--type", "pkcs10", "--in", request);
    const issue = ["--issue", "--cacert", ca, "--cakey", caKey, ...TIMES, "--type", "pkcs10", "--in", request];
    const end = await make("end", ...issue, "--serial", "77");
    const sign = ["--signcrl", "--cacert", ca, "--cakey", caKey, ...UPDATES];
    const crl = await make("crl", ...sign, "--reason", "superseded", "--serial", "78");
    for (const file of [ca, end]) await expectSame("--print", "--in", file);
    await expectSame("--print", "--type", "crl", "--in", crl);
    await expectSame("--verify", "--in", ca);
    await expectSame("--verify", "--in", end, "--cacert", ca);
    await expectSame("--verify", "--in", end, "--cacert", ca, "--crl", crl);
    expect((await pki.both("--verify", "--in", end, "--cacert", ca, "--crl", crl))[0]).toContain("certificate not revoked");

    const inPem = await make("end.pem", ...issue, "--outform", "pem");
    expect(openssl("verify", "-check_ss_sig", "-CAfile", ca, inPem)).toContain("OK");
    expect(openssl("crl", "-inform", "der", "-in", crl, "-CAfile", ca, "-noout")).toContain("verify OK");
    expect(openssl("req", "-inform", "der", "-in", request, "-noout", "-verify")).toContain("verify OK");
  });

  it.each(["sha256", "sha384", "sha512"])("with RSASSA-PSS and %s verifies in both", async (digest) => {
    const key = await make("key", "--gen", "--size", "2048");
    const ca = await make(
      "ca",
      "--self",
      "--in",
      key,
      "--dn",
      "CN=a",
      "--ca",
      "--rsa-padding",
      "pss",
      "--digest",
      digest,
      ...TIMES,
    );
    await expectSame("--verify", "--in", ca);
    await expectSame("--print", "--in", ca);
  });

  it("reads the same in both with all that it can have", async () => {
    const key = await make("key", "--gen", "--type", "ecdsa");
    const by = ["--cacert", await make("ca", "--self", "--in", key, "--dn", "CN=ca", "--ca", ...TIMES), "--cakey", key];
    const all = await make("all", "--issue", "--type", "priv", "--in", key, ...by, "--dn", DN, ...TIMES, ...ALL, ...CRLS);
    await expectSame("--print", "--in", all);
    expect((await pki.run("strongswan", ["--verify", "--in", all, ...by.slice(0, 2)])).code).toBe(0);
    const sign = ["--signcrl", ...by, ...UPDATES];
    const crl = await make("crl", ...sign, "--crluri", "http://d/1", "--crluri", "http://d/2", "--cert", all);
    await make("delta", ...sign, "--basecrl", crl, "--serial", "5");
    const entry = ["--reason", "ca-compromise", "--date", "1700000000", "--serial", "6"];
    await make("next", ...sign, "--lastcrl", crl, ...entry);
    for (const file of ["crl", "delta", "next"]) await expectSame("--print", "--type", "crl", "--in", pki.path(file));
  });

  it("gets the same verdict from both", async () => {
    await makeHierarchy(maker);
    const located = (words: string): string[] => words.split(" ").map((word) => (word.startsWith("-") ? word : pki.path(word)));
    const trust = "--cacert inter --cacert root";
    const verdicts = [
      `end ${trust}`,
      "end --cacert root",
      "end --cacert inter",
      "end --cacert forged",
      "end",
      "inter --cacert root",
      "root --cacert root",
      "root",
      `old ${trust}`,
      "old",
      `new ${trust}`,
      "new",
      "root.key --cacert root",
      `end ${trust} --crl good --crl root.crl`,
      `end ${trust} --crl good`,
      `end ${trust} --crl stale --crl root.crl`,
      `named ${trust} --crl root.crl`,
      `named ${trust} --crl stale`,
      `end ${trust} --crl revoked --crl root.crl`,
      "root --crl root.crl",
    ];
    const seen = new Set<string>();
    for (const words of verdicts) {
      const [cygnet, strongswan] = await pki.both("--verify", "--in", ...located(words));
      expect(cygnet, words).toBe(strongswan);
      seen.add(cygnet);
    }
    expect([...seen].sort()).toEqual([
      "0\ncertificate trusted, lifetimes valid\n",
      "0\ncertificate trusted, lifetimes valid, certificate not revoked\n",
      "0\ncertificate trusted, lifetimes valid, no revocation information\n",
      "0\ncertificate trusted, lifetimes valid, revocation checking failed\n",
      "0\ncertificate trusted, lifetimes valid, revocation information stale\n",
      "1\n",
      "1\ncertificate untrusted\n",
      "2\ncertificate trusted, but no valid lifetime\n",
    ]);
  });
});

/** Certificates and CRLs of a root, an intermediate authority and end entities. */
async function makeHierarchy(maker: PkiProgram): Promise<void> {
  const make = (file: string, ...args: readonly string[]): Promise<string> => pki.make(maker, file, ...args);
  const by = (name: string): string[] => ["--cacert", pki.path(name), "--cakey", pki.path(`${name}.key`)];
  const issue = (file: string, ...args: readonly string[]): Promise<string> => {
    const key = pki.path(file === "inter" ? "inter.key" : "end.key");
    return make(file, "--issue", "--type", "priv", "--in", key, "--dn", `CN=${file}`, ...args);
  };
  const seconds = ["--dateform", "%s"];
  for (const file of ["root.key", "inter.key", "end.key"]) await make(file, "--gen", "--type", "ecdsa", "--size", "256");
  await make("root", "--self", "--in", pki.path("root.key"), "--dn", "CN=root", "--ca");
  await make("forged", "--self", "--in", pki.path("end.key"), "--dn", "CN=inter", "--ca");
  await issue("inter", ...by("root"), "--ca");
  await issue("end", ...by("inter"), "--serial", "77");
  await issue("named", ...by("inter"), "--crl", "http://127.0.0.1:1/crl");
  await issue("old", ...by("inter"), ...seconds, "--not-before", "1000", "--not-after", "2000");
  await issue("new", ...by("inter"), ...seconds, "--not-before", "4000000000", "--not-after", "4100000000");
  await make("root.crl", "--signcrl", ...by("root"));
  await make("good", "--signcrl", ...by("inter"));
  await make("stale", "--signcrl", ...by("inter"), ...seconds, "--this-update", "1000", "--next-update", "2000");
  await make("revoked", "--signcrl", ...by("inter"), "--reason", "key-compromise", "--serial", "77");
}

it.each([
  ["rsa", ["--size", "1024"]],
  ["ed25519", ["--type", "ed25519"]],
  ["ed448", ["--type", "ed448"]],
] as const)("both make the same of a key of %s, octet for octet", async (_name, type) => {
  const fixed = [...TIMES, "--serial", "0a0b"];
  const key = await pki.make("strongswan", "key", "--gen", ...type);
  const self = ["--self", "--in", key, "--dn", DN, ...fixed];
  await expectSame(...self);
  await expectSame(...self, ...ALL);
  const by = ["--cacert", await pki.make("strongswan", "ca", ...self, "--ca"), "--cakey", key];
  await expectSame("--issue", "--in", key, "--type", "priv", ...by, "--dn", "CN=x", ...fixed, ...ALL, ...CRLS);
  await expectSame("--req", "--in", key, "--dn", DN, "--san", "a", "--profile", "client", "--password", "x", "--outform", "pem");
  const crl = ["--signcrl", ...by, "--dateform", "%s", "--this-update", "1000", "--next-update", "4000000000", "--date", "5"];
  await expectSame(...crl, "--serial", "0102", "--crluri", "http://d");
});

it("both open what ours seals, verify what it signs, and show its certificates", async () => {
  const key = await pki.make("cygnet", "key", "--gen", "--size", "2048");
  const cert = await pki.make("cygnet", "cert", "--self", "--ca", "--in", key, "--dn", "CN=x");
  const [data, own] = [cert, ["--cert", cert, "--key", key]];
  const signed = await pki.make("cygnet", "signed", "--pkcs7", "--sign", "--in", data, ...own);
  const sealed = await pki.make("cygnet", "sealed", "--pkcs7", "--encrypt", "--in", data, "--cert", cert);
  const expected = `0\n${readFileSync(data, "latin1")}`;
  expect(await pki.both("--pkcs7", "--verify", "--in", signed, "--cert", cert)).toEqual([expected, expected]);
  expect(await pki.both("--pkcs7", "--decrypt", "--in", sealed, ...own)).toEqual([expected, expected]);
  await expectSame("--pkcs7", "--show", "--in", signed);
});

it("a passphrase comes from the standard input where there is no terminal", async () => {
  const key = await pki.make("cygnet", "key", "--gen", "--type", "ecdsa", "--outform", "pem");
  const locked = pki.path("locked");
  openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:open", "-out", locked);
  const expected = (await pki.both("--pub", "--in", key))[1];
  for (const command of [[process.execPath, CYGNET, "pki"], ["pki"]]) {
    // Without a terminal of the session, either.
    const { status, stdout, stderr } = spawnSync("setsid", ["-w", ...command, "--pub", "--in", locked], { input: "open\n" });
    expect(`${status}\n${stdout.toString("latin1")}`).toBe(expected);
    expect(stderr.toString()).toContain("Private key passphrase:");
  }
  expect(readFileSync(locked, "utf8")).toContain("ENCRYPTED");
});
