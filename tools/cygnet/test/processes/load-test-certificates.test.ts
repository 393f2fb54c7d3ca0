import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, testFolder } from "./cli-process.js";

const SESSIONS = 12;

/** An authority in files, made by `cygnet pki`. */
async function makeAuthority(folder: string, type: readonly string[], dn: string): Promise<{ cert: string; key: string }> {
  const files = { cert: join(folder, `${dn}.crt`), key: join(folder, `${dn}.key`) };
  const make = async (path: string, args: readonly string[]): Promise<void> => {
    const { code, output, errors } = await run(["pki", ...args, "--outform", "pem"]);
    expect([code, errors]).toEqual([0, ""]);
    writeFileSync(path, output);
  };
  await make(files.key, ["--gen", ...type]);
  await make(files.cert, ["--self", "--ca", "--in", files.key, "--dn", dn]);
  return files;
}

/** Sets sessions up between two daemons, whose logs it returns. */
async function loadTest(folder: string, settings: string, args: readonly string[] = []) {
  const conf = join(folder, "own.conf");
  writeFileSync(conf, `charon {\n${settings}\n}\n`);
  const logs = join(folder, "logs");
  const all = ["--sessions", String(SESSIONS), "--conf", conf, "--keep-logs", logs, "--no-statusall", ...args];
  const { code, output } = await run(["load-test", ...all]);
  const log = (role: string): string => readFileSync(join(logs, role, "charon.log"), "utf8");
  return { code, output, initiator: log("initiator"), responder: log("responder") };
}

describe("cygnet load-test with certificates", () => {
  it.each([1, 3])("has them from the authority that is built in, on %i shards at each side", async (shards) => {
    const { code, output, initiator, responder } = await loadTest(testFolder(), `shards = ${shards}`, ["--auth", "pubkey"]);
    expect([code, output]).toEqual([0, expect.stringContaining(`${SESSIONS} of ${SESSIONS} set up, 0 failed`)]);
    const identities = (log: string, who: string): Set<string> => {
      const lines = log.matchAll(
        /authentication of '(CN=c\d+-r1, OU=load-test, O=strongSwan)'( \(myself\))? with (\S+) successful/g,
      );
      const found = [...lines].filter(([, , by = "", scheme]) => by === who && scheme === "RSA_EMSA_PKCS1_SHA2_256");
      return new Set(found.map(([, id]) => id));
    };
    expect(identities(responder, "").size).toBe(SESSIONS);
    expect(identities(initiator, " (myself)")).toEqual(identities(responder, ""));
    expect(responder).toContain(
      "authentication of 'CN=srv, OU=load-test, O=strongSwan' (myself) with RSA_EMSA_PKCS1_SHA2_256 successful",
    );
  });

  it.each([
    ["rsa", "RSA_EMSA_PKCS1_SHA2_256", ["--type", "rsa", "--size", "2048"]],
    ["ecdsa", "ECDSA_WITH_SHA256_DER", ["--type", "ecdsa", "--size", "256"]],
  ])("has them from an authority of cygnet pki (%s), in a round of several", async (_, scheme, type) => {
    const folder = testFolder();
    const { cert, key } = await makeAuthority(folder, type, "CN=Test CA");
    const options = `issuer_cert = "${cert}"\n issuer_key = "${key}"\n digest = sha256\n ca_dir = "${folder}"`;
    const rounds = "initiator_auth = psk|pubkey\n responder_auth = pubkey";
    const { code, output, responder } = await loadTest(
      folder,
      `shards = 2\n plugins { load-tester {\n${options}\n${rounds}\n} }`,
    );
    expect([code, output]).toEqual([0, expect.stringContaining(`${SESSIONS} of ${SESSIONS} set up, 0 failed`)]);
    expect(responder).toContain("authentication of 'c1-r1.strongswan.org' with pre-shared key successful");
    expect(responder).toContain(`authentication of 'CN=c1-r2, OU=load-test, O=strongSwan' with ${scheme} successful`);
    expect(responder).toContain(`authentication of 'CN=srv, OU=load-test, O=strongSwan' (myself) with ${scheme} successful`);
    expect(responder).toContain('using trusted ca certificate "CN=Test CA"');
    expect(responder).toContain(`loading load-tester CA certificate '${key}' failed: `);
  });

  it("says which option is wrong where a daemon does not take the issuer", async () => {
    const folder = testFolder();
    const conf = join(folder, "own.conf");
    writeFileSync(conf, "charon { plugins { load-tester { issuer_cert = /nowhere } } }\n");
    const { code, errors } = await run(["load-test", "--sessions", "1", "--auth", "pubkey", "--conf", conf]);
    expect(code).not.toBe(0);
    expect(errors).toContain("issuer_cert and issuer_key belong together");
  });
});
