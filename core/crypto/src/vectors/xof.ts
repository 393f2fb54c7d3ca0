import { XofAlgorithm } from "@cygnet/plugin-api";
import type { XofVector } from "../vector-types.js";

/** Extendable output functions. */
export const xofVectors: readonly XofVector[] = [
  {
    id: XofAlgorithm.XOF_SHAKE128,
    source: "NIST, SHAKE128 of the empty message",
    seed: "",
    output: "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
  },
  {
    id: XofAlgorithm.XOF_SHAKE256,
    source: "NIST, SHAKE256 of the empty message",
    seed: "",
    output:
      "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f" +
      "d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be",
  },
];
