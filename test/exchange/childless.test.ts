import { ChildSaState } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";

type Childless = PeerDefinition["childless"];

async function between(moon: Childless, sun: Childless): Promise<Pair> {
  const pair = new Pair();
  pair.configure({ childless: moon }, { childless: sun }, { proposals: ["aes128-sha1-modp768"] });
  await pair.establish();
  return pair;
}

const exchanges = (pair: Pair): string[] =>
  pair.moon.lines().flatMap((line) => /^generating (\S+) request/.exec(line)?.slice(1) ?? []);

it.each([
  ["prefer", "allow"],
  ["force", "allow"],
  ["prefer", "force"],
  ["force", "prefer"],
] as const)(
  "%s at the initiator and %s at the responder make the CHILD_SA after IKE_AUTH, with a key exchange",
  async (moon, sun) => {
    const pair = await between(moon, sun);
    expectUp(pair);
    expect(exchanges(pair)).toEqual(["IKE_SA_INIT", "IKE_AUTH", "CREATE_CHILD_SA"]);
    expect(pair.moon.lines()).toContain("generating IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH N(MULT_AUTH) ]");
    expect(pair.moon.children[0]!.proposal!.firstKe).toBeDefined();
  },
);

it.each([
  ["allow", "allow"],
  ["allow", "never"],
  ["prefer", "never"],
  ["never", "allow"],
] as const)("%s at the initiator and %s at the responder make it with IKE_AUTH", async (moon, sun) => {
  const pair = await between(moon, sun);
  expectUp(pair);
  expect(exchanges(pair)).toEqual(["IKE_SA_INIT", "IKE_AUTH"]);
});

it("fails where one end insists on it and the other does not do it", async () => {
  for (const [moon, sun, text, end] of [
    ["force", "never", "peer does not support childless IKE_SA initiation", "moon"],
    ["allow", "force", "childless initiation is required, refusing IKE_SA", "sun"],
  ] as const) {
    const pair = await between(moon, sun);
    expect(pair[end].lines()).toContain(text);
    await pair.run(40_000, 100);
    for (const one of pair.ends) expect(one.ikeSas).toHaveLength(0);
  }
});

it("is not allowed with `never` where the initiator wants an IKE_SA alone", async () => {
  const pair = new Pair();
  pair.configure({}, { childless: "never" });
  pair.moon.initiate(undefined);
  await pair.run();
  expect(pair.sun.lines()).toContain("childless initiation is not allowed, refusing IKE_SA");
  expect(pair.moon.ikeSas).toHaveLength(0);
});

it("goes on with what the first CHILD_SA is refused for", async () => {
  const pair = new Pair();
  pair.configure({ childless: "prefer" }, {}, { remoteTs: ["192.168.0.0/16"], localTs: ["192.168.0.0/16"] });
  await pair.establish();
  for (const end of pair.ends) expect(end.children.filter(({ state }) => state === ChildSaState.INSTALLED)).toHaveLength(1);
});

it.each([
  ["neither insists on", ["aes128-sha1-modp768-none"], ["aes128-sha1"], false],
  ["the responder wants", ["aes128-sha1-modp768-none"], ["aes128-sha1-modp768"], true],
])("a key exchange that %s is in the CHILD_SA's own exchange if at all", async (_, moon, sun, hasKe) => {
  const pair = new Pair();
  pair.configure(
    { childless: "force", children: [usualChild("moon", "net", { proposals: moon })] },
    { children: [usualChild("sun", "net", { proposals: sun })] },
  );
  await pair.establish();
  expectUp(pair);
  expect(pair.moon.lines()).toContain("generating CREATE_CHILD_SA request 2 [ SA No KE TSi TSr ]");
  expect(pair.moon.children[0]!.proposal!.firstKe !== undefined).toBe(hasKe);
});

it("a responder that leaves a key exchange out that we insist on is refused", async () => {
  const pair = new Pair();
  const ends = {
    moon: usualChild("moon", "net", { proposals: ["aes128-sha1-modp768"] }),
    sun: usualChild("sun", "net", { proposals: ["aes128-sha1"] }),
  };
  pair.configure({ childless: "force", children: [ends.moon] }, { children: [ends.sun] });
  await pair.establish();
  expectUp(pair, 0);
});
