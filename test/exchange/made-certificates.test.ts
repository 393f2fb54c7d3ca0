import { readFileSync } from "node:fs";
import { join } from "node:path";
import { authRound } from "@cygnet/plugin-api";
import type { AuthRound, CredentialSource } from "@cygnet/plugin-api";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";
import { expectAgreed, expectUp } from "./expectations.js";
import { whenSigned } from "./thread-pool.js";

const VECTORS = join(import.meta.dirname, "../certificates/vectors/status");
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(VECTORS, name)));
const der = (name: string): Uint8Array =>
  new Uint8Array(
    Buffer.from(
      Buffer.from(file(name))
        .toString("latin1")
        .replaceAll(/-----[^-]+-----/g, ""),
      "base64",
    ),
  );
const NOW = Date.UTC(2027, 0, 1);
const HOST = der("host.pem");

const host = (given: Partial<AuthRound> = {}): AuthRound => authRound({ auth: "pubkey", id: "host.example.org", ...given });
const psk = (id: string): AuthRound => authRound({ auth: "psk", id });

/** What `from` does to prove itself with a certificate that only its sources have; the other one uses PSK. */
interface Proof {
  readonly sources: readonly CredentialSource["certificateFor"][];
  readonly from?: "moon" | "sun";
  readonly rounds?: readonly AuthRound[];
  readonly prepare?: (end: End) => Promise<unknown>;
}

const loadKey = (end: End) => end.credentials.loadPrivateKey("own", file("host.key"));

async function prove({ sources, from = "moon", rounds = [host()], prepare = loadKey }: Proof) {
  const pair = new Pair();
  pair.clock.setWall(NOW);
  const prover = pair[from];
  const asked: string[] = [];
  for (const end of pair.ends) {
    end.secret("secret", "other");
    end.secret("secret of b", "b");
    await end.credentials.loadCertificate("ca", file("root.pem"), { isTrusted: true });
  }
  await prepare(prover);
  sources.forEach((certificateFor, i) => {
    const asking: CredentialSource["certificateFor"] = (id) => {
      asked.push(`${i} ${id}`);
      return certificateFor(id);
    };
    prover.shard.context.sources.addSource({ name: `acme${i}`, certificateFor: asking });
  });
  const other = [psk("other")];
  const [moon, sun] = from === "moon" ? [rounds, other] : [other, rounds];
  pair.configure({ local: moon, remote: sun }, { local: sun, remote: moon });
  const operation = pair.moon.initiate("net");
  await whenSigned(pair, operation);
  return { pair, prover, asked, result: operation.result() };
}

describe("a certificate that a plugin makes", () => {
  it.each(["moon", "sun"] as const)("authenticates %s, at once or later", async (from) => {
    for (const sources of [[() => HOST], [async () => HOST]]) {
      const { pair, prover, asked, result } = await prove({ sources, from });
      expect(result).toBe("done");
      expectUp(pair);
      expectAgreed(pair);
      expect(asked).toEqual(["0 host.example.org"]);
      expect(prover.lines().some((line) => line.startsWith("sending end entity cert "))).toBe(true);
    }
  });

  it("is asked for in each round, and of one source after the other", async () => {
    const { asked, result } = await prove({
      sources: [() => undefined, (id) => (String(id) === "host.example.org" ? HOST : undefined)],
      rounds: [psk("b"), host()],
    });
    expect([result, asked]).toEqual(["done", ["0 host.example.org", "1 host.example.org"]]);
  });

  it("is not asked for where one was loaded, where the connection names another, and for other proofs", async () => {
    const load = async (end: End) => {
      await loadKey(end);
      await end.credentials.loadCertificate("own", file("host.pem"), { isTrusted: false });
    };
    const sources = [() => HOST];
    expect(await prove({ sources, prepare: load })).toMatchObject({ asked: [], result: "done" });
    expect(await prove({ sources, rounds: [host({ certificates: ["00"] })] })).toMatchObject({ asked: [], result: "failed" });
    expect(await prove({ sources, rounds: [psk("b")] })).toMatchObject({ asked: [], result: "done" });
  });

  it.each([
    ["has no key", () => HOST, async () => undefined, "its private key was not loaded"],
    ["is for somebody else", () => der("root.pem"), loadKey, "it is for 'CN=OCSP Root, O=Example'"],
    ["is none", () => Uint8Array.of(1, 2, 3), loadKey, "it is no X.509 certificate"],
  ])("is refused where it %s, with a line", async (_, certificateFor, prepare, reason) => {
    const { prover, result } = await prove({ sources: [certificateFor], prepare });
    expect(result).toBe("failed");
    const begin = "certificate of credential source 'acme0' for 'host.example.org' cannot be used: ";
    const found = prover.lines().filter((line) => line.startsWith(begin));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
    expect(prover.lines()).toContain("no private key found for 'host.example.org'");
  });

  it("goes without a source that fails, which is named", async () => {
    const failing = () => {
      throw new Error("out of ink");
    };
    for (const broken of [failing, async () => failing()]) {
      const { prover, result } = await prove({ sources: [broken, () => HOST] });
      expect(result).toBe("done");
      expect(prover.lines()).toContain("credential source 'acme0' failed on certificateFor: out of ink");
    }
  });

  it("is no longer asked for once its source is gone, and the loaded ones with a key are known by their set", async () => {
    const pair = new Pair();
    const { sources } = pair.moon.shard.context;
    const remove = sources.addSource({ name: "acme", certificateFor: () => HOST });
    expect(sources.isEmpty).toBe(false);
    await remove();
    await remove();
    expect(sources.isEmpty).toBe(true);
    const { credentials } = pair.moon;
    await credentials.loadCertificate("own", file("root.pem"), { isTrusted: true });
    await credentials.loadCertificate("own", file("host.pem"), { isTrusted: false });
    await credentials.loadPrivateKey("own", file("host.key"));
    const [own, ...more] = sources.ownCertificates("own");
    expect(more).toEqual([]);
    expect(own.certificate).toMatchObject({ altNames: ["host.example.org"], hasPrivateKey: true });
    expect(own.key.kind).toBe("ECDSA");
    expect(sources.ownCertificates("other")).toEqual([]);
  });
});
