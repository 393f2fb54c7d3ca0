import type { TestVectors } from "../self-test.js";
import { aeadVectors } from "./aead.js";
import { crypterVectors } from "./crypter.js";
import { hasherVectors } from "./hasher.js";
import { keyExchangeVectors } from "./key-exchange.js";
import { prfVectors } from "./prf.js";
import { signerVectors } from "./signer.js";
import { xofVectors } from "./xof.js";

export { aeadVectors, crypterVectors, hasherVectors, keyExchangeVectors, prfVectors, signerVectors, xofVectors };

/** The known answers of all kinds, as the registry takes them. */
export const testVectors: TestVectors = {
  hasher: hasherVectors,
  prf: prfVectors,
  signer: signerVectors,
  crypter: crypterVectors,
  aead: aeadVectors,
  keyExchange: keyExchangeVectors,
  xof: xofVectors,
};
