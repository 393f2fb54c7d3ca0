import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, pki, runPki, vector } from "./run-pki.js";

const KEY = createPrivateKey(readFileSync(vector("ecdsa.pem")));
const LOCK = { cipher: "aes-256-cbc", passphrase: "open" };

describe("a locked private key", () => {
  it.each([
    ["PEM", KEY.export({ format: "pem", type: "pkcs8", ...LOCK })],
    ["DER", KEY.export({ format: "der", type: "pkcs8", ...LOCK })],
    ["old PEM", KEY.export({ format: "pem", type: "sec1", ...LOCK })],
  ])("in %s opens with the passphrase that is asked for", async (_encoding, octets) => {
    const input = Buffer.from(octets);
    const run = await runPki(["--keyid", "--format", "hex"], { input, passphrases: ["open"] });
    expect(run).toMatchObject({ code: 0, errors: "", questions: ["Private key passphrase: "] });
    expect(run.octets).toEqual(await pki("--keyid", "--in", vector("ecdsa.pem"), "--format", "hex"));
    for (const passphrases of [["wrong"], []])
      expect(await runPki(["--keyid"], { input, passphrases })).toMatchObject({
        code: 1,
        text: "",
        errors: "standard input: the private key is locked, and that is not its passphrase\n",
      });
  });
});

describe("a key", () => {
  it.each([
    [["--type", "rsa"], "ecdsa.pem", "is a key of type ecdsa, not rsa"],
    [["--type", "ed448"], "ed25519.pem", "is a key of type ed25519, not ed448"],
    [["--type", "pub"], "ecdsa.pem", "is no public key"],
    [["--type", "priv"], "ca.pem", "is no private key"],
    [["--type", "x509"], "ecdsa.pem", "has no certificate"],
    [["--type", "pkcs10"], "ca.pem", "has no certificate request"],
  ])("%j is not in %s", async (type, file, message) => {
    const { code, errors } = await runPki(["--pub", ...type, "--in", vector(file)]);
    expect([code, errors]).toEqual([1, `'${vector(file)}' ${message}\n`]);
  });

  it("that is not there is an error with the reason", async () => {
    expect((await runPki(["--pub", "--in", "/nonexistent/key"])).errors).toBe(
      "opening '/nonexistent/key' failed: No such file or directory\n",
    );
  });

  it("of a kind that certificates of ours have not is refused", async () => {
    const input = generateKeyPairSync("x25519").privateKey.export({ format: "der", type: "pkcs8" });
    expect((await runPki(["--print", "--type", "priv"], { input })).errors).toContain("keys of type x25519 are not supported");
  });

  it("is read in the encoding of PKCS#1, too", async () => {
    const key = createPublicKey(readFileSync(vector("rsa.pem")));
    const file = join(folder(), "key");
    for (const octets of [key.export({ format: "der", type: "pkcs1" }), key.export({ format: "pem", type: "pkcs1" })]) {
      writeFileSync(file, octets);
      expect(await pki("--pub", "--type", "pub", "--in", file)).toEqual(key.export({ format: "der", type: "spki" }));
    }
  });

  it("of other kinds has no DNS record", async () => {
    expect((await runPki(["--pub", "--outform", "dnskey", "--in", vector("ed25519.pem")])).errors).toBe(
      "dnskey is for RSA keys\n",
    );
  });
});

it("print shows public keys, and what is none is an error", async () => {
  const input = await pki("--pub", "--in", vector("ed448.pem"));
  expect((await runPki(["--print", "--type", "pub"], { input })).text).toMatch(/^ {2}pubkey: {4}ED448 456 bits\n {2}keyid: {5}/);
  for (const type of ["x509", "crl", "pub", "priv", "ac"]) {
    const run = await runPki(["--print", "--type", type], { input: Buffer.from("3003020101", "hex") });
    expect(run).toMatchObject({ code: 1, text: "", errors: expect.stringMatching(/^.+\n$/) as string });
  }
});
