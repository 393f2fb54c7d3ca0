import { RngQuality } from "@cygnet/plugin-api";
import { registerAll } from "@cygnet/plugin-testkit/crypto";
import { describe, expect, it } from "vitest";
import openssl from "../src/index.js";

describe("the RNG of plugin openssl", () => {
  const { registry } = registerAll(openssl);

  it("is strong and weak, and never the same twice", () => {
    expect(registry.rngs.map(({ id }) => id)).toEqual([RngQuality.STRONG, RngQuality.WEAK]);
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const out = new Uint8Array(8);
      registry.rng(RngQuality.STRONG)?.bytes(out);
      seen.add(out.join());
    }
    expect(seen.size).toBe(2000);
  });

  it("refuses what is no array of octets", () => {
    expect(() => registry.rng(RngQuality.WEAK)?.bytes([] as unknown as Uint8Array)).toThrow(TypeError);
  });
});
