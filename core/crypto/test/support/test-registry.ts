import { randomFillSync } from "node:crypto";
import { RngQuality } from "@cygnet/plugin-api";
import type { Rng } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "../../src/index.js";
import { nodeAesCbc, nodeAesGcm, nodeEcp256, nodePrf, nodeSigner, unusedKeyExchange } from "./node-algorithms.js";

/** A registry with what the captured exchanges use, over node:crypto. */
export function testRegistry(): AlgorithmRegistry {
  const registry = new AlgorithmRegistry({
    vectors: { hasher: [], prf: [], signer: [], crypter: [], aead: [], keyExchange: [], xof: [] },
  });
  registry.addPrf("node", 2, nodePrf("sha1", 20));
  registry.addPrf("node", 5, nodePrf("sha256", 32));
  registry.addSigner("node", 2, nodeSigner("sha1", 20, 12));
  registry.addCrypter("node", 12, 16, nodeAesCbc(16));
  registry.addAead("node", 20, 32, nodeAesGcm(32));
  registry.addKeyExchange("node", 2, unusedKeyExchange());
  registry.addKeyExchange("node", 19, nodeEcp256());
  return registry;
}

export const testRng: Rng = { quality: RngQuality.STRONG, bytes: (out) => void randomFillSync(out) };
