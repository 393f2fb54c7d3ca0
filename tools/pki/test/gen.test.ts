import { createPrivateKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pki, runPki } from "./run-pki.js";

describe("a new key", () => {
  it.each([
    [[], "pkcs1", "rsa", { modulusLength: 2048 }],
    [["--type", "rsa", "--size", "1024"], "pkcs1", "rsa", { modulusLength: 1024 }],
    [["--type", "ecdsa"], "sec1", "ec", { namedCurve: "secp384r1" }],
    [["--type", "ecdsa", "--size", "256"], "sec1", "ec", { namedCurve: "prime256v1" }],
    [["-t", "ecdsa", "-s", "521"], "sec1", "ec", { namedCurve: "secp521r1" }],
    [["--type", "ed25519"], "pkcs8", "ed25519", {}],
    [["--type", "ed448", "--size", "456"], "pkcs8", "ed448", {}],
  ] as const)("%j is in %s", async (args, encoding, type, details) => {
    const key = createPrivateKey({ key: await pki("--gen", ...args), format: "der", type: encoding });
    expect(key.asymmetricKeyType).toBe(type);
    expect(key.asymmetricKeyDetails).toMatchObject(details);
  });

  it.each([
    ["rsa", "RSA PRIVATE KEY"],
    ["ecdsa", "EC PRIVATE KEY"],
    ["ed25519", "PRIVATE KEY"],
  ])("of %s is in PEM if that is asked for", async (type, label) => {
    const size = type === "rsa" ? ["--size", "512"] : [];
    const text = (await pki("-g", "--type", type, ...size, "--outform", "pem")).toString();
    expect(text.split("\n")[0]).toBe(`-----BEGIN ${label}-----`);
    expect(createPrivateKey(text).type).toBe("private");
  });

  it("has safe primes if that is asked for", async () => {
    const key = createPrivateKey({ key: await pki("--gen", "--size", "512", "--safe-primes"), format: "der", type: "pkcs1" });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(512);
    const { p = "" } = key.export({ format: "jwk" });
    // With (p - 1) / 2 a prime beside 2 and 3, p is 11 modulo 12.
    expect(BigInt(`0x${Buffer.from(p, "base64url").toString("hex")}`) % 12n).toBe(11n);
  });

  it.each([
    [["--type", "foo"], "option '--type': 'foo' is none of rsa, ecdsa, ed25519, ed448"],
    [["--type", "bliss"], "there are no BLISS keys"],
    [["--size", "100"], "RSA keys have 512 bits or more, not 100"],
    [["--size", "abc"], "option '--size': 'abc' is no number"],
    [["--size", "99999"], "option '--size': 99999 is not from"],
    [["--type", "ecdsa", "--size", "512"], "ECDSA keys have 256, 384, 521 bits, not 512"],
    [["--type", "ed25519", "--size", "100"], "keys of type ed25519 have 256 bits, not 100"],
    [["--type", "ecdsa", "--safe-primes"], "--safe-primes are for RSA keys"],
    [["--shares", "3"], "option '--shares' is not supported"],
    [["--outform", "x"], "option '--outform': 'x' is none of der, pem"],
  ])("is not made of %j", async (args, message) => {
    const { code, errors, octets } = await runPki(["--gen", ...args]);
    expect([code, octets.length]).toEqual([1, 0]);
    expect(errors).toContain(message);
  });
});
