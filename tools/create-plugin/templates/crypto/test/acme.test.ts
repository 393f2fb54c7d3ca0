import { CryptoRegistry } from "@cygnet/plugin-api";
import { Pair, describeCryptoPlugin } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

// The published vectors, and all that an algorithm must do beside them.
describeCryptoPlugin(plugin, { features: ["PRF:PRF_HMAC_SHA2_256"] });

it("makes the keys that a peer with another implementation makes", async () => {
  const pair = await Pair.load({ moon: { plugins: [plugin] }, sun: { plugins: [] } });
  expect(pair.moon.resolve(CryptoRegistry).list()).toContainEqual({ kind: "prf", name: "PRF_HMAC_SHA2_256", plugin: "acme" });
  const proposals = ["aes128-sha1-prfsha256-modp768"];
  pair.configure({ proposals }, { proposals });
  const operation = pair.moon.initiate("net");
  await pair.run();
  expect(operation.result()).toBe("done");
  await pair.unload();
});
