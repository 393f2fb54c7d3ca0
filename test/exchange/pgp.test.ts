import { readPgpCertificate, readPgpPrivateKey } from "@cygnet/plugin-pgp";
import { authRound } from "@cygnet/plugin-api";
import type { AuthRound } from "@cygnet/plugin-api";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expect, describe, it } from "vitest";
import { makeKey } from "../../plugins/pgp/test/openpgp-keys.js";
import { whenSigned } from "./thread-pool.js";

/** 2023. */
const CREATED_S = 1_700_000_000;
const NOW = CREATED_S * 1000 + 5 * 86_400_000;
const USER_ID = "moon <moon@example.org>";
const BY_USER_ID = `keyid:${USER_ID}`;

interface Case {
  /** Identity of moon. */
  readonly id?: string;
  readonly made?: ReturnType<typeof makeKey>;
  readonly remote?: Partial<AuthRound>;
  /** Sun has the key. */
  readonly isLoaded?: boolean;
  readonly sends?: "always" | "ifasked";
}

/** Moon proves itself with an OpenPGP key, sun with a secret. */
async function meet({ id = BY_USER_ID, made = makeKey(), remote = {}, isLoaded = true, sends = "ifasked" }: Case = {}) {
  const pair = new Pair();
  pair.clock.setWall(NOW);
  const { moon, sun } = pair;
  const certificate = readPgpCertificate(made.certificate);
  const { fingerprint } = await moon.credentials.loadPgpKey("own", certificate);
  await moon.credentials.loadPrivateKey("own", readPgpPrivateKey(made.secret));
  if (isLoaded) await sun.credentials.loadPgpKey("peers", certificate);
  for (const end of pair.ends)
    await end.credentials.replaceSecrets("psk", [{ type: "IKE", owners: [], secret: Uint8Array.of(1) }]);
  const psk = authRound({ auth: "psk", id: "sun" });
  pair.configure(
    { local: [authRound({ auth: "pubkey", id, certificates: [fingerprint] })], remote: [psk], sendCertificates: sends },
    { local: [psk], remote: [authRound({ auth: "pubkey", ...remote })] },
  );
  const operation = moon.initiate("net");
  await whenSigned(pair, operation);
  return { pair, sun, moon, fingerprint, result: operation.result(), lines: sun.lines() };
}

describe("an OpenPGP key", () => {
  it.each([3, 4])("of version %i authenticates by its user id and by its fingerprint", async (version) => {
    const made = makeKey({ version, created: CREATED_S });
    for (const id of [BY_USER_ID, `@#${made.digest.toString("hex")}`]) {
      const { result, lines } = await meet({ id, made });
      expect(result).toBe("done");
      expect(lines).toContain(`  using trusted certificate "${USER_ID}"`);
    }
  });

  it("proves no other identity, and nothing where it was not loaded or was taken out", async () => {
    expect((await meet({ id: "keyid:sun <sun@example.org>" })).result).toBe("failed");
    const { result, lines } = await meet({ isLoaded: false, sends: "always" });
    expect(result).toBe("failed");
    expect(lines).toContain("ignoring a PGP certificate that was not loaded");
    expect(lines).toContain(`no trusted RSA public key found for '${USER_ID}'`);
    const { sun, pair, moon } = await meet();
    await sun.credentials.removeSet("peers");
    expect(sun.credentials.listPgpKeys()).toEqual([]);
    for (const end of pair.ends) for (const ikeSa of end.ikeSas) end.manager.destroy(ikeSa);
    const again = moon.initiate("net");
    for (let i = 0; i < 10_000 && again.result() === undefined; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await pair.run(0.01, 1);
    }
    expect(again.result()).toBe("failed");
  });

  it("is not enough where a connection names another certificate or an authority", async () => {
    const other = readPgpCertificate(makeKey({ userIds: ["other"] }).certificate);
    const pair = new Pair();
    const { fingerprint } = await pair.sun.credentials.loadPgpKey("x", other);
    expect((await meet({ remote: { certificates: [fingerprint] } })).result).toBe("failed");
    expect((await meet({ remote: { caNames: ["CN=root"] } })).result).toBe("failed");
    expect((await meet({ remote: { revocation: "strict" } })).result).toBe("failed");
    expect((await meet({ remote: { certificates: [(await meet()).fingerprint] } })).result).toBe("done");
  });

  it("is not trusted before it was made, nor after it has expired", async () => {
    const expired = await meet({ made: makeKey({ version: 3, days: 4, created: CREATED_S }) });
    expect(expired.result).toBe("failed");
    expect(expired.lines).toContainEqual(expect.stringMatching(/^subject certificate invalid \(valid from Nov 14 .* to Nov 18 /));
    expect((await meet({ made: makeKey({ version: 3, days: 6, created: CREATED_S }) })).result).toBe("done");
    expect((await meet({ made: makeKey({ created: CREATED_S + 6 * 86_400 }) })).result).toBe("failed");
  });

  it.each(["always", "ifasked"] as const)("is sent only where the connection always wants that: %s", async (sends) => {
    const { lines, moon } = await meet({ sends });
    const isSent = sends === "always";
    expect(moon.lines().includes(`sending end entity cert "${USER_ID}"`)).toBe(isSent);
    expect(lines.includes(`received end entity cert "${USER_ID}"`)).toBe(isSent);
  });

  it("is listed, and known to shards that start later", async () => {
    const { moon, sun } = await meet();
    expect(moon.credentials.listPgpKeys()).toMatchObject([
      { set: "own", subject: USER_ID, until: undefined, hasPrivateKey: true },
    ]);
    expect(sun.credentials.listPgpKeys()).toMatchObject([{ hasPrivateKey: false, publicKey: { kind: "RSA", bits: 1024 } }]);
    expect(sun.credentials.snapshot().filter(({ op }) => op === "pgp")).toHaveLength(1);
  });
});
