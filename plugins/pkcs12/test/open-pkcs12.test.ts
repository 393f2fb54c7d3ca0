import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openPkcs12 } from "../src/index.js";

/** Containers that OpenSSL 3.0 made of the keys and certificates beside them. */
const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, "vectors", name));
const certificate = (name: string): string => new X509Certificate(file(name)).raw.toString("hex");
const key = (name: string): string => createPrivateKey(file(name)).export({ format: "der", type: "pkcs8" }).toString("hex");
const hex = (all: readonly Uint8Array[]): string[] => all.map((octets) => Buffer.from(octets).toString("hex"));

describe("openPkcs12", () => {
  it.each([
    ["PBES2 with AES", "ec-aes.p12", "open", ["host.pem", "root.pem"], "host.key"],
    ["3DES and RC2", "ec-3des.p12", "open", ["host.pem", "root.pem"], "host.key"],
    ["an empty passphrase, and RSA", "rsa-empty.p12", "", ["r.pem"], "r.key"],
  ])("opens one with %s", (_, name, passphrase, certificates, keyFile) => {
    const content = openPkcs12(file(name), passphrase)!;
    expect(hex(content.certificates)).toEqual(certificates.map(certificate));
    expect(hex(content.keys)).toEqual([key(keyFile)]);
  });

  it("opens nothing with another passphrase, nor what is no container", () => {
    expect(openPkcs12(file("ec-aes.p12"), "closed")).toBeUndefined();
    expect(openPkcs12(Buffer.from("no container"), "")).toBeUndefined();
    expect(openPkcs12(file("host.pem"), "")).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => openPkcs12(octets, "") === undefined));
  });
});
