import { RngQuality } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { loadAlgorithms } from "./algorithms.js";

/** The algorithms of all ends: they keep nothing of what they are used for, and testing them takes a while. */
const algorithms = new AlgorithmRegistry({ vectors: testVectors, logger: { enabled: () => false, log: () => undefined } });
loadAlgorithms(algorithms);

/** The same algorithms with other sources of random numbers. */
function withSources(sources: Partial<AlgorithmRegistry>): AlgorithmRegistry {
  return new Proxy(algorithms, {
    get(target, property) {
      const value: unknown = Reflect.get(property in sources ? sources : target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Nonces that begin with a given octet, and count: who has the lower ones is settled then. */
function withNonces(first: number): AlgorithmRegistry {
  let count = 0;
  const nonce = (out: Uint8Array): void => {
    out.fill(0x55);
    out[0] = first;
    out[1] = ++count;
  };
  return withSources({ nonceGen: () => ({ nonce }) });
}

/** SPIs, nonces, IVs and jitter that are the same each time. */
function withSeed(seed: number): AlgorithmRegistry {
  let state = seed | 1;
  const bytes = (out: Uint8Array): void => {
    for (let i = 0; i < out.length; i++) out[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  };
  return withSources({ nonceGen: () => ({ nonce: bytes }), rng: () => ({ quality: RngQuality.STRONG, bytes }) });
}

/**
 * The algorithms of an end without plugins of its own.
 * @param nonces what its nonces begin with
 * @param seed what all random numbers come from, but those of key exchanges
 */
export function algorithmsFor(nonces: number | undefined, seed: number | undefined): AlgorithmRegistry {
  if (seed !== undefined) return withSeed(seed);
  return nonces === undefined ? algorithms : withNonces(nonces);
}

/** A registry of its own, for an end whose plugins bring algorithms. */
export function emptyRegistry(): AlgorithmRegistry {
  return new AlgorithmRegistry({ vectors: testVectors, logger: { enabled: () => false, log: () => undefined } });
}
