import { createHash } from "node:crypto";
import { Host } from "@cygnet/plugin-api";
import type { CryptoRegistry } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { CookieJar } from "../../src/network/cookie-jar.js";
import type { RandomPool } from "../../src/random-pool.js";

function jar() {
  const clock = { nowMs: 5000, wallMs: 0 };
  const crypto = {
    hasher: () => ({ hash: (input: Uint8Array, out: Uint8Array) => out.set(createHash("sha1").update(input).digest()) }),
  } as unknown as CryptoRegistry;
  let draws = 0;
  const random = { fill: (out: Uint8Array) => out.fill(++draws) } as unknown as RandomPool;
  return { jar: new CookieJar(crypto, random, clock), clock };
}

const MOON = Host.of("192.0.2.1", 500);

describe("cookies", () => {
  it("are good for the address and SPI they were made for, and no other", () => {
    const { jar: cookies } = jar();
    const cookie = cookies.bake(MOON, 1, 2);
    expect(cookie).toHaveLength(24);
    expect(cookies.verify(cookie, MOON.withPort(4500), 1, 2)).toBe(true);
    expect(cookies.verify(cookie, Host.of("192.0.2.2"), 1, 2)).toBe(false);
    expect(cookies.verify(cookie, MOON, 1, 3)).toBe(false);
    for (let at = 0; at < cookie.length; at++) {
      const forged = cookie.slice();
      forged[at]! ^= 1;
      expect(cookies.verify(forged, MOON, 1, 2)).toBe(false);
    }
    expect(cookies.verify(cookie.subarray(1), MOON, 1, 2)).toBe(false);
  });

  it("are good for ten seconds", () => {
    const { jar: cookies, clock } = jar();
    const cookie = cookies.bake(MOON, 1, 2);
    clock.nowMs += 10_000;
    expect(cookies.verify(cookie, MOON, 1, 2)).toBe(true);
    clock.nowMs += 1000;
    expect(cookies.verify(cookie, MOON, 1, 2)).toBe(false);
  });

  it("stay good over a change of the secret, not over two", () => {
    const { jar: cookies, clock } = jar();
    cookies.bake(MOON, 1, 2);
    clock.nowMs += 119_000;
    const cookie = cookies.bake(MOON, 1, 2);
    clock.nowMs += 3000;
    expect(cookies.bake(MOON, 1, 2)).not.toEqual(cookie);
    expect(cookies.verify(cookie, MOON, 1, 2)).toBe(true);
  });

  it("are refused before any was made, of any family", () => {
    const { jar: cookies } = jar();
    expect(cookies.verify(new Uint8Array(24), MOON, 1, 2)).toBe(false);
    const sixth = Host.of("2001:db8::1");
    expect(cookies.verify(cookies.bake(sixth, 1, 2), sixth, 1, 2)).toBe(true);
  });
});
