import { gmpVersion, ModpKeyExchange, randomBytes } from "@cygnet/native";
import type { ModpGroup } from "@cygnet/native";
import { definePlugin, LogGroup, PLUGIN_API, provideRng, RngQuality } from "@cygnet/plugin-api";
import { describeCryptoPlugin, describeKeyExchange, registerAll } from "@cygnet/plugin-testkit/crypto";
import { KeyExchangeMethod } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import gmp from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [provideRng(RngQuality.STRONG, () => ({ quality: RngQuality.STRONG, bytes: randomBytes }))],
});
const GROUPS = [
  "MODP_3072",
  "MODP_4096",
  "MODP_6144",
  "MODP_8192",
  "MODP_2048",
  "MODP_2048_224",
  "MODP_2048_256",
  "MODP_1536",
  "MODP_1024",
  "MODP_1024_160",
  "MODP_768",
];

describeCryptoPlugin(gmp, {
  features: GROUPS.map((group) => `KE:${group}`),
  depends: Object.fromEntries(GROUPS.map((group) => [`KE:${group}`, ["RNG:RNG_STRONG"]])),
  base: [base],
});

describe("plugin gmp", () => {
  it("says once which library computes", () => {
    const { log } = registerAll(gmp);
    expect(log).toHaveLength(1);
    const [group, level, message] = log[0];
    expect([group, level]).toEqual([LogGroup.LIB, 1]);
    expect(message).toMatch(
      /^gmp plugin computes MODP groups with (AVX-512 IFMA up to 4096 bits, above with )?(libgmp|OpenSSL) \d/,
    );
  });
});

describe.skipIf(gmpVersion() === undefined)("libgmp", () => {
  for (const group of ["768", "2048", "2048_256"] as const satisfies readonly ModpGroup[]) {
    const id = {
      "768": KeyExchangeMethod.MODP_768_BIT,
      "2048": KeyExchangeMethod.MODP_2048_BIT,
      "2048_256": KeyExchangeMethod.MODP_2048_256,
    }[group];
    describeKeyExchange(`MODP_${group}`, new ModpKeyExchange(group, "gmp"), id);
  }

  it("agrees with OpenSSL in every group", () => {
    for (const name of GROUPS) {
      const group = name.replace("MODP_", "") as ModpGroup;
      const [libgmp, openssl] = [new ModpKeyExchange(group, "gmp"), new ModpKeyExchange(group, "openssl")];
      const own = new Uint8Array(libgmp.privateBytes);
      const [value, first, second] = [0, 0, 0].map(() => new Uint8Array(libgmp.publicBytes));
      openssl.generate(new Uint8Array(own.length), value);
      openssl.generate(own, new Uint8Array(value.length));
      expect(libgmp.derive(own, value, first) && openssl.derive(own, value, second), name).toBe(true);
      expect(first, name).toEqual(second);
    }
  });
});
