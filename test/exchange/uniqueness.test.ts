import type { PeerDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectUp } from "./expectations.js";

/** Sets up a second IKE_SA between the same identities, with what moon and sun are configured for. */
async function twice(moon: PeerDefinition["unique"], sun: PeerDefinition["unique"], forget = false) {
  const pair = new Pair({ moon: { settings: { reuse_ikesa: "no" } } });
  pair.configure({ unique: moon }, { unique: sun });
  await pair.establish();
  const first = pair.sun.ikeSas[0]!;
  // moon restarts: it knows nothing of the first any more
  if (forget) pair.moon.manager.destroy(pair.moon.ikeSas[0]!);
  const operation = pair.moon.initiate("net");
  await pair.run();
  return { pair, first, operation };
}

describe("uniqueids", () => {
  it("replace: the old IKE_SA is deleted, the peer told", async () => {
    const { pair, first, operation } = await twice("no", "replace");
    expect(operation.result()).toBe("done");
    expect(pair.sun.lines()).toContain("deleting duplicate IKE_SA for peer 'moon' due to uniqueness policy");
    expectUp(pair);
    expect(pair.sun.ikeSas).not.toContain(first);
  });

  it("keep: the new IKE_SA is refused", async () => {
    const { pair, first, operation } = await twice("no", "keep");
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("cancelling IKE_SA setup due to uniqueness policy");
    expectUp(pair);
    expect(pair.sun.ikeSas).toEqual([first]);
  });

  it("no: both stay", async () => {
    const { pair, operation } = await twice("no", "no");
    expect(operation.result()).toBe("done");
    expectAgreed(pair);
    expect(pair.sun.ikeSas).toHaveLength(2);
  });

  it("no: INITIAL_CONTACT of a peer that restarted destroys what it forgot", async () => {
    const { pair, first } = await twice("replace", "no", true);
    expect(pair.moon.lines()).toContain("generating IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH SA TSi TSr N(MULT_AUTH) ]");
    expect(pair.sun.lines()).toContain("destroying duplicate IKE_SA for peer 'moon', received INITIAL_CONTACT");
    expectUp(pair);
    expect(pair.sun.ikeSas).not.toContain(first);
  });

  it("never: not even that", async () => {
    const { pair, first } = await twice("replace", "never", true);
    expect(pair.sun.ikeSas).toHaveLength(2);
    expect(pair.sun.ikeSas).toContain(first);
  });

  it("are claimed by INITIAL_CONTACT where we know of no other IKE_SA, unless never asked for", async () => {
    const again = await twice("replace", "never");
    expect(again.pair.moon.lines().filter((line) => line.includes("INIT_CONTACT"))).toHaveLength(1);
    const careless = await twice("never", "no");
    expect(careless.pair.moon.lines().filter((line) => line.includes("INIT_CONTACT"))).toHaveLength(0);
  });

  it("hold for what took the place of an IKE_SA by rekeying", async () => {
    const pair = new Pair({ moon: { settings: { reuse_ikesa: "no" } } });
    pair.configure({}, { unique: "replace" });
    await pair.establish();
    pair.moon.rekeyIke();
    await pair.run();
    pair.moon.initiate("net");
    await pair.run();
    expectUp(pair);
  });
});
