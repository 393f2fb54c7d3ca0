import { definePlugin, PLUGIN_API, provideRng, RngQuality } from "@cygnet/plugin-api";
import { describeCryptoPlugin, registerAll } from "@cygnet/plugin-testkit/crypto";
import { describe, expect, it } from "vitest";
import nonce from "../src/index.js";

let count = 0;
// What the plugin depends on. Plugins do not import plugins, so it is made here.
const counter = definePlugin({
  name: "counter",
  api: PLUGIN_API,
  features: () => [provideRng(RngQuality.STRONG, () => ({ quality: RngQuality.STRONG, bytes: (out) => void out.fill(++count) }))],
});

describeCryptoPlugin(nonce, { features: ["NONCE_GEN"], depends: { NONCE_GEN: ["RNG:RNG_WEAK"] }, base: [counter] });

describe("plugin nonce", () => {
  it("takes nonces from any RNG that is loaded", () => {
    const generator = registerAll(nonce, {}, registerAll(counter).registry).registry.nonceGen();
    const [first, second] = [new Uint8Array(32), new Uint8Array(16)];
    generator?.nonce(first);
    generator?.nonce(second);
    expect(first).toEqual(new Uint8Array(32).fill(count - 1));
    expect(second).toEqual(new Uint8Array(16).fill(count));
  });

  it("fails without an RNG", () => {
    expect(() => registerAll(nonce)).toThrow(/RNG:RNG_WEAK/);
  });
});
