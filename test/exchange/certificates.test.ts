import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { authRound, peerDefinition } from "@cygnet/plugin-api";
import type { AuthRound } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End, Outcome } from "@cygnet/plugin-testkit/pair";
import { whenSigned } from "./thread-pool.js";

const VECTORS = join(import.meta.dirname, "../certificates/vectors");
const file = (name: string): Uint8Array => readFileSync(join(VECTORS, name));
/** A time at which the certificates are valid. */
const NOW = Date.UTC(2027, 0, 1);
/** SHA-256 of `leaf.pem`. */
const LEAF = "3560697607e03be858937333b1ede91255f0698aea29ea8e65dab8820bb7af5f";

/** SHA-256 of `odd.pem`, which signs itself and has a critical extension that nobody knows. */
const ODD = "d0367f636ac97a4f22487fdd898109b25f658ad918eb9b53d65076a26b0d3024";

const der = (name: string): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      Buffer.from(file(name))
        .toString("latin1")
        .replaceAll(/-----[^-]+-----/g, ""),
      "base64",
    ),
  );

/** Trusts the authority, and has the certificate and key of `leaf.example.org`. */
function equip(end: End): void {
  end.shard.applySecret({ op: "certificate", set: "test", der: der("root.pem"), isTrusted: true });
  end.shard.applySecret({ op: "certificate", set: "own", der: der("leaf.pem"), isTrusted: false });
  end.shard.applySecret({ op: "private-key", set: "own", secret: file("leaf.key") });
}

const leaf = (id = "leaf.example.org"): AuthRound => authRound({ auth: "pubkey", id, certificates: [LEAF] });
const anyPeer = (given: Partial<AuthRound> = {}): AuthRound => authRound({ auth: "pubkey", ...given });

interface Rounds {
  readonly local?: AuthRound;
  readonly remote?: AuthRound;
}

/** Sets up with certificates at both ends, but for what is given. */
async function meet(moon: Rounds, sun: Rounds): Promise<{ readonly pair: Pair; readonly operation: Outcome }> {
  const pair = new Pair();
  pair.clock.setWall(NOW);
  for (const end of pair.ends) equip(end);
  pair.configure(
    { local: [moon.local ?? leaf()], remote: [moon.remote ?? anyPeer()] },
    { local: [sun.local ?? leaf()], remote: [sun.remote ?? anyPeer()] },
  );
  const operation = pair.moon.initiate("net");
  await whenSigned(pair, operation);
  return { pair, operation };
}

describe("certificates", () => {
  it("authenticate both ends, with a hash that both know", async () => {
    const { pair, operation } = await meet({}, {});
    expect(operation.result()).toBe("done");
    for (const end of pair.ends) {
      const lines = end.lines();
      expect(lines).toContain("authentication of 'leaf.example.org' (myself) with ECDSA_WITH_SHA256_DER successful");
      expect(lines).toContain("authentication of 'leaf.example.org' with ECDSA_WITH_SHA256_DER successful");
    }
  });

  it("prove no other identity than their own", async () => {
    const { pair, operation } = await meet({ local: leaf("host.example.org") }, {});
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("no trusted ECDSA public key found for 'host.example.org'");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it("are not needed where the initiator does not ask; the responder that proves somebody else is given up", async () => {
    const { pair, operation } = await meet({}, { local: leaf("host.example.org") });
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("no trusted ECDSA public key found for 'host.example.org'");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it("cannot be replaced by a pre-shared key", async () => {
    const { pair, operation } = await meet({ local: authRound({ auth: "psk", id: "moon" }), remote: anyPeer({ id: "sun" }) }, {});
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("no matching peer config found");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it.each([
    [
      { caNames: ["C=CH, O=cygnet, CN=other"] },
      "constraint check failed: peer not authenticated by CA 'C=CH, O=cygnet, CN=other'",
    ],
    [
      // Of the same name as the one that is trusted, but another certificate.
      { authorities: [{ fingerprint: LEAF, subject: "C=CH, O=cygnet, CN=root" }] },
      "constraint check failed: peer not authenticated by CA 'C=CH, O=cygnet, CN=root'",
    ],
    [{ certPolicies: ["1.2.3.4.5"] }, "constraint requires cert policy 1.2.3.4.5"],
    [
      { certificates: ["no such certificate"] },
      "constraint check failed: peer not authenticated with peer cert 'no such certificate'",
    ],
    [{ constraints: ["ecdsa-384"] }, "ECDSA-256 signatures not acceptable"],
    [{ constraints: ["ike:pubkey-sha512"] }, "IKE signature scheme ECDSA_WITH_SHA256_DER not acceptable"],
    [{ revocation: "strict" as const }, "constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least GOOD"],
    [{ groups: ["accounting"] }, "constraint requires group membership, which this release cannot check"],
  ])("are refused where %j is asked for", async (demand, reason) => {
    const { pair, operation } = await meet({}, { remote: anyPeer(demand) });
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain(reason);
    expect(pair.sun.lines()).toContain("selected peer config 'net' unacceptable: constraint checking failed");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it("are good where they follow from one of the given authorities", async () => {
    const fingerprint = new X509Certificate(file("root.pem")).fingerprint256.replaceAll(":", "").toLowerCase();
    const authorities = [
      { fingerprint: LEAF, subject: "CN=other" },
      { fingerprint, subject: "C=CH, O=cygnet, CN=root" },
    ];
    const { operation } = await meet({}, { remote: anyPeer({ authorities }) });
    expect(operation.result()).toBe("done");
  });

  it("let go of an IKE_SA that is destroyed while it signs", async () => {
    const pair = new Pair();
    pair.clock.setWall(NOW);
    for (const end of pair.ends) equip(end);
    pair.configure({ local: [leaf()], remote: [anyPeer()] }, { local: [leaf()], remote: [anyPeer()] });
    const operation = pair.moon.initiate("net");
    await pair.run(10, 4);
    pair.moon.manager.destroy(pair.moon.ikeSas[0]!);
    await whenSigned(pair, operation);
    expect(pair.moon.ikeSas).toEqual([]);
  });
});

describe("raw public keys", () => {
  /** Both ends prove themselves with the key of `leaf.pem`, and no certificate. */
  async function meetWithKeys(remote: Partial<AuthRound>, more?: (pair: Pair, fingerprint: string) => void) {
    const pair = new Pair();
    pair.clock.setWall(NOW);
    let fingerprint = "";
    for (const end of pair.ends) {
      const key = new X509Certificate(file("leaf.pem")).publicKey.export({ format: "der", type: "spki" });
      ({ fingerprint } = await end.credentials.loadPublicKey("keys", key));
      await end.credentials.loadPrivateKey("keys", file("leaf.key"));
    }
    const own = authRound({ auth: "pubkey", id: "leaf.example.org", certificates: [fingerprint] });
    const named = { certificates: [fingerprint], ...remote };
    pair.configure({ local: [own], remote: [anyPeer(named)] }, { local: [own], remote: [anyPeer(named)] });
    more?.(pair, fingerprint);
    const operation = pair.moon.initiate("net");
    await whenSigned(pair, operation);
    return { pair, operation };
  }

  it("authenticate both ends where connections name them, without a certificate", async () => {
    const { pair, operation } = await meetWithKeys({});
    expect(operation.result()).toBe("done");
    for (const end of pair.ends) expect(end.lines().join("\n")).not.toMatch(/\bCERT\b|sending end entity/);
    expect(pair.sun.lines()).toContain("authentication of 'leaf.example.org' with ECDSA_WITH_SHA256_DER successful");
  });

  it.each([
    [{ certificates: [] }, "no trusted ECDSA public key found for 'leaf.example.org'"],
    [{ revocation: "strict" as const }, "constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least GOOD"],
    [{ caNames: ["CN=root"] }, "constraint check failed: peer not authenticated by CA 'CN=root'"],
    [{ certPolicies: ["1.2.3"] }, "constraint requires cert policy 1.2.3"],
    [{ constraints: ["ecdsa-384"] }, "ECDSA-256 signatures not acceptable"],
  ])("are refused where %j is asked for", async (demand, line) => {
    const { pair, operation } = await meetWithKeys(demand);
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain(line);
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it("authenticate for no other connection than the one that names them", async () => {
    const { pair, operation } = await meetWithKeys({}, ({ sun }, fingerprint) => {
      const own = authRound({ auth: "pubkey", id: "leaf.example.org", certificates: [fingerprint] });
      const common = {
        localAddresses: ["192.0.2.2"],
        remoteAddresses: ["192.0.2.1"],
        proposals: ["aes128-sha1-modp768"],
        local: [own],
      };
      // This one asks for more than the key can prove; the other one names no key at all.
      sun.connection(
        peerDefinition("net", { ...common, remote: [anyPeer({ certificates: [fingerprint], certPolicies: ["1.2.3"] })] }),
      );
      sun.connection(peerDefinition("other", { ...common, remote: [anyPeer()] }));
    });
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("switching to peer config 'other'");
    expect(pair.sun.lines()).toContain("no alternative config found");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });
});

describe("a critical extension that is not known", () => {
  /** Both ends have the certificate loaded. */
  async function meetOdd(settings: Record<string, string>): Promise<{ readonly pair: Pair; readonly operation: Outcome }> {
    const pair = new Pair({ sun: { settings } });
    pair.clock.setWall(NOW);
    for (const end of pair.ends) {
      equip(end);
      end.shard.applySecret({ op: "certificate", set: "odd", der: der("odd.pem"), isTrusted: false });
    }
    pair.moon.shard.applySecret({ op: "private-key", set: "odd", secret: file("odd.key") });
    pair.configure(
      { local: [authRound({ auth: "pubkey", id: "odd.example.org", certificates: [ODD] })], remote: [anyPeer()] },
      { local: [leaf()], remote: [anyPeer()] },
    );
    const operation = pair.moon.initiate("net");
    await whenSigned(pair, operation);
    return { pair, operation };
  }

  it("has the peer refused", async () => {
    const { pair, operation } = await meetOdd({});
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toEqual(
      expect.arrayContaining([
        "critical 'strongSwan' extension not supported",
        "found unsupported critical X.509 extension: 1.3.6.1.4.1.36906.1",
        "no trusted ECDSA public key found for 'odd.example.org'",
      ]),
    );
  });

  it("is passed over with x509.enforce_critical = no", async () => {
    const { pair, operation } = await meetOdd({ "x509.enforce_critical": "no" });
    expect(operation.result()).toBe("done");
    expect(pair.sun.lines()).toContain("authentication of 'odd.example.org' with ECDSA_WITH_SHA256_DER successful");
  });
});
