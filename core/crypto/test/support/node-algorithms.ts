import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac } from "node:crypto";
import type { Aead, Crypter, Hasher, KeyExchange, Prf, Signer } from "@cygnet/plugin-api";

/**
 * Algorithms over node:crypto, slow and simple, so that the core is tested without any plugin. States are the keys as they are,
 * behind one octet that says that `setKey` was called: a zeroed state is no key.
 */
function loadKey(state: Uint8Array): Uint8Array {
  if (state[0] !== 1) throw new Error("state was not prepared");
  return state.subarray(2, 2 + state[1]);
}

function storeKey(key: Uint8Array, state: Uint8Array): void {
  state.fill(0);
  state[0] = 1;
  state[1] = key.length;
  state.set(key, 2);
}

const MAX_KEY_BYTES = 130;

export function nodeHasher(name: string, hashBytes: number): Hasher {
  return { hashBytes, hash: (data, out) => out.set(createHash(name).update(data).digest()) };
}

export function nodePrf(hash: string, outputBytes: number): Prf {
  return {
    outputBytes,
    keyBytes: outputBytes,
    hasFixedKey: false,
    stateBytes: MAX_KEY_BYTES,
    setKey: storeKey,
    compute: (state, data, out) => out.set(createHmac(hash, loadKey(state)).update(data).digest()),
  };
}

export function nodeSigner(hash: string, keyBytes: number, icvBytes: number): Signer {
  const sign = (state: Uint8Array, data: Uint8Array): Uint8Array =>
    createHmac(hash, loadKey(state)).update(data).digest().subarray(0, icvBytes);
  return {
    keyBytes,
    icvBytes,
    stateBytes: MAX_KEY_BYTES,
    setKey: storeKey,
    sign: (state, data, icv) => icv.set(sign(state, data)),
    verify: (state, data, icv) => Buffer.compare(sign(state, data), icv) === 0,
  };
}

export function nodeAesCbc(keyBytes: number): Crypter {
  const name = `aes-${keyBytes * 8}-cbc`;
  return {
    keyBytes,
    blockBytes: 16,
    ivBytes: 16,
    ivKind: "random",
    stateBytes: MAX_KEY_BYTES,
    setKey: storeKey,
    encrypt: (state, iv, data) => data.set(createCipheriv(name, loadKey(state), iv).setAutoPadding(false).update(data)),
    decrypt: (state, iv, data) => data.set(createDecipheriv(name, loadKey(state), iv).setAutoPadding(false).update(data)),
  };
}

export function nodeAesGcm(keyBytes: number): Aead {
  const name = keyBytes === 16 ? "aes-128-gcm" : "aes-256-gcm";
  const nonce = (key: Uint8Array, iv: Uint8Array): Uint8Array => Buffer.concat([key.subarray(keyBytes), iv]);
  return {
    keyBytes: keyBytes + 4,
    ivBytes: 8,
    icvBytes: 16,
    blockBytes: 1,
    ivKind: "counter",
    stateBytes: MAX_KEY_BYTES,
    setKey: storeKey,
    seal: (state, message, ivAt) => {
      const key = loadKey(state);
      const text = message.subarray(ivAt + 8, message.length - 16);
      const cipher = createCipheriv(name, key.subarray(0, keyBytes), nonce(key, message.subarray(ivAt, ivAt + 8)));
      cipher.setAAD(message.subarray(0, ivAt));
      text.set(cipher.update(text));
      cipher.final();
      message.set(cipher.getAuthTag(), message.length - 16);
    },
    open: (state, message, ivAt) => {
      const key = loadKey(state);
      const text = message.subarray(ivAt + 8, message.length - 16);
      const iv = nonce(key, message.subarray(ivAt, ivAt + 8));
      const decipher = createDecipheriv(name, key.subarray(0, keyBytes), iv);
      decipher.setAAD(message.subarray(0, ivAt));
      decipher.setAuthTag(message.subarray(message.length - 16));
      const plain = decipher.update(text);
      try {
        decipher.final();
      } catch {
        return false;
      }
      text.set(plain);
      return true;
    },
  };
}

export function nodeEcp256(): KeyExchange {
  const secretFrom = (privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean => {
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(privateValue);
    try {
      secret.set(ecdh.computeSecret(Buffer.concat([Uint8Array.of(4), response])));
      return true;
    } catch {
      return false;
    }
  };
  const generate = (privateValue: Uint8Array, publicValue: Uint8Array): void => {
    const ecdh = createECDH("prime256v1");
    publicValue.set(ecdh.generateKeys().subarray(1));
    const value = ecdh.getPrivateKey();
    privateValue.fill(0);
    privateValue.set(value, 32 - value.length);
  };
  return {
    privateBytes: 32,
    publicBytes: 64,
    responseBytes: 64,
    secretBytes: 32,
    generate,
    derive: secretFrom,
    respond: (publicValue, response, secret) => {
      const privateValue = new Uint8Array(32);
      generate(privateValue, response);
      return secretFrom(privateValue, publicValue, secret);
    },
  };
}

/** A key exchange of which only the presence matters. */
export function unusedKeyExchange(): KeyExchange {
  const fail = (): never => {
    throw new Error("not expected to be used");
  };
  return { privateBytes: 1, publicBytes: 1, responseBytes: 1, secretBytes: 1, generate: fail, derive: fail, respond: fail };
}
