import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";

/** Milliseconds, in steps of 100, that setting up takes. */
async function setUpMs(settings: Readonly<Record<string, string>>): Promise<number> {
  const pair = new Pair({ moon: { settings } });
  pair.configure();
  pair.moon.initiate("net");
  let ms = 0;
  for (; pair.moon.children.length === 0 && ms < 3000; ms += 100) await pair.run(100);
  expectUp(pair);
  return ms;
}

describe("delays for tests", () => {
  it("are none by default", async () => expect(await setUpMs({})).toBe(100));

  it.each(["send_delay", "receive_delay"])("%s holds up all messages, or those of a type and direction", async (option) => {
    // Two exchanges, each with one message of ours and one of the peer's.
    expect(await setUpMs({ [option]: "500" })).toBeGreaterThanOrEqual(1000);
    expect(await setUpMs({ [option]: "500", [`${option}_type`]: "35" })).toBeGreaterThanOrEqual(500);
    expect(await setUpMs({ [option]: "500", [`${option}_type`]: "35" })).toBeLessThan(1000);
    const other = option === "send_delay" ? "request" : "response";
    expect(await setUpMs({ [option]: "500", [`${option}_${other}`]: "no" })).toBe(100);
    expect(await setUpMs({ [option]: "500", [`${option}_type`]: "37" })).toBe(100);
  });
});
