import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyProvider } from "@cygnet/plugin-openssl";
import {
  AuthConstraints,
  CertificateStore,
  CredentialStoreImpl,
  buildTrustChain,
  NO_ATTEMPTS,
  checkRevocation,
  findScheme,
} from "@cygnet/ike";
import type { Certificate, CertificateWatcher, CredentialChange } from "@cygnet/ike";
import type { Logger } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";

const VECTORS = join(import.meta.dirname, "vectors");
/** When the vectors were made, in 2026. */
const NOW = Date.UTC(2026, 10, 27);
const YEAR = 365 * 86_400_000;

const file = (name: string): Uint8Array => readFileSync(join(VECTORS, name));

let lines: string[];
const log: Logger = {
  log: (_group, level, text) => void (level <= 1 && lines.push(text)),
  enabled: () => true,
};

let store: CertificateStore;
let credentials: CredentialStoreImpl;

beforeEach(() => {
  lines = [];
  store = new CertificateStore(() => keyProvider);
  credentials = new CredentialStoreImpl(
    async (change: CredentialChange) => {
      if (change.op !== "replace") store.apply(structuredClone(change));
      await Promise.resolve();
    },
    () => keyProvider,
  );
});

const trust = (name: string) => credentials.loadCertificate("cacerts", file(`${name}.pem`), { isTrusted: true });

/** A certificate as a peer sends it. */
function sent(name: string): Certificate {
  const text = Buffer.from(file(`${name}.pem`)).toString("latin1");
  return store.read(Buffer.from(text.replaceAll(/-----[^-]+-----/g, ""), "base64"));
}

function chainOf(name: string, others: readonly string[] = [], nowMs = NOW): string[] | undefined {
  const chain = buildTrustChain(sent(name), { store, log, nowMs, untrusted: others.map(sent) });
  return chain?.map(({ subject }) => subject.toString().replace(/.*CN=/, ""));
}

describe("buildTrustChain", () => {
  beforeEach(async () => void (await trust("root")));

  it("goes over intermediates that the peer sent to an authority that is trusted", () => {
    expect(chainOf("host", ["flat"])).toEqual(["host", "flat", "root"]);
    expect(lines).toEqual([
      '  using certificate "C=CH, O=cygnet, CN=host"',
      '  using untrusted intermediate certificate "C=CH, O=cygnet, CN=flat"',
      '  using trusted ca certificate "C=CH, O=cygnet, CN=root"',
      "  reached self-signed root ca with a path length of 1",
    ]);
  });

  it("does not end at an intermediate, even where that was loaded as an authority", async () => {
    await trust("flat");
    expect(chainOf("host")).toEqual(["host", "flat", "root"]);
    expect(lines).toContain('  using trusted intermediate ca certificate "C=CH, O=cygnet, CN=flat"');
    await credentials.removeSet("cacerts");
    await trust("flat");
    expect(chainOf("host")).toBeUndefined();
    expect(lines).toContain('no issuer certificate found for "C=CH, O=cygnet, CN=flat"');
  });

  it("goes as far as it can for a certificate that was loaded, which is trusted all the same", async () => {
    const loaded = (name: string): string[] | undefined =>
      buildTrustChain(sent(name), { store, log, nowMs: NOW, untrusted: [], isTrusted: true })?.map(({ subject }) =>
        subject.toString().replace(/.*CN=/, ""),
      );
    expect(loaded("host")).toEqual(["host"]);
    expect(lines).toEqual([
      '  using trusted certificate "C=CH, O=cygnet, CN=host"',
      'no issuer certificate found for "C=CH, O=cygnet, CN=host"',
      '  issuer is "C=CH, O=cygnet, CN=flat"',
      '  reached end of incomplete trust chain for trusted certificate "C=CH, O=cygnet, CN=host"',
    ]);
    await credentials.loadCertificate("certs", file("flat.pem"), { isTrusted: false });
    expect(loaded("host")).toEqual(["host", "flat", "root"]);
    expect(loaded("root")).toEqual(["root"]);
    expect(loaded("critical")).toBeUndefined();
  });

  it.each([
    ["host", [], 'no issuer certificate found for "C=CH, O=cygnet, CN=host"'],
    ["deep", ["below", "flat"], "path length of 1 violates constraint of 0"],
    ["forged", ["leaf"], 'certificate "C=CH, O=cygnet, CN=leaf" is no authority\'s'],
    ["unsigned", ["nosign"], 'certificate "C=CH, O=cygnet, CN=nosign" is no authority\'s'],
    ["critical", [], "found unsupported critical X.509 extension: 1.2.3.4"],
    ["outside", ["names"], "certificate 'C=CH, O=cygnet, CN=outside' does not match permitted name constraint 'example.org'"],
    ["excluded", ["names"], "certificate 'C=CH, O=cygnet, CN=excluded' matches excluded name constraint 'bad.example.org'"],
    [
      "address",
      ["names"],
      "certificate 'C=CH, O=cygnet, CN=address' does not match permitted name constraint 'c0000200ffffff00'",
    ],
  ] as const)("refuses %s with %j: %s", (name, others, reason) => {
    expect(chainOf(name, others)).toBeUndefined();
    expect(lines).toContain(reason);
  });

  it.each([
    ["host", [], NOW, ["cert-no-issuer host"]],
    ["deep", ["below", "flat"], NOW, ["cert-exceeded-path-len flat"]],
    ["outside", ["names"], NOW, ["cert-policy-violation outside"]],
    ["leaf", [], NOW + 101 * YEAR, ["cert-expired leaf"]],
    ["host", ["flat"], NOW, []],
  ] as const)("tells whoever wants to know what is amiss with %s and %j", (name, others, nowMs, expected) => {
    const faults: string[] = [];
    const onFault: CertificateWatcher = (alert, { subject }) =>
      void faults.push(`${alert} ${String(subject).replace(/.*CN=/, "")}`);
    buildTrustChain(sent(name), { store, log, nowMs, untrusted: others.map(sent), onFault });
    expect(faults).toEqual(expected);
  });

  it("takes a critical extension that is not known where it is told to", () => {
    const sources = { store, log, nowMs: NOW, untrusted: [], ignoresCritical: true };
    expect(buildTrustChain(sent("critical"), sources)?.map(({ subject }) => subject.toString().replace(/.*CN=/, ""))).toEqual([
      "critical",
      "root",
    ]);
  });

  it("takes names within their constraints", () => {
    expect(chainOf("within", ["names"])).toEqual(["within", "names", "root"]);
  });

  it("holds subjects and issuers to their validity", () => {
    expect(chainOf("leaf", [], NOW - YEAR)).toBeUndefined();
    expect(chainOf("leaf", [], NOW + 101 * YEAR)).toBeUndefined();
    expect(lines.filter((line) => line.startsWith("subject certificate invalid (valid from "))).toHaveLength(2);
  });

  it("trusts nothing any more when the authority's set is removed", async () => {
    await credentials.removeSet("cacerts");
    expect(chainOf("leaf")).toBeUndefined();
    expect(store.hasAuthorities).toBe(false);
    const faults: string[] = [];
    buildTrustChain(sent("root"), { store, log, nowMs: NOW, untrusted: [], onFault: (alert) => void faults.push(alert) });
    expect(faults).toEqual(["cert-untrusted-root"]);
  });
});

describe("certificates", () => {
  it("vouch for their subject and alternative names, and nothing else", () => {
    const { subject, altNames } = sent("host");
    expect(`${subject}`).toBe("C=CH, O=cygnet, CN=host");
    expect(altNames.map(String)).toEqual(["host.example.org", "host@example.org", "192.0.2.1"]);
  });

  it.each([
    ["sha3-rsa", "RSA_EMSA_PKCS1_SHA3_256"],
    ["sha3-ecdsa", "ECDSA_WITH_SHA3_384_DER"],
    ["pss-222", "RSA_EMSA_PSS_SHA2_256_SALT_222"],
    ["pss-20", "RSA_EMSA_PSS_SHA2_512_SALT_20"],
  ])("are verified where they are signed with %s: %s", (name, scheme) => {
    const certificate = sent(name);
    expect(certificate.scheme?.name).toBe(scheme);
    expect(certificate.isSignedBy(certificate.publicKey)).toBe(true);
    expect(certificate.isSignedBy(sent("root").publicKey)).toBe(false);
  });

  it("of an authority need the CA basic constraint", async () => {
    await expect(trust("leaf")).rejects.toMatchObject({ code: "CYG_CERT_CA" });
    expect(credentials.listCertificates()).toEqual([]);
  });

  it("come with their private key once that is loaded", async () => {
    await credentials.loadCertificate("certs", file("leaf.pem"), { isTrusted: false });
    const { fingerprint } = sent("leaf");
    expect(store.ownCredentials(sent("leaf").subject, [fingerprint])).toEqual([]);
    await expect(credentials.loadPrivateKey("keys", file("leaf.pem"))).rejects.toMatchObject({ code: "CYG_CERT_KEY" });
    await credentials.loadPrivateKey("keys", file("leaf.key"));
    const [own] = store.ownCredentials(sent("leaf").subject, []);
    const scheme = findScheme("ECDSA", HashAlgorithm.SHA256)!;
    const data = new TextEncoder().encode("to be signed");
    const signature = await own!.key.key.sign(scheme, data, "der");
    expect(own!.certificate!.publicKey.key.verify(scheme, data, signature, "der")).toBe(true);
    expect(
      own!.certificate!.publicKey.key.verify(
        scheme,
        data.map((octet) => octet ^ 1),
        signature,
        "der",
      ),
    ).toBe(false);
    expect(credentials.listCertificates()[0]).toMatchObject({ hasPrivateKey: true });
  });

  it("that are damaged are refused with a code, or differ in their fingerprint", () => {
    const good = sent("host");
    fc.assert(
      fc.property(fc.nat(good.der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = good.der.slice();
        damaged[at]! ^= flip;
        try {
          const read = store.read(damaged);
          expect(read.fingerprint).not.toBe(good.fingerprint);
          expect(read.isSignedBy(sent("flat").publicKey)).toBe(false);
        } catch (error) {
          if (!(error instanceof Error) || !("code" in error)) throw error;
          expect(error.code).toMatch(/^CYG_CERT_/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are never read from arbitrary octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(() => store.read(octets)).toThrow(expect.objectContaining({ code: "CYG_CERT_SYNTAX" }));
      }),
    );
  });
});

describe("checkRevocation", () => {
  beforeEach(async () => {
    await trust("root");
    await credentials.loadRevocationList("crls", file("root.crl"));
  });
  const policy = { useCrl: true, useOcsp: true, timeoutMs: 1000 };
  const statusOf = (name: string, nowMs = NOW) =>
    checkRevocation([sent(name), sent("root")], { store, policy, log, nowMs, attempts: NO_ATTEMPTS });

  it("finds what was revoked, and when and why", () => {
    expect(statusOf("leaf")).toBe("revoked");
    expect(lines.at(-1)).toMatch(/^certificate was revoked on Nov 26 .* 2026, reason: key compromise$/);
  });

  it("finds the others good, until the list is stale", () => {
    expect(statusOf("policy")).toBe("good");
    expect(statusOf("policy", NOW + YEAR)).toBe("stale");
    expect(statusOf("leaf", NOW + YEAR)).toBe("revoked");
  });

  it("knows nothing without a list", async () => {
    await credentials.removeSet("crls");
    expect(statusOf("policy")).toBe("unavailable");
    expect(lines.at(-1)).toBe("certificate status is not available");
  });
});

describe("AuthConstraints", () => {
  const { SHA1, SHA256, SHA384 } = HashAlgorithm;
  const rsa = (hash: HashAlgorithm, isPss = false) => findScheme("RSA", hash, isPss)!;
  const ecdsa = (hash: HashAlgorithm) => findScheme("ECDSA", hash)!;

  it.each([
    ["rsa-sha256", true, false, false],
    ["rsa-sha256-sha384", true, true, false],
    ["ecdsa-sha384-rsa-sha256", true, false, true],
    ["sha384", false, true, true],
    ["rsa-2048", true, true, true],
    ["rsa/pss-sha256", false, false, false],
  ])("%s: RSA with SHA-256 %s, with SHA-384 %s, ECDSA with SHA-384 %s", (text, rsa256, rsa384, ecdsa384) => {
    const constraints = AuthConstraints.parse([text], "here");
    expect([rsa(SHA256), rsa(SHA384), ecdsa(SHA384)].map((scheme) => constraints.allowsChain(scheme))).toEqual([
      rsa256,
      rsa384,
      ecdsa384,
    ]);
  });

  it("say with ike: what holds for the IKE signature alone", () => {
    const constraints = AuthConstraints.parse(["rsa-sha256", "ike:rsa/pss-sha256"], "here");
    expect(constraints.allowsIke(rsa(SHA256), true)).toBe(false);
    expect(constraints.allowsIke(rsa(SHA256, true), true)).toBe(true);
    expect(constraints.allowsChain(rsa(SHA256))).toBe(true);
  });

  it("hold for the IKE signature only where that is wanted", () => {
    const constraints = AuthConstraints.parse(["rsa-sha256"], "here");
    expect(constraints.allowsIke(rsa(SHA1), false)).toBe(true);
    expect(constraints.allowsIke(rsa(SHA1), true)).toBe(false);
  });

  it("demand sizes of the kinds that have one, and rule out the others", () => {
    const { publicKey } = sent("leaf");
    const problem = (text: string) => AuthConstraints.parse([text], "here").keyProblem(publicKey);
    expect(problem("ecdsa-256")).toBeUndefined();
    expect(problem("ecdsa-384")).toBe("ECDSA-256 signatures not acceptable");
    expect(problem("rsa-2048")).toBe("ECDSA-256 signatures not acceptable");
    expect(problem("pubkey-sha256")).toBeUndefined();
  });

  it("refuse what they do not know", () => {
    expect(() => AuthConstraints.parse(["rsa-sha257"], "net.remote.0")).toThrow(
      expect.objectContaining({ code: "CYG_CONFIG_AUTH", where: "net.remote.0" }),
    );
  });
});
