import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NOW, folder, pki, runPki, vector } from "./run-pki.js";

const SELF = ["--self", "--in", vector("ed25519.pem"), "--dn", "CN=a"];
const ISSUE = ["--issue", "--in", vector("ed448.pem"), "--type", "priv", "--dn", "CN=x"];
const CA = ["--cacert", vector("ca.pem"), "--cakey", vector("rsa.pem")];
const DAY = 86_400_000;

const times = async (...args: readonly string[]): Promise<number[]> => {
  const { validFrom, validTo } = new X509Certificate(await pki(...SELF, "--dateform", "%s", ...args));
  return [Date.parse(validFrom), Date.parse(validTo)];
};

describe("a self-signed certificate", () => {
  it.each(["rsa.pem", "ecdsa.pem", "ed25519.pem", "ed448.pem"])(
    "of %s bears its own signature, with either padding",
    async (key) => {
      for (const padding of ["pkcs1", "pss"]) {
        const certificate = new X509Certificate(
          await pki("--self", "--in", vector(key), "--dn", "C=CH, CN=Bäcker", "--rsa-padding", padding),
        );
        expect(certificate.verify(certificate.publicKey)).toBe(true);
        expect(certificate.subject).toBe("C=CH\nCN=Bäcker");
      }
    },
  );

  it("is valid for three years, or for the time that was asked for", async () => {
    expect(await times()).toEqual([NOW, NOW + 1095 * DAY]);
    expect(await times("--lifetime", "10")).toEqual([NOW, NOW + 10 * DAY]);
    expect(await times("--not-before", "1000")).toEqual([1_000_000, 1_000_000 + 1095 * DAY]);
    expect(await times("--not-after", "2000000000", "--lifetime", "10")).toEqual([
      2_000_000_000_000 - 10 * DAY,
      2_000_000_000_000,
    ]);
    expect(await times("--not-before", "0", "--not-after", "4102444800")).toEqual([0, 4_102_444_800_000]);
  });

  it("has another serial number each time, unless one was given", async () => {
    const serials = await Promise.all([1, 2, 3].map(async () => new X509Certificate(await pki(...SELF)).serialNumber));
    expect(new Set(serials).size).toBe(3);
    for (const serial of serials) expect(serial).toMatch(/^[0-7][0-9A-F]{15}$/);
    expect(new X509Certificate(await pki(...SELF, "--serial", "0xff:02")).serialNumber).toBe("FF02");
  });

  it("may have a URI, and networks as constraints", async () => {
    const made = await pki(...SELF, "--san", "uri:http://a/b", "--nc-permitted", "10.0.0.0/8", "--nc-excluded", "fe80::1");
    expect(new X509Certificate(made).subjectAltName).toBe("URI:http://a/b");
    expect((await runPki(["--print"], { input: made })).text).toContain(
      "  permitted nameConstraints:\n           10.0.0.0/8\n  excluded nameConstraints:\n           fe80::1/128\n",
    );
  });

  it("has the constraints of policies in the encoding of RFC 5280", async () => {
    const made = await pki(...SELF, "--policy-explicit", "3", "--policy-inhibit", "4");
    expect(made.toString("hex")).toContain("30120603551d240101ff0408" + "3006" + "800103" + "810104");
    expect((await runPki(["--print"], { input: made })).text).toContain(
      "requireExplicitPolicy: 3\n           inhibitPolicyMapping: 4\n",
    );
  });

  it.each([
    [["--dn", "foo"], "'foo' is no distinguished name"],
    [["--dn", "CN=a, foo=b"], "'CN=a, foo=b' is no distinguished name"],
    [["--san", "@#abcd"], "'@#abcd' (ID_KEY_ID) cannot be in a certificate"],
    [["--san", "10.0.0.0/8"], "'10.0.0.0/8' (ID_IPV4_ADDR_SUBNET) cannot be in a certificate"],
    [["--san", "http://a/b"], "but 'uri:http://a/b' can"],
    [["--san", "bäcker.example"], "has characters beyond ASCII"],
    [["--nc-permitted", "@#ab"], "cannot be in a certificate"],
    [["--addrblock", "zz"], "'zz' is no address block"],
    [["--addrblock", "10.0.0.9-10.0.0.1"], "is no address block"],
    [["--serial", "zz"], "'zz' is not hex"],
    [["--serial", "00".repeat(3) + "11".repeat(21)], "more than 20 octets"],
    [["--lifetime", "0"], "option '--lifetime': 0 is not from 1"],
    [["--lifetime", "x"], "option '--lifetime': 'x' is no number"],
    [["--not-before", "x"], "'x' is not in the format '%d.%m.%y %T'"],
    [["--dateform", "%s", "--not-before", "2000", "--not-after", "1000"], "--not-after is before --not-before"],
    [["--lifetime", "2900000", "--dateform", "%Y", "--not-before", "9000"], "years up to 9999"],
    [["--flag", "bogus"], "'bogus' is none of ocspSigning, serverAuth"],
    [["--pathlen", "3"], "--pathlen is for authorities"],
    [["--ca", "--pathlen", "-1"], "option '--pathlen': -1 is not from 0"],
    [["--cps-uri", "x"], "--cps-uri must follow a --cert-policy"],
    [["--cert-policy", "x"], "option '--cert-policy': 'x' is no OID"],
    [["--cert-policy", "1.2.99999999999999"], "is no OID"],
    [["--policy-mapping", "1.2"], "is no OID"],
    [["--policy-mapping", "1.2:1.3:1.4"], "is not two OIDs"],
    [["--policy-any", "x"], "'x' is no number"],
    [["--critical", "3.1"], "'3.1' is no OID"],
    [["--digest", "md4"], "'md4' is none of md5, sha1"],
    [["--digest", "sha256"], "ed25519 keys have a digest of their own, not sha256"],
    [["--rsa-padding", "x"], "'x' is none of pkcs1, pss"],
    [["--keyid", "01"], "option '--keyid' is not supported"],
  ])("is not made with %j", async (args, message) => {
    const { code, errors, octets } = await runPki([...SELF, ...args]);
    expect([code, octets.length]).toEqual([1, 0]);
    expect(errors).toContain(message);
  });

  it("is not made with a digest that is larger than the key, or not the key's", async () => {
    const small = await pki("--gen", "--size", "512");
    const run = await runPki(["--self", "--dn", "CN=a", "--digest", "sha512", "--rsa-padding", "pss"], { input: small });
    expect([run.code, run.errors]).toEqual([1, expect.stringContaining("signing failed: ")]);
    const ecdsa = await runPki(["--self", "--dn", "CN=a", "--digest", "sha3_256", "--in", vector("ecdsa.pem")]);
    expect(ecdsa.errors).toBe("ECDSA keys do not sign with sha3_256\n");
  });
});

describe("an issued certificate", () => {
  it("bears the authority's signature", async () => {
    const ca = new X509Certificate(readFileSync(vector("ca.pem")));
    for (const padding of ["pkcs1", "pss"]) {
      const issued = new X509Certificate(await pki(...ISSUE, ...CA, "--rsa-padding", padding));
      expect([issued.verify(ca.publicKey), issued.checkIssued(ca)]).toEqual([true, true]);
    }
  });

  it("is not made by who is no authority, or with somebody else's key", async () => {
    const end = join(folder(), "end.pem");
    writeFileSync(end, await pki(...ISSUE, ...CA));
    expect((await runPki([...ISSUE, "--cacert", end, "--cakey", vector("ed448.pem")])).errors).toBe(
      "CA certificate misses CA basicConstraint\n",
    );
    expect((await runPki([...ISSUE, "--cacert", vector("ca.pem"), "--cakey", vector("ecdsa.pem")])).errors).toBe(
      "CA private key does not match CA certificate\n",
    );
  });

  it("is not made for a request that its key did not sign", async () => {
    const request = await pki("--req", "--in", vector("ed448.pem"), "--dn", "CN=x");
    request[request.length - 5]! ^= 1;
    const run = await runPki(["--issue", "--type", "pkcs10", ...CA], { input: request });
    expect([run.code, run.errors]).toEqual([1, "standard input: the signature is not that of its key\n"]);
  });

  it.each(["rsa.pem", "ecdsa.pem", "ed25519.pem"])("is made for a request of %s with either padding", async (key) => {
    for (const padding of ["pkcs1", "pss"]) {
      const input = await pki("--req", "--in", vector(key), "--dn", "CN=r", "--rsa-padding", padding, "--profile", "client");
      const { octets, code } = await runPki(["--issue", "--type", "pkcs10", ...CA], { input });
      expect([code, new X509Certificate(octets).subject]).toEqual([0, "CN=r"]);
      expect(new X509Certificate(octets).keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    }
  });

  it("takes no CRL issuer without a CRL", async () => {
    expect((await runPki([...ISSUE, ...CA, "--crlissuer", "CN=x"])).errors).toContain("--crlissuer must follow a --crl");
  });
});

it("a request has its names from one place", async () => {
  const old = ["--req", "--in", vector("ed25519.pem"), "--oldreq", vector("req.pem")];
  for (const extra of [
    ["--dn", "CN=x"],
    ["--san", "x"],
    ["--profile", "x"],
  ])
    expect((await runPki([...old, ...extra])).errors).toContain(`${extra[0]} is taken from the request of --oldreq`);
  expect((await runPki(["--req", "--in", vector("rsa.pem"), "--oldreq", vector("ca.pem"), "--dn", "x"])).code).toBe(1);
});
