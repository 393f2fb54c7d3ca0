import { readFileSync } from "node:fs";
import { join } from "node:path";
import { authRound, peerDefinition } from "@cygnet/plugin-api";
import type { AuthRound, IkeSaView, MaybePromise } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty, expectUp } from "./expectations.js";
import { whenSigned } from "./thread-pool.js";

const VECTORS = join(import.meta.dirname, "../certificates/vectors/status");
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(VECTORS, name)));
const NOW = Date.UTC(2027, 0, 1);

const psk = (id: string): AuthRound => authRound({ auth: "psk", id });

/** What the two ends prove themselves with, each other configured to ask for just that if it is not given. */
interface Rounds {
  readonly moon: readonly AuthRound[];
  readonly sun: readonly AuthRound[];
  readonly fromMoon?: readonly AuthRound[];
  readonly fromSun?: readonly AuthRound[];
}

async function meet(
  { moon, sun, fromMoon = moon, fromSun = sun }: Rounds,
  options: ConstructorParameters<typeof Pair>[0] = {},
  prepare: (pair: Pair) => void = () => undefined,
) {
  const pair = new Pair(options);
  prepare(pair);
  pair.clock.setWall(NOW);
  for (const end of pair.ends) for (const name of ["a", "b", "c", "host.example.org"]) end.secret(`secret of ${name}`, name);
  for (const end of pair.ends) await end.credentials.loadCertificate("ca", file("root.pem"), { isTrusted: true });
  await pair.moon.credentials.loadCertificate("own", file("host.pem"), { isTrusted: false });
  await pair.moon.credentials.loadPrivateKey("own", file("host.key"));
  pair.configure({ local: moon, remote: fromSun }, { local: sun, remote: fromMoon });
  const operation = pair.moon.initiate("net");
  await whenSigned(pair, operation);
  return { pair, result: operation.result() };
}

describe("several authentication rounds", () => {
  it.each([
    [2, 1],
    [1, 2],
    [2, 2],
    [3, 1],
    [1, 3],
    [3, 2],
  ])("of the initiator (%i) and the responder (%i) set one IKE_SA up, with its CHILD_SA at the end", async (own, other) => {
    const rounds = (count: number) => ["a", "b", "c"].slice(0, count).map(psk);
    const { pair, result } = await meet({ moon: rounds(own), sun: rounds(other) });
    expect(result).toBe("done");
    expectUp(pair);
    expectAgreed(pair);
    const last = Math.max(own, other);
    expect(pair.moon.lines().filter((line) => line.startsWith("generating IKE_AUTH request"))).toHaveLength(last);
    expect(
      pair.sun
        .lines()
        .filter((line) => line.startsWith("generating IKE_AUTH response"))
        .at(-1),
    ).toMatch(/ SA TSi TSr /);
    const [moon, sun] = ["abc"[own - 1], "abc"[other - 1]];
    expect(pair.sun.lines().some((line) => line.endsWith(`established between 192.0.2.2[${sun}]...192.0.2.1[${moon}]`))).toBe(
      true,
    );
  });

  it.each([
    [[true, true, true], "done", ["a", "b", "b finally"]],
    [[false], "failed", ["a"]],
    [[true, false], "failed", ["a", "b"]],
    [[true, true, false], "failed", ["a", "b", "b finally"]],
  ] as const)("are put to listeners each, and finally all of them: %j is %s", async (answers, expected, asked) => {
    for (const isSlow of [false, true]) {
      const seen: string[] = [];
      const authorize = ({ remoteId }: IkeSaView, final: boolean): MaybePromise<boolean> => {
        const answer = answers[seen.length]!;
        seen.push(`${remoteId}${final ? " finally" : ""}`);
        return isSlow ? Promise.resolve(answer) : answer;
      };
      const prepare = ({ sun }: Pair): void => void sun.bus.addListener({ name: "bouncer", authorize });
      const { pair, result } = await meet({ moon: [psk("a"), psk("b")], sun: [psk("c")] }, {}, prepare);
      expect([result, seen]).toEqual([expected, asked]);
      if (expected === "done") continue;
      for (const end of pair.ends) expectEmpty(end);
      expect(pair.sun.lines()).toContain(`${answers.length > 2 ? "final " : ""}authorization hook forbids IKE_SA, cancelling`);
    }
  });

  it("are a certificate, then a key", async () => {
    const certificate = authRound({ auth: "pubkey", id: "host.example.org" });
    const { pair, result } = await meet({ moon: [certificate, psk("b")], sun: [psk("a")] });
    expect(result).toBe("done");
    expect(pair.sun.lines()).toEqual(
      expect.arrayContaining([
        "authentication of 'host.example.org' with ECDSA_WITH_SHA256_DER successful",
        "authentication of 'b' with pre-shared key successful",
      ]),
    );
    expect(pair.moon.lines()).toContain(
      "generating IKE_AUTH request 1 [ IDi CERT N(INIT_CONTACT) IDr AUTH SA TSi TSr N(MULT_AUTH) N(AUTH_FOLLOWS) ]",
    );
    expect(pair.moon.lines()).toContain("generating IKE_AUTH request 2 [ IDi AUTH ]");
  });

  it.each([
    ["fewer than asked for", ["a"], ["a", "b"], "constraint requires 2 authentication rounds, peer has 1"],
    ["more than asked for", ["a", "b"], ["a"], "constraint requires one authentication round, peer has more"],
  ])("%s of the initiator are refused", async (_, moon, fromMoon, line) => {
    const { pair, result } = await meet({ moon: moon.map(psk), sun: [psk("a")], fromMoon: fromMoon.map(psk) });
    expect(result).toBe("failed");
    expect(pair.sun.lines()).toContain(line);
    for (const end of pair.ends) expectEmpty(end);
  });

  it.each([
    ["fewer than asked for", ["a"], ["a", "b"], "constraint requires 2 authentication rounds, peer has 1"],
    ["more than asked for", ["a", "b"], ["a"], "constraint requires one authentication round, peer has more"],
  ])("%s of the responder are refused", async (_, sun, fromSun, line) => {
    const { pair, result } = await meet({ moon: [psk("a")], sun: sun.map(psk), fromSun: fromSun.map(psk) });
    expect(result).toBe("failed");
    expect(pair.moon.lines()).toContain(line);
    // The responder waits for the initiator's next round until it gives up.
    await pair.run(60_000);
    for (const end of pair.ends) expectEmpty(end);
  });

  it("are refused where the second identity is not the right one", async () => {
    const wrongId = await meet({ moon: ["a", "b"].map(psk), sun: [psk("a")], fromMoon: ["a", "c"].map(psk) });
    expect(wrongId.result).toBe("failed");
    expect(wrongId.pair.sun.lines()).toContain("IDii 'b' does not match to 'c'");
    for (const end of wrongId.pair.ends) expectEmpty(end);
  });

  it("need a peer that can do them", async () => {
    const { pair, result } = await meet(
      { moon: ["a", "b"].map(psk), sun: [psk("a")] },
      { sun: { settings: { multiple_authentication: "no" } } },
    );
    expect(result).toBe("failed");
    expect(pair.moon.lines()).toContain("2 authentication rounds are configured for 'a', peer does not support them");
  });

  it("choose a connection by how many there are", async () => {
    const pair = new Pair();
    for (const end of pair.ends) end.secret("secret", "a", "b", "c");
    const rounds = ["a", "b"].map(psk);
    pair.configure({ local: rounds, remote: [psk("c")] }, { local: [psk("c")], remote: [psk("a")] });
    const both = { localAddresses: ["192.0.2.2"], remoteAddresses: ["192.0.2.1"], proposals: ["aes128-sha1-modp768"] };
    pair.sun.connection(peerDefinition("both", { ...both, local: [psk("c")], remote: rounds, children: [usualChild("sun")] }));
    await pair.establish();
    expect(pair.sun.ikeSas.map(({ peerConfig }) => peerConfig!.name)).toEqual(["both"]);
  });
});
