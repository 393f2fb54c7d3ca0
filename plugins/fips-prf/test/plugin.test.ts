import { KeyedSha1Prf } from "@cygnet/native";
import { definePlugin, PLUGIN_API, providePrf } from "@cygnet/plugin-api";
import { describeCryptoPlugin } from "@cygnet/plugin-testkit/crypto";
import { PseudoRandomFunction } from "@cygnet/wire";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import fipsPrf, { FipsPrf } from "../src/index.js";

// What the plugin depends on. Plugins do not import plugins, so it is made here.
const base = definePlugin({
  name: "base",
  api: PLUGIN_API,
  features: () => [providePrf(PseudoRandomFunction.PRF_KEYED_SHA1, () => new KeyedSha1Prf())],
});

describeCryptoPlugin(fipsPrf, {
  features: ["PRF:PRF_FIPS_SHA1_160"],
  depends: { "PRF:PRF_FIPS_SHA1_160": ["PRF:PRF_KEYED_SHA1"] },
  base: [base],
});

describe("FipsPrf", () => {
  const prf = new FipsPrf(new KeyedSha1Prf());
  const key = new Uint8Array(createHash("sha1").update("key").digest());

  it("begins a longer output with the shorter one", () => {
    const [x0, long, odd] = [new Uint8Array(40), new Uint8Array(160), new Uint8Array(47)];
    prf.compute(key, new Uint8Array(0), x0);
    prf.generate(key, new Uint8Array(0), long);
    prf.generate(key, new Uint8Array(0), odd);
    expect(long.subarray(0, 40)).toEqual(x0);
    expect(long.subarray(0, 47)).toEqual(odd);
    expect(long.subarray(40, 80)).not.toEqual(x0);
  });

  it("carries over all digits when seed and key overflow", () => {
    // XKEY + XSEED = 2^160 - 1 + 1 is 0, whose first output is that of a zero key.
    const [wrapped, zero] = [new Uint8Array(20), new Uint8Array(20)];
    prf.generate(new Uint8Array(20).fill(0xff), Uint8Array.of(1), wrapped);
    prf.generate(new Uint8Array(20), new Uint8Array(0), zero);
    expect(wrapped).toEqual(zero);
  });

  it("refuses keys other than 160 bits and longer seeds", () => {
    expect(() => prf.setKey(new Uint8Array(16), new Uint8Array(20))).toThrow(RangeError);
    expect(() => prf.compute(key, new Uint8Array(21), new Uint8Array(40))).toThrow(RangeError);
  });
});
