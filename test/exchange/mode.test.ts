import { describe, expect, it } from "vitest";
import { Pair } from "./end.js";
import { expectUp } from "./expectations.js";

const HOSTS = {
  moon: { localTs: ["192.0.2.1/32"], remoteTs: ["192.0.2.2/32"] },
  sun: { localTs: ["192.0.2.2/32"], remoteTs: ["192.0.2.1/32"] },
};

type Mode = "tunnel" | "transport" | "beet";

async function agreed(moon: Mode, sun: Mode, vendorId: "yes" | "no" = "yes", hosts = true) {
  const settings = { send_vendor_id: vendorId };
  const pair = new Pair({ moon: { settings }, sun: { settings } });
  pair.configure();
  const [ofMoon, ofSun] = pair.ends.map((end) => end.shard.context.configs.peerByName("net")!.definition);
  const withMode = (definition: typeof ofMoon, end: "moon" | "sun", mode: Mode) => ({
    ...definition!,
    children: definition!.children.map((child) => ({ ...child, mode, ...(hosts && HOSTS[end]) })),
  });
  pair.moon.connection(withMode(ofMoon, "moon", moon));
  pair.sun.connection(withMode(ofSun, "sun", sun));
  await pair.establish();
  expectUp(pair);
  const modes = pair.ends.map((end) => end.children[0]!.mode);
  return { pair, modes };
}

describe("the mode of a CHILD_SA", () => {
  it.each(["tunnel", "transport", "beet"] as const)("is %s where both want that, after rekeying as well", async (mode) => {
    const { pair, modes } = await agreed(mode, mode);
    expect(modes).toEqual([mode, mode]);
    pair.sun.rekeyChild();
    await pair.run(6000);
    expectUp(pair);
    expect(pair.ends.map((end) => end.children[0]!.mode)).toEqual([mode, mode]);
  });

  it.each([
    ["tunnel", "beet"],
    ["beet", "tunnel"],
    ["beet", "transport"],
    ["transport", "beet"],
    ["tunnel", "transport"],
  ] as const)("is tunnel where one wants %s and the other %s", async (moon, sun) => {
    const { modes } = await agreed(moon, sun);
    expect(modes).toEqual(["tunnel", "tunnel"]);
  });

  it("is tunnel instead of BEET with a peer that may mean something else by the notify", async () => {
    const { pair, modes } = await agreed("beet", "beet", "no");
    expect(modes).toEqual(["tunnel", "tunnel"]);
    expect(pair.sun.lines()).toContain(
      "received a notify strongSwan uses for BEET mode, but peer implementation unknown, skipped",
    );
  });

  it("is tunnel instead of BEET between networks", async () => {
    const { pair, modes } = await agreed("beet", "beet", "yes", false);
    expect(modes).toEqual(["tunnel", "tunnel"]);
    expect(pair.sun.lines()).toContain("not using BEET mode, not host-to-host");
  });
});
