/**
 * Shapes of the known answers that algorithms are run against when they are registered.
 *
 * All octet strings are lower case hex without separators, `""` for none. Every vector says where it comes from, since that is
 * what the operator sees when a self-test fails.
 */
interface Vector {
  /**
   * Algorithm number: the transform id, or for hashers the number that RFC 7427's hash notify uses (or strongSwan's private one).
   */
  readonly id: number;
  /** Document and place: `RFC 2202 section 3, test case 1`. */
  readonly source: string;
}

/** `hash` = H(`data`). */
export interface HasherVector extends Vector {
  readonly data: string;
  readonly hash: string;
}

/** `output` = prf(`key`, `seed`). When `output` is longer than one block, or `plus` is set, it is prf+(`key`, `seed`). */
export interface PrfVector extends Vector {
  readonly key: string;
  readonly seed: string;
  readonly output: string;
  readonly plus?: boolean;
}

/** `icv` = the truncated MAC of `data`. */
export interface SignerVector extends Vector {
  readonly key: string;
  readonly data: string;
  readonly icv: string;
}

/**
 * `cipher` = E(`key`, `iv`, `plain`). `key` is what KEYMAT gives: for counter modes it ends with the nonce of 4 octets.
 * `keyBytes` is the size by which the algorithm is registered (without a nonce); left out, it is the length of `key`.
 */
export interface CrypterVector extends Vector {
  readonly keyBytes?: number;
  readonly key: string;
  readonly iv: string;
  readonly plain: string;
  readonly cipher: string;
}

/**
 * Authenticated encryption; the message is `aad | iv | cipher | icv`. `key` ends with the salt, as in KEYMAT; `keyBytes` is the
 * size by which the algorithm is registered (without the salt).
 */
export interface AeadVector extends Vector {
  readonly keyBytes: number;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly plain: string;
  readonly cipher: string;
  readonly icv: string;
}

/** `secret` from our `private` value and the peer's `response`; `public`, when given, is what belongs to `private`. */
export interface KeyExchangeVector extends Vector {
  readonly private: string;
  readonly public?: string;
  readonly response: string;
  readonly secret: string;
}

/** `output` are the first octets that come of `seed`. */
export interface XofVector extends Vector {
  readonly seed: string;
  readonly output: string;
}
