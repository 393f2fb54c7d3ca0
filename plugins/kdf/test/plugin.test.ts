import { registerAll } from "@cygnet/plugin-testkit/crypto";
import { KdfAlgorithm } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import kdf from "../src/index.js";

describe("plugin kdf", () => {
  it("provides both key derivation functions, after the PRFs that happen to be loaded", () => {
    const features = kdf.features({});
    expect(features.map((feature) => String(feature.provides))).toEqual(["KDF:KDF_PRF", "KDF:KDF_PRF_PLUS"]);
    for (const feature of features) {
      expect(feature.depends ?? []).toEqual([]);
      expect(feature.softDepends?.map(String)).toEqual([
        "PRF:PRF_HMAC_SHA1",
        "PRF:PRF_HMAC_SHA2_256",
        "PRF:PRF_HMAC_SHA2_384",
        "PRF:PRF_HMAC_SHA2_512",
        "PRF:PRF_AES128_XCBC",
        "PRF:PRF_AES128_CMAC",
      ]);
    }
  });

  it("says so to the registry, for listings", async () => {
    const { registry, undo } = registerAll(kdf);
    expect(registry.kdfs.map(({ id }) => KdfAlgorithm[id])).toEqual(["KDF_PRF", "KDF_PRF_PLUS"]);
    await undo();
    expect(registry.size).toBe(0);
  });
});
