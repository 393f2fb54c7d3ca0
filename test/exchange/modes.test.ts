import type { ChildDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "./end.js";

type Mode = ChildDefinition["mode"];

const HOSTS = { moon: ["10.1.0.1/32"], sun: ["10.2.0.1/32"] };

/** Two ends that want these modes. */
async function negotiate(
  moon: Mode,
  sun: Mode,
  { isKnown = true, sunTs = HOSTS.sun }: { readonly isKnown?: boolean; readonly sunTs?: readonly string[] } = {},
): Promise<Pair> {
  const settings = { send_vendor_id: isKnown ? "yes" : "no" };
  const pair = new Pair({ moon: { settings }, sun: { settings } });
  const moonTs = { localTs: HOSTS.moon, remoteTs: sunTs, mode: moon };
  const sunSide = { localTs: sunTs, remoteTs: HOSTS.moon, mode: sun };
  pair.configure({ children: [usualChild("moon", "net", moonTs)] }, { children: [usualChild("sun", "net", sunSide)] });
  await pair.establish();
  expect(pair.ends.map(({ children }) => children.length)).toEqual([1, 1]);
  return pair;
}

/** What both ends and their kernels ended up with. */
function modes({ ends }: Pair): Set<Mode> {
  return new Set(
    ends.flatMap(({ children, kernel }) => [
      ...children.map(({ mode }) => mode),
      ...[...kernel.installed.values()].map(({ mode }) => mode),
    ]),
  );
}

describe("the mode of a CHILD_SA", () => {
  it.each(["tunnel", "transport", "beet"] as const)("is %s where both ends want that, also after rekeying", async (mode) => {
    const pair = await negotiate(mode, mode);
    expect(modes(pair)).toEqual(new Set([mode]));
    pair.moon.rekeyChild();
    await pair.run(10_000);
    expect(pair.ends.map(({ children }) => children.map(({ uniqueId }) => uniqueId))).toEqual([[2], [2]]);
    expect(modes(pair)).toEqual(new Set([mode]));
  });

  it.each(["transport", "beet"] as const)("is tunnel where the responder does not agree to %s", async (mode) => {
    const pair = await negotiate(mode, "tunnel");
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.moon.lines()).toContain(`peer selected tunnel mode instead of ${mode} mode`);
  });

  it.each(["transport", "beet"] as const)("is tunnel where only the responder wants %s", async (mode) => {
    expect(modes(await negotiate("tunnel", mode))).toEqual(new Set(["tunnel"]));
  });

  it("is tunnel where one wants transport and the other BEET", async () => {
    expect(modes(await negotiate("beet", "transport"))).toEqual(new Set(["tunnel"]));
    expect(modes(await negotiate("transport", "beet"))).toEqual(new Set(["tunnel"]));
  });

  it("is BEET only between hosts", async () => {
    const pair = await negotiate("beet", "beet", { sunTs: ["10.2.0.0/16"] });
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.sun.lines()).toContain("not using BEET mode, not host-to-host");
  });

  it("is BEET only between those who know each other, as the number is for private use", async () => {
    const pair = await negotiate("beet", "beet", { isKnown: false });
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.sun.lines()).toContain(
      "received a notify that may mean BEET mode, but the peer did not say that it is strongSwan, ignored",
    );
  });
});
