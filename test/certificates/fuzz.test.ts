import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CertificateStore, RevocationList } from "@cygnet/ike";
import { keyProvider } from "@cygnet/plugin-openssl";
import type { KeyProvider, Logger } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { armour, makeKey } from "../../plugins/pgp/test/openpgp-keys.js";
import { certificateTarget, fuzz, listTarget, pgpSecretTarget, pgpTarget, responseTarget } from "./certificate.fuzz.js";

/** `npm run fuzz` in `test` takes a million of each. */
const INPUTS = Number(process.env["FUZZ_INPUTS"] ?? 5_000);
const LIMIT = { timeout: 900_000 };
const VECTORS = join(import.meta.dirname, "vectors");
/** When the vectors were made, in 2026. */
const NOW = Date.UTC(2026, 10, 27);

let violations = 0;
const log: Logger = {
  log: (_group, _level, text) => void (text.includes("name constraint") && violations++),
  enabled: () => true,
};

/** The octets of a file, PEM or not. */
function derOf(name: string): Uint8Array {
  const octets = readFileSync(join(VECTORS, name));
  const text = octets.toString("latin1");
  return text.startsWith("-----") ? Buffer.from(text.replaceAll(/-----[^-]+-----/g, ""), "base64") : octets;
}

const certificates = readdirSync(VECTORS)
  .filter((name) => name.endsWith(".pem"))
  .map(derOf);
const root = new CertificateStore(() => keyProvider).read(derOf("root.pem"));

const below = ["within.pem", "outside.pem", "excluded.pem", "host.pem", "address.pem"].map(derOf);

/** Lets everything get to our own reader, which must not rely on what stands before it. */
const lenient: KeyProvider = { ...keyProvider, isCertificate: () => true };

describe(`${INPUTS} mutated certificates`, () => {
  it.each([
    ["behind the library that reads them first", keyProvider],
    ["by our own reader alone", lenient],
  ])("are read or refused with a typed error, %s", LIMIT, (_, keys) => {
    violations = 0;
    const report = fuzz(certificates, INPUTS, 0x5eed, certificateTarget({ keys, log, nowMs: NOW, root: root.der, below }));
    expect(report.inputs).toBe(INPUTS);
    // Neither side may dry up, else the mutations or the seeds are broken.
    expect(report.values).toBeGreaterThan(INPUTS / 100);
    expect(report.errors.get("CYG_CERT_SYNTAX")).toBeGreaterThan(INPUTS / 100);
    // Mutated authorities got as far as to be asked about names.
    expect(violations).toBeGreaterThan(INPUTS / 1000);
  });
});

describe(`${INPUTS} mutated revocation lists`, () => {
  const seed = derOf("root.crl");

  it("begin with one that the authority signed", () => {
    expect(new RevocationList(seed).isSignedBy(root)).toBe(true);
  });

  it("are read or refused with a typed error", LIMIT, () => {
    const report = fuzz([seed, derOf("delta.crl"), root.der], INPUTS, 0xc0de, listTarget(root));
    expect(report.inputs).toBe(INPUTS);
    expect(report.values).toBeGreaterThan(INPUTS / 100);
    expect(report.errors.get("CYG_CERT_SYNTAX")).toBeGreaterThan(INPUTS / 100);
  });
});

describe(`${INPUTS} mutated OCSP responses`, () => {
  it("are read or refused with a typed error", LIMIT, () => {
    const read = (name: string) => new CertificateStore(() => keyProvider).read(derOf(`status/${name}.pem`));
    const seeds = ["good", "revoked", "unknown", "good-by-issuer", "unauthorized"].map((name) => derOf(`status/${name}.der`));
    const target = responseTarget({ keys: lenient, nowMs: NOW }, [read("host"), read("root")]);
    const report = fuzz(seeds, INPUTS, 0x0c59, target);
    expect(report.inputs).toBe(INPUTS);
    expect(report.values).toBeGreaterThan(INPUTS / 100);
    expect(report.errors.get("CYG_CERT_SYNTAX")).toBeGreaterThan(INPUTS / 100);
  });
});

describe(`${INPUTS} mutated OpenPGP keys`, () => {
  const protection = { passphrase: "open", cipher: 7, hash: 2, stringToKey: 1, usage: 254 };
  const made = [makeKey({ version: 3 }), makeKey(), makeKey({ protection }), makeKey({ userIds: ["a", "b".repeat(200)] })];

  it.each([
    ["certificates", "PUBLIC KEY BLOCK", made.map(({ certificate }) => certificate), pgpTarget(keyProvider)],
    ["secret keys", "PRIVATE KEY BLOCK", made.map(({ secret }) => secret), pgpSecretTarget(keyProvider, Buffer.from("open"))],
  ] as const)("are read or refused with a typed error: %s", LIMIT, (_, label, seeds, target) => {
    const report = fuzz([...seeds, Buffer.from(armour(label, seeds[0]!))], INPUTS, 0x9497, target);
    expect(report.inputs).toBe(INPUTS);
    expect(report.values).toBeGreaterThan(INPUTS / 100);
    expect(report.errors.get("CYG_CERT_SYNTAX")).toBeGreaterThan(INPUTS / 100);
    expect(report.errors.get("CYG_CERT_KEY")).toBeGreaterThan(INPUTS / 100);
  });
});
