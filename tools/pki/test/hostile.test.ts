import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { derOf } from "@cygnet/x509";
import { describe, expect, it } from "vitest";
import { folder, pki, runPki, vector } from "./run-pki.js";

const CA = ["--cacert", vector("ca.pem"), "--cakey", vector("rsa.pem")];

/** DER of a file of the vectors. */
function octets(name: string): Buffer {
  return derOf(readFileSync(vector(name)), ["CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST", "PRIVATE KEY", "RSA PRIVATE KEY"])!;
}

/** All that is cut off, and each octet in turn as another. */
function* broken(whole: Buffer): Iterable<Buffer> {
  for (let size = 0; size < whole.length; size += 3) yield whole.subarray(0, size);
  for (let at = 0; at < whole.length; at++) {
    const copy = Buffer.from(whole);
    copy[at]! ^= [0xff, 0x01, 0x80, 0x20][at % 4]!;
    yield copy;
  }
}

describe("octets that somebody broke give a result or one line of error", () => {
  it.each([
    ["a certificate, printed", "ca.pem", ["--print"]],
    ["a certificate, verified", "ca.pem", ["--verify", "--cacert", vector("ca.pem")]],
    ["a certificate's key", "crlsigner.pem", ["--keyid", "--type", "x509"]],
    ["a CRL, printed", "old.crl", ["--print", "--type", "crl"]],
    ["a request's certificate", "req.pem", ["--issue", "--type", "pkcs10", ...CA]],
    ["a private key", "ed448.pem", ["--self", "--dn", "CN=x"]],
  ] as const)("%s", async (_what, file, args) => {
    for (const input of broken(octets(file))) {
      const { code, errors, octets: output } = await runPki([...args, "--debug", "0"], { input });
      expect(code).toBeOneOf([0, 1]);
      if (errors !== "") expect([code, output.length, errors]).toEqual([1, 0, expect.stringMatching(/^[^\n]+\n$/)]);
      expect(errors).not.toMatch(/undefined|Cannot|is not a/);
    }
  });

  it("a CRL that is gone on from", async () => {
    const file = join(folder(), "crl");
    for (const input of broken(octets("old.crl"))) {
      writeFileSync(file, input);
      const { code, errors } = await runPki(["--signcrl", ...CA, "--lastcrl", file]);
      expect(code).toBeOneOf([0, 1]);
      expect(errors).toMatch(/^$|^[^\n]+\n$/);
      expect(errors).not.toMatch(/undefined|Cannot|is not a/);
    }
  });
});

it("a certificate with the largest of everything is made and read", async () => {
  const names = Array.from({ length: 300 }, (_, i) => ["--san", `host-${i}.${"a".repeat(40)}.example.org`]).flat();
  const input = await pki(
    "--self",
    "--in",
    vector("ed25519.pem"),
    "--dn",
    `CN=${"n".repeat(5000)}`,
    ...names,
    "--serial",
    "ff".repeat(20),
  );
  expect(input.length).toBeGreaterThan(20_000);
  const { text } = await runPki(["--print"], { input });
  expect(text).toContain(`serial:    ${Array.from({ length: 20 }, () => "ff").join(":")}\n`);
  expect(text).toContain("host-299.");
  expect((await runPki(["--verify"], { input })).code).toBe(0);
});
