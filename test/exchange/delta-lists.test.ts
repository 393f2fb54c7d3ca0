import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CollectingTerminal } from "@cygnet/command/testing";
import { pkiCommand } from "@cygnet/pki";
import { authRound } from "@cygnet/plugin-api";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { Outcome } from "@cygnet/plugin-testkit/pair";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { whenSigned } from "./thread-pool.js";

const NOW = Date.UTC(2027, 0, 1);
const DAY_MS = 86_400_000;
const CRL = "http://crl.example.org/root.crl";
const DELTA = "http://crl.example.org/delta.crl";
const SERIAL = "4d";
const SUBJECT = "CN=host.example.org";

let directory: string;
const path = (name: string): string => join(directory, name);

/** Writes what `cygnet pki` makes at a time. */
async function pki(name: string, at: number, ...argv: readonly string[]): Promise<void> {
  const terminal = new CollectingTerminal();
  const write = (octets: Uint8Array): void => writeFileSync(path(name), octets);
  const system = { readInput: () => Buffer.alloc(0), write, now: () => at, askPassphrase: () => Promise.resolve(undefined) };
  expect([await pkiCommand(argv, terminal, system), terminal.errors]).toEqual([0, ""]);
}

const signList = (name: string, at: number, days: number, ...argv: readonly string[]): Promise<void> =>
  pki(name, at, "--signcrl", "--cacert", path("ca.crt"), "--cakey", path("ca.key"), "--lifetime", String(days), ...argv);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-delta-"));
  for (const key of ["ca.key", "host.key"]) await pki(key, NOW, "--gen", "--type", "ecdsa", "--size", "256");
  const before = NOW - DAY_MS;
  await pki("ca.crt", before, "--self", "--ca", "--in", path("ca.key"), "--type", "ecdsa", "--dn", "CN=root");
  const ca = ["--cacert", path("ca.crt"), "--cakey", path("ca.key")];
  const names = ["--dn", SUBJECT, "--san", "host.example.org", "--serial", SERIAL, "--crl", CRL];
  await pki("host.crt", before, "--issue", ...ca, "--in", path("host.key"), "--type", "ecdsa", ...names);
  await signList("base.crl", before, 10, "--crluri", DELTA);
  await signList("held.crl", before, 10, "--crluri", DELTA, "--reason", "certificate-hold", "--serial", SERIAL);
  await signList("second.crl", before + 1000, 10, "--crluri", DELTA, "--lastcrl", path("base.crl"));
  await signList("good.delta", NOW - 1000, 2, "--basecrl", path("base.crl"));
  await signList("later.delta", NOW - 1000, 2, "--basecrl", path("second.crl"));
  await signList("revoked.delta", NOW - 1000, 2, "--basecrl", path("base.crl"), "--reason", "superseded", "--serial", SERIAL);
  await signList("old.delta", NOW - 3 * 3_600_000, 1, "--basecrl", path("base.crl"));
  await signList("hold.delta", NOW - 1000, 2, "--basecrl", path("base.crl"), "--reason", "certificate-hold", "--serial", SERIAL);
  writeFileSync(path("released.delta"), released(readFileSync(path("hold.delta")), readFileSync(path("ca.key"))));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Where the DER element at an offset has its content, and where it ends. */
function elementAt(octets: Buffer, at: number): { readonly content: number; readonly end: number } {
  const first = octets[at + 1]!;
  const size = first < 0x80 ? 0 : first & 0x7f;
  const content = at + 2 + size;
  return { content, end: content + (size === 0 ? first : octets.readUIntBE(at + 2, size)) };
}

/** The list with removeFromCRL, which pki does not give as a reason, in place of certificateHold, signed again. */
function released(list: Buffer, key: Buffer): Buffer {
  const { content } = elementAt(list, 0);
  const tbs = Buffer.from(list.subarray(content, elementAt(list, content).end));
  tbs[tbs.indexOf("0a0106", "hex") + 2] = 8;
  const algorithm = list.subarray(content + tbs.length, elementAt(list, content + tbs.length).end);
  const signature = sign("sha256", tbs, createPrivateKey({ key, format: "der", type: "sec1" }));
  const all = Buffer.concat([tbs, algorithm, Buffer.of(0x03, signature.length + 1, 0), signature]);
  return Buffer.concat([
    all.length < 256 ? Buffer.of(0x30, 0x81) : Buffer.of(0x30, 0x82, all.length >> 8),
    Buffer.of(all.length & 0xff),
    all,
  ]);
}

/** Moon proves itself with the certificate, sun looks it up in what servers have, by URI. */
async function meet(servers: Readonly<Record<string, string>>) {
  const pair = new Pair();
  pair.clock.setWall(NOW);
  const asked: string[] = [];
  const { moon, sun } = pair;
  const has = new Map(Object.entries(servers));
  sun.fetchers.add("test", ["http://"], {
    fetch: ({ uri }) => {
      asked.push(uri);
      const name = has.get(uri);
      return name === undefined ? Promise.reject(new Error("connection refused")) : Promise.resolve(readFileSync(path(name)));
    },
  });
  sun.shard.context.revocation.use({ useCrl: true, useOcsp: true, timeoutMs: 1000 });
  const load = (end: typeof moon, name: string, isTrusted: boolean) =>
    end.credentials.loadCertificate("set", readFileSync(path(name)), { isTrusted });
  for (const end of pair.ends) {
    await load(end, "ca.crt", true);
    await end.credentials.replaceSecrets("psk", [{ type: "IKE", owners: [], secret: Uint8Array.of(1) }]);
  }
  const { fingerprint } = await load(moon, "host.crt", false);
  await moon.credentials.loadPrivateKey("own", readFileSync(path("host.key")));
  const psk = authRound({ auth: "psk", id: "sun" });
  const local = authRound({ auth: "pubkey", id: "host.example.org", certificates: [fingerprint] });
  const remote = authRound({ auth: "pubkey", revocation: "strict" });
  pair.configure({ local: [local], remote: [psk] }, { local: [psk], remote: [remote] });
  const again = async (): Promise<Outcome> => {
    for (const end of pair.ends) for (const ikeSa of end.ikeSas) end.manager.destroy(ikeSa);
    return whenSigned(pair, moon.initiate("net"));
  };
  return { sun, again, asked, has, lines: () => sun.lines(), result: (await again()).result() };
}

describe("a delta CRL", () => {
  it("is fetched where the list says, once for as long as it holds", async () => {
    const { again, asked, lines, result, sun } = await meet({ [CRL]: "base.crl", [DELTA]: "good.delta" });
    expect(result).toBe("done");
    expect(lines()).toEqual(
      expect.arrayContaining([
        `  fetching crl from '${CRL}' ...`,
        '  crl correctly signed by "CN=root"',
        `  fetching delta crl from '${DELTA}' ...`,
        '  delta crl correctly signed by "CN=root"',
        "certificate status is good",
      ]),
    );
    expect((await again()).result()).toBe("done");
    expect(asked).toEqual([CRL, DELTA]);
    expect(lines()).toContain("  using cached delta crl");
    expect(sun.credentials.listRevocationLists().map(({ number, baseNumber }) => [number, baseNumber])).toEqual([
      ["01", undefined],
      ["02", "01"],
    ]);
  });

  it("revokes what the list does not", async () => {
    const { lines, result } = await meet({ [CRL]: "base.crl", [DELTA]: "revoked.delta" });
    expect(result).toBe("failed");
    expect(lines()).toContainEqual(expect.stringMatching(/^certificate was revoked on .* 2026, reason: superseded$/));
  });

  it("takes back what the list has on hold", async () => {
    expect((await meet({ [CRL]: "held.crl" })).result).toBe("failed");
    expect((await meet({ [CRL]: "held.crl", [DELTA]: "good.delta" })).result).toBe("failed");
    expect((await meet({ [CRL]: "held.crl", [DELTA]: "released.delta" })).result).toBe("done");
  });

  it("counts for nothing where it adds to a later list, and the list stands for itself", async () => {
    const { lines, result } = await meet({ [CRL]: "base.crl", [DELTA]: "later.delta" });
    expect(result).toBe("done");
    expect(lines()).toContain("  delta crl does not belong to the crl");
    expect((await meet({ [CRL]: "base.crl" })).result).toBe("done");
  });

  it("counts for a list that is newer than its base", async () => {
    const { lines, result } = await meet({ [CRL]: "second.crl", [DELTA]: "revoked.delta" });
    expect(result).toBe("failed");
    expect(lines()).toContainEqual(expect.stringContaining("reason: superseded"));
  });

  it("is not taken for the list itself, nor a list for it", async () => {
    const swapped = await meet({ [CRL]: "good.delta", [DELTA]: "base.crl" });
    expect(swapped.result).toBe("failed");
    expect(swapped.lines()).toContain("it is a delta crl where a complete one belongs");
    const twice = await meet({ [CRL]: "base.crl", [DELTA]: "base.crl" });
    expect(twice.result).toBe("done");
    expect(twice.lines()).toContain("it is no delta crl");
  });

  it("of files counts as one that was fetched, and keeps an old list in use", async () => {
    const { sun, again, asked, has } = await meet({ [CRL]: "base.crl", [DELTA]: "good.delta" });
    has.clear();
    await sun.credentials.loadRevocationList("files", readFileSync(path("revoked.delta")));
    await sun.credentials.flushFetched("crl");
    await sun.credentials.loadRevocationList("files", readFileSync(path("base.crl")));
    expect((await again()).result()).toBe("failed");
    expect(asked).toEqual([CRL, DELTA]);
    expect(sun.lines()).toContainEqual(expect.stringContaining("reason: superseded"));
  });
});
