import { describe, expect, it } from "vitest";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const SECRETS = `@moon.example.org : PSK "one"\n@moon2.example.org : PSK "two"\n@sun.example.org : PSK "three"\n@sun2.example.org : PSK "four"`;

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  // strongSwan 5.9.8 as initiator refuses a responder with two rounds, one of its own kind as well.
  const sides = moon === "cygnet" ? (["initiator", "responder"] as const) : (["initiator"] as const);

  it.each(sides)("authenticates in two rounds of the %s (RFC 4739)", async (side) => {
    const of = (name: string): string => `@${name}2.example.org`;
    const second = (own: string, other: string): Record<string, string> => ({
      ...(side === "initiator" && { [`${own}auth2`]: "psk", [`${own}id2`]: of("moon") }),
      ...(side === "responder" && { [`${other}auth2`]: "psk", [`${other}id2`]: of("sun") }),
    });
    const pair = await Pair.start({ moon, sun, moonConn: second("left", "right"), sunConn: second("right", "left") });
    for (const daemon of [pair.moon, pair.sun]) await daemon.secrets(SECRETS);
    await pair.moon.strokeFor("connection 'net' established successfully", "up", "net");
    if (side === "initiator") await pair.sun.log.seen("authentication of 'moon2.example.org' with pre-shared key successful");
    if (side === "responder") await pair.moon.log.seen("authentication of 'sun2.example.org' with pre-shared key successful");
    expect(await pair.sun.sas()).toContain("INSTALLED, TUNNEL");
  });

  it("is refused where the second round is missing", async () => {
    const pair = await Pair.start({ moon, sun, sunConn: { rightauth2: "psk", rightid2: "@moon2.example.org" } });
    await pair.moon.strokeFor("establishing connection 'net' failed", "up", "net");
    await pair.moon.log.seen("received AUTHENTICATION_FAILED notify error");
  });
});
