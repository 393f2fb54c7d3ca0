import { authRound } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import { labelOf, messageOf } from "./wire-tap.js";

/** An identity that alone does not fit into a datagram of 576 octets. */
const LONG = `${"moon-with-a-very-long-name-".repeat(30)}example.org`;

function large(moon: "yes" | "no" | "accept" | "force" = "yes", sun: "yes" | "no" = "yes"): Pair {
  const settings = { fragment_size: "576" };
  const pair = new Pair({ moon: { settings }, sun: { settings } });
  pair.configure(
    { fragmentation: moon, local: [authRound({ auth: "psk", id: LONG })] },
    { fragmentation: sun, remote: [authRound({ auth: "psk", id: LONG })] },
  );
  for (const end of pair.ends) end.secret("secret", LONG, "sun");
  return pair;
}

const sizes = (pair: Pair, label: string): number[] =>
  pair.network.flights.filter((flight) => labelOf(flight) === label).map((flight) => messageOf(flight)!.length);
const REQUEST = "IKE_AUTH request 1 from 192.0.2.1";

describe("IKE fragmentation", () => {
  it("splits a message that is larger than fragment_size, and puts it together again", async () => {
    const pair = large();
    await pair.establish();
    expectUp(pair);
    const fragments = sizes(pair, REQUEST);
    expect(fragments).toHaveLength(3);
    // 20 octets of IPv4 and 8 of UDP, and 4 that are kept for the marker
    for (const size of fragments) expect(size).toBeLessThanOrEqual(576 - 32);
    const whole = /^splitting IKE message \((\d+) bytes\) into 3 fragments$/;
    expect(pair.moon.lines().some((line) => whole.test(line))).toBe(true);
    expect(
      pair.sun
        .lines()
        .filter((line) => /^(parsed IKE_AUTH|received fragment)/.test(line))
        .map((line) => line.replace(/\(\d+ bytes\)/, "(N bytes)")),
    ).toEqual([
      "parsed IKE_AUTH request 1 [ EF(1/3) ]",
      "received fragment #1 of 3, waiting for complete IKE message",
      "parsed IKE_AUTH request 1 [ EF(2/3) ]",
      "received fragment #2 of 3, waiting for complete IKE message",
      "parsed IKE_AUTH request 1 [ EF(3/3) ]",
      "received fragment #3 of 3, reassembled fragmented IKE message (N bytes)",
      "parsed IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH SA TSi TSr N(MULT_AUTH) ]",
    ]);
  });

  it.each([
    [4, { fragment_size: "0" }, 576],
    [6, { fragment_size: "0" }, 1280],
    [4, { fragment_size_v4: "700", fragment_size_v6: "600" }, 700],
    [6, { fragment_size_v4: "600", fragment_size_v6: "700" }, 700],
  ] as const)("makes datagrams of IPv%i with %j at most %i octets long", async (family, settings, largest) => {
    const pair = new Pair({ moon: { settings }, family });
    const long = LONG.repeat(2);
    pair.configure({ local: [authRound({ auth: "psk", id: long })] }, { remote: [authRound({ auth: "psk", id: long })] });
    for (const end of pair.ends) end.secret("secret", long, "sun");
    await pair.establish();
    expectUp(pair);
    const overhead = (family === 4 ? 20 : 40) + 8 + 4;
    const fragments = sizes(pair, REQUEST.replace("192.0.2.1", family === 4 ? "192.0.2.1" : "2001:db8::1"));
    expect(fragments.length).toBeGreaterThan(1);
    expect(fragments[0]).toBeLessThanOrEqual(largest - overhead);
    // The next block of the cipher would not have fit.
    expect(fragments[0]).toBeGreaterThan(largest - overhead - 16);
  });

  it("is done only with a peer that says it can", async () => {
    for (const [moon, sun] of [
      ["yes", "no"],
      ["no", "yes"],
      ["accept", "yes"],
    ] as const) {
      const pair = large(moon, sun);
      await pair.establish();
      expectUp(pair);
      expect(sizes(pair, REQUEST)).toHaveLength(1);
    }
  });

  it("survives loss, repetition and reordering of single fragments, and answers a repeated request once", async () => {
    const fate = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 2 });
    const property = fc.asyncProperty(fc.array(fate, { minLength: 3, maxLength: 8 }), async (fates) => {
      const pair = large();
      let count = 0;
      pair.network.fate = (flight) => (labelOf(flight) === REQUEST ? (fates[count++] ?? [1]) : [1]);
      await pair.establish();
      await pair.run(60_000);
      expectUp(pair);
      const responses = sizes(pair, "IKE_AUTH response 1 from 192.0.2.2").length;
      expect(responses).toBeLessThanOrEqual(1 + sizes(pair, REQUEST).length / 3 + fates.length);
    });
    await fc.assert(property, { seed: 7, numRuns: 60 });
  });

  it("has a repeated request answered for its first fragment alone", async () => {
    const pair = large();
    await pair.establish();
    const before = sizes(pair, "IKE_AUTH response 1 from 192.0.2.2").length;
    for (const flight of pair.network.flights.filter((one) => labelOf(one) === REQUEST)) pair.network.deliver(flight);
    await pair.run();
    expect(sizes(pair, "IKE_AUTH response 1 from 192.0.2.2").length).toBe(before + 1);
    expectUp(pair);
  });

  it("throws no fragment away for one that is forged", async () => {
    const pair = large();
    let count = 0;
    pair.network.fate = (flight) => {
      if (labelOf(flight) !== REQUEST || ++count !== 2) return [1];
      const data = flight.data.slice();
      data[data.length - 1]! ^= 1;
      pair.clock.timer(() => pair.network.deliver({ ...flight, data })).arm(1);
      return [2];
    };
    await pair.establish();
    expect(pair.sun.lines()).toContain("integrity check failed");
    expectUp(pair);
  });
});
