import type { Aead, Crypter, Hasher, KeyExchange, Prf, Signer, Xof } from "@cygnet/plugin-api";
import { equalConstantTime } from "./constant-time.js";
import { hexBytes } from "./hex.js";
import { expandWithCompute } from "./prf-plus.js";
import type {
  AeadVector,
  CrypterVector,
  HasherVector,
  KeyExchangeVector,
  PrfVector,
  SignerVector,
  XofVector,
} from "./vector-types.js";

/** The known answers, one list per kind of algorithm. */
export interface TestVectors {
  readonly hasher: readonly HasherVector[];
  readonly prf: readonly PrfVector[];
  readonly signer: readonly SignerVector[];
  readonly crypter: readonly CrypterVector[];
  readonly aead: readonly AeadVector[];
  readonly keyExchange: readonly KeyExchangeVector[];
  readonly xof: readonly XofVector[];
}

/**
 * Outcome of running one vector: undefined when it passed, else in a few words what was wrong. `NOT_APPLICABLE`: the provider
 * works with other sizes than the vector, so that it says nothing.
 */
export type SelfTestResult = string | undefined;
export const NOT_APPLICABLE = "not applicable";

export function testHasher(hasher: Hasher, vector: HasherVector): SelfTestResult {
  const expected = hexBytes(vector.hash);
  if (hasher.hashBytes !== expected.length) return `hash has ${hasher.hashBytes} octets instead of ${expected.length}`;
  const out = new Uint8Array(hasher.hashBytes);
  hasher.hash(hexBytes(vector.data), out);
  return equalConstantTime(out, expected) ? undefined : "wrong hash";
}

export function testXof(xof: Xof, vector: XofVector): SelfTestResult {
  const expected = hexBytes(vector.output);
  const out = new Uint8Array(expected.length);
  xof.expand(hexBytes(vector.seed), out);
  return equalConstantTime(out, expected) ? undefined : "wrong output";
}

export function testPrf(prf: Prf, vector: PrfVector): SelfTestResult {
  const expected = hexBytes(vector.output);
  const seed = hexBytes(vector.seed);
  const key = hexBytes(vector.key);
  if (prf.hasFixedKey && key.length !== prf.keyBytes) return NOT_APPLICABLE;
  const state = new Uint8Array(prf.stateBytes);
  prf.setKey(key, state);
  const isPlus = vector.plus === true || expected.length > prf.outputBytes;
  const out = new Uint8Array(isPlus ? expected.length : prf.outputBytes);
  if (isPlus) expandWithCompute(prf, state, seed, out);
  else prf.compute(state, seed, out);
  // A PRF without truncation is expected, but vectors of truncated MACs serve too.
  if (!equalConstantTime(out.subarray(0, expected.length), expected)) return isPlus ? "wrong prf+ output" : "wrong output";
  return prf.expand === undefined ? undefined : testExpand(prf, state, seed);
}

/** The provider's prf+ against ours, over a length that ends inside a block. */
function testExpand(prf: Prf, state: Uint8Array, seed: Uint8Array): SelfTestResult {
  const length = 3 * prf.outputBytes + 5;
  const ours = new Uint8Array(length);
  const theirs = new Uint8Array(length);
  expandWithCompute(prf, state, seed, ours);
  prf.expand?.(state, seed, theirs);
  return equalConstantTime(ours, theirs) ? undefined : "expand differs from prf+";
}

export function testSigner(signer: Signer, vector: SignerVector): SelfTestResult {
  const key = hexBytes(vector.key);
  const data = hexBytes(vector.data);
  const expected = hexBytes(vector.icv);
  if (signer.keyBytes !== key.length) return NOT_APPLICABLE;
  if (signer.icvBytes !== expected.length) return `checksum has ${signer.icvBytes} octets instead of ${expected.length}`;
  const state = new Uint8Array(signer.stateBytes);
  const icv = new Uint8Array(signer.icvBytes);
  signer.setKey(key, state);
  signer.sign(state, data, icv);
  if (!equalConstantTime(icv, expected)) return "wrong checksum";
  if (!signer.verify(state, data, icv)) return "refuses the right checksum";
  icv[icv.length - 1] ^= 1;
  return signer.verify(state, data, icv) ? "accepts a wrong checksum" : undefined;
}

export function testCrypter(crypter: Crypter, vector: CrypterVector): SelfTestResult {
  const key = hexBytes(vector.key);
  const iv = hexBytes(vector.iv);
  const plain = hexBytes(vector.plain);
  if (crypter.keyBytes !== key.length) return `takes ${crypter.keyBytes} octets of key instead of ${key.length}`;
  if (crypter.ivBytes !== iv.length) return `takes ${crypter.ivBytes} octets of IV instead of ${iv.length}`;
  const state = new Uint8Array(crypter.stateBytes);
  crypter.setKey(key, state);
  const data = plain.slice();
  crypter.encrypt(state, iv, data);
  if (!equalConstantTime(data, hexBytes(vector.cipher))) return "wrong ciphertext";
  crypter.decrypt(state, iv, data);
  return equalConstantTime(data, plain) ? undefined : "decryption does not restore the plaintext";
}

export function testAead(aead: Aead, vector: AeadVector): SelfTestResult {
  const key = hexBytes(vector.key);
  const aad = hexBytes(vector.aad);
  if (aead.keyBytes !== key.length) return `takes ${aead.keyBytes} octets of key instead of ${key.length}`;
  const iv = hexBytes(vector.iv);
  if (aead.ivBytes !== iv.length) return `takes ${aead.ivBytes} octets of IV instead of ${iv.length}`;
  const state = new Uint8Array(aead.stateBytes);
  aead.setKey(key, state);
  const plain = hexBytes(vector.aad + vector.iv + vector.plain + "00".repeat(aead.icvBytes));
  const sealed = hexBytes(vector.aad + vector.iv + vector.cipher + vector.icv);
  const message = plain.slice();
  if (message.length !== sealed.length) return `checksum has ${aead.icvBytes} octets instead of ${vector.icv.length / 2}`;
  aead.seal(state, message, aad.length);
  if (!equalConstantTime(message, sealed)) return "wrong ciphertext or checksum";
  if (!aead.open(state, message, aad.length)) return "refuses the right checksum";
  const textEnd = message.length - aead.icvBytes;
  if (!equalConstantTime(message.subarray(0, textEnd), plain.subarray(0, textEnd))) {
    return "decryption does not restore the plaintext";
  }
  const forged = sealed.slice();
  forged[forged.length - 1] ^= 1;
  return aead.open(state, forged, aad.length) ? "accepts a wrong checksum" : undefined;
}

export function testKeyExchange(keyExchange: KeyExchange, vector: KeyExchangeVector): SelfTestResult {
  const privateValue = fitPrivate(hexBytes(vector.private), keyExchange.privateBytes);
  const response = hexBytes(vector.response);
  const expected = hexBytes(vector.secret);
  if (privateValue === undefined) return NOT_APPLICABLE;
  if (keyExchange.responseBytes !== response.length) {
    return `takes ${keyExchange.responseBytes} octets of public value instead of ${response.length}`;
  }
  const secret = new Uint8Array(keyExchange.secretBytes);
  if (!keyExchange.derive(privateValue, response, secret)) return "refuses a valid public value";
  return equalConstantTime(secret, expected) ? undefined : "wrong secret";
}

/** Providers may use shorter or longer exponents than the vector; leading zeros make no difference. */
function fitPrivate(value: Uint8Array, bytes: number): Uint8Array | undefined {
  if (value.length === bytes) return value;
  const excess = value.length - bytes;
  if (excess > 0) return value.subarray(0, excess).every((octet) => octet === 0) ? value.subarray(excess) : undefined;
  const padded = new Uint8Array(bytes);
  padded.set(value, -excess);
  return padded;
}
