import { readFileSync } from "node:fs";
import { join } from "node:path";
import { authRound } from "@cygnet/plugin-api";
import type { Alert, AuthRound, FetchRequest, RevocationPolicy } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End, Outcome } from "@cygnet/plugin-testkit/pair";
import { whenSigned } from "./thread-pool.js";

const VECTORS = join(import.meta.dirname, "../certificates/vectors/status");
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(VECTORS, name)));
const NOW = Date.UTC(2027, 0, 1);
const OCSP = "http://ocsp.example.org/";
const CRL = "http://crl.example.org/root.crl";
const BOTH: RevocationPolicy = { useCrl: true, useOcsp: true, timeoutMs: 1000 };
/** The subject of the certificate. */
const HOST = "CN=host.example.org, O=Example";

/** What the servers have, by URI; nothing for one that does not answer. */
type Servers = Readonly<Record<string, string>>;

interface Case {
  readonly servers: Servers;
  readonly remote?: Partial<AuthRound>;
  readonly prepare?: (sun: End) => Promise<unknown>;
  /** What servers send in place of the file. */
  readonly alter?: (uri: string, octets: Uint8Array) => Uint8Array;
}

/** Moon proves itself with the certificate, sun looks it up. */
async function meet({ servers, remote = {}, prepare, alter = (_, octets) => octets }: Case) {
  const pair = new Pair();
  pair.clock.setWall(NOW);
  const requests: FetchRequest[] = [];
  const { moon, sun } = pair;
  sun.fetchers.add("test", ["http://"], {
    fetch: (request) => {
      requests.push(request);
      const name = servers[request.uri];
      return name === undefined
        ? Promise.reject(new Error("connection refused"))
        : Promise.resolve(alter(request.uri, file(name)));
    },
  });
  sun.shard.context.revocation.use(BOTH);
  for (const end of pair.ends) await end.credentials.loadCertificate("ca", file("root.pem"), { isTrusted: true });
  const { fingerprint } = await moon.credentials.loadCertificate("own", file("host.pem"), { isTrusted: false });
  await moon.credentials.loadPrivateKey("own", file("host.key"));
  for (const end of pair.ends)
    await end.credentials.replaceSecrets("psk", [{ type: "IKE", owners: [], secret: Uint8Array.of(1) }]);
  await prepare?.(sun);
  pair.configure(
    {
      local: [authRound({ auth: "pubkey", id: "host.example.org", certificates: [fingerprint] })],
      remote: [authRound({ auth: "psk", id: "sun" })],
    },
    { local: [authRound({ auth: "psk", id: "sun" })], remote: [authRound({ auth: "pubkey", ...remote })] },
  );
  const again = async (): Promise<Outcome> => {
    for (const end of pair.ends) for (const ikeSa of end.ikeSas) end.manager.destroy(ikeSa);
    return whenSigned(pair, moon.initiate("net"));
  };
  const operation = await again();
  const asked = () => requests.map(({ uri }) => uri);
  return { pair, operation, again, asked, requests, lines: () => sun.lines() };
}

describe("the status of a peer's certificate", () => {
  it("is asked for at its responder, once for as long as the answer holds", async () => {
    const { operation, again, asked, requests, lines } = await meet({
      servers: { [OCSP]: "good.der" },
      remote: { revocation: "strict" },
    });
    expect(operation.result()).toBe("done");
    expect(lines()).toEqual(
      expect.arrayContaining([
        `checking certificate status of "${HOST}"`,
        `  requesting ocsp status from '${OCSP}' ...`,
        '  ocsp response correctly signed by "CN=responder.example.org, O=Example"',
        "certificate status is good",
        "authentication of 'host.example.org' with ECDSA_WITH_SHA256_DER successful",
      ]),
    );
    expect(requests[0]!.body?.type).toBe("application/ocsp-request");
    expect((await again()).result()).toBe("done");
    expect(asked()).toEqual([OCSP]);
    expect(lines()).toContain("  using cached ocsp response");
  });

  it("is looked up in its list where the responder gives no answer, and the list is kept", async () => {
    const { pair, operation, again, asked, lines } = await meet({
      servers: { [CRL]: "good.crl" },
      remote: { revocation: "strict" },
    });
    expect(operation.result()).toBe("done");
    expect(lines()).toEqual(
      expect.arrayContaining([
        `fetching from '${OCSP}' failed: connection refused`,
        `ocsp request to ${OCSP} failed`,
        "ocsp check failed, fallback to crl",
        `  fetching crl from '${CRL}' ...`,
        '  crl correctly signed by "CN=OCSP Root, O=Example"',
        "certificate status is good",
      ]),
    );
    expect(pair.sun.credentials.listRevocationLists()).toMatchObject([{ issuer: "CN=OCSP Root, O=Example", revoked: [] }]);
    await again();
    expect(asked()).toEqual([OCSP, CRL, OCSP]);
    expect(await pair.sun.credentials.flushFetched("crl")).toBe(1);
    await again();
    expect(asked().slice(3)).toEqual([OCSP, CRL]);
  });

  it.each([
    ["responder", { [OCSP]: "revoked.der" }, "certificate was revoked on Nov 27 06:59:58 UTC 2026, reason: key compromise"],
    ["list", { [CRL]: "revoked.crl" }, /^certificate was revoked on Nov 27 .* UTC 2026, reason: key compromise$/],
  ])("keeps a peer out that the %s says was revoked, whatever the connection wants", async (_, servers: Servers, line) => {
    const { pair, operation, lines } = await meet({ servers });
    expect(operation.result()).toBe("failed");
    expect(lines()).toContainEqual(typeof line === "string" ? line : expect.stringMatching(line));
    expect(lines()).toContain("no trusted ECDSA public key found for 'host.example.org'");
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });

  it.each([
    ["relaxed", "done"],
    ["ifuri", "failed"],
    ["strict", "failed"],
  ] as const)("that cannot be found out, with revocation = %s: %s", async (revocation, result) => {
    const { operation, lines } = await meet({ servers: {}, remote: { revocation } });
    expect(operation.result()).toBe(result);
    expect(lines()).toContain("certificate status is not available");
  });

  it.each([
    ["revoked", { [OCSP]: "revoked.der" }, "cert-revoked"],
    ["not found out", {}, "cert-validation-failed"],
  ])("is told to listeners where it is %s, with the certificate", async (_, servers: Servers, alert) => {
    const alerts: Alert[] = [];
    const prepare = async (sun: End): Promise<void> =>
      void sun.bus.addListener({ name: "alerts", alert: (_ikeSa, given) => void alerts.push(given) });
    const { pair } = await meet({ servers, prepare, remote: { revocation: "strict" } });
    const { der } = pair.moon.credentials.listCertificates().find(({ subject }) => subject === HOST)!;
    expect(alerts).toEqual([{ alert, subject: HOST, der }, { alert: "peer-auth-failed" }]);
  });

  it.each([
    ["good-by-plain.der", "ocsp response verification failed, no signer certificate 'CN=plain.example.org, O=Example' found"],
    ["good-by-other.der", "ocsp response verification failed, no signer certificate 'O=Elsewhere, CN=loaded responder' found"],
    ["unauthorized.der", "parsing ocsp response failed"],
    ["good.crl", "parsing ocsp response failed"],
    ["unknown.der", "ocsp check failed, fallback to crl"],
  ])("is not taken from an answer that is of no use: %s", async (name, line) => {
    const { operation, lines } = await meet({ servers: { [OCSP]: name }, remote: { revocation: "strict" } });
    expect(operation.result()).toBe("failed");
    expect(lines()).toContain(line);
    expect(lines()).toContain("certificate status is not available");
  });

  it("is not taken from an answer that was changed, or a list that is none", async () => {
    const { operation, lines } = await meet({
      servers: { [OCSP]: "good.der", [CRL]: "good.der" },
      remote: { revocation: "strict" },
      // The last digit of the time when it was produced.
      alter: (uri, octets) => (uri === OCSP ? octets.with(Buffer.from(octets).indexOf("20261127") + 13, 0x30) : octets),
    });
    expect(operation.result()).toBe("failed");
    expect(lines()).toContain("crl fetched successfully but parsing failed");
    expect(lines()).toContain("ocsp response verification failed, invalid signature");
  });

  it("is taken from a responder that was loaded", async () => {
    const { operation } = await meet({
      servers: { [OCSP]: "good-by-other.der" },
      remote: { revocation: "strict" },
      prepare: (sun) => sun.credentials.loadCertificate("ocsp", file("other.pem"), { isTrusted: false, isOcspSigner: true }),
    });
    expect(operation.result()).toBe("done");
  });

  it("is asked for at the places of the authority's section first", async () => {
    const place = "http://status.example.org/";
    const { operation, asked } = await meet({
      servers: { [place]: "good.der" },
      prepare: async (sun) => {
        const { fingerprint } = sun.credentials.listCertificates()[0]!;
        await sun.credentials.setAuthorityUris("ca", fingerprint, { crlUris: [], ocspUris: [place], certUriBase: undefined });
      },
    });
    expect(operation.result()).toBe("done");
    expect(asked()).toEqual([place]);
  });

  it.each([
    ["without the plugin", undefined, []],
    ["without OCSP", { ...BOTH, useOcsp: false }, [CRL]],
    ["without lists", { ...BOTH, useCrl: false }, [OCSP]],
  ] as const)("%s is asked for there only: %j %j", async (_, policy, uris) => {
    const servers = { [OCSP]: "good.der", [CRL]: "good.crl" };
    const { operation, asked } = await meet({
      servers,
      prepare: async (sun) => Promise.resolve(sun.shard.context.revocation.use(policy)),
    });
    expect(operation.result()).toBe("done");
    expect(asked()).toEqual(uris);
  });

  it("is not asked for where there is no trust in the certificate to begin with", async () => {
    const { pair, asked } = await meet({ servers: {}, prepare: (sun) => sun.credentials.removeSet("ca") });
    expect(asked()).toEqual([]);
    for (const end of pair.ends) expect(end.ikeSas).toEqual([]);
  });
});
