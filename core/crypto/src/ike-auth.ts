import type { IkeSuite } from "./ike-suite.js";
import { equalConstantTime } from "./constant-time.js";
import { Scratch } from "./scratch.js";

const KEY_PAD = new TextEncoder().encode("Key Pad for IKEv2");

/** What one side signs to prove its identity, RFC 7296 section 2.15. Arrays are read during the call only. */
export interface AuthInput {
  /** Whether the signer is the original initiator of the IKE_SA. */
  readonly byInitiator: boolean;
  /** The signer's IKE_SA_INIT message as it was sent (the last one, with a COOKIE), without a non-ESP marker. */
  readonly initMessage: Uint8Array;
  /** Body of the other side's Nonce payload. */
  readonly nonceOther: Uint8Array;
  /** Body of the signer's ID payload: type, three reserved octets, data. */
  readonly idBody: Uint8Array;
}

/** What is signed and the PSK method of the AUTH payload. One per shard; nothing is allocated in steady state. */
export class IkeAuth {
  readonly #octets = new Scratch(2048);
  readonly #state = new Scratch(512);
  readonly #mac = new Scratch(64);
  readonly #value = new Scratch(64);

  /**
   * The octets that are signed: `initMessage | nonceOther | prf(SK_p, idBody)`.
   *
   * @param keys key block of the IKE_SA
   * @returns a view that is valid until the next call of any method
   */
  octets(suite: IkeSuite, keys: Uint8Array, input: AuthInput): Uint8Array {
    const { initMessage, nonceOther, idBody, byInitiator } = input;
    const { outputBytes } = suite.prf;
    const octets = this.#octets.take(initMessage.length + nonceOther.length + outputBytes);
    const mac = this.#mac.take(outputBytes);
    octets.set(initMessage, 0);
    octets.set(nonceOther, initMessage.length);
    suite.load(keys);
    suite.prf.compute(byInitiator ? suite.workSkPi : suite.workSkPr, idBody, mac);
    suite.unload();
    octets.set(mac, initMessage.length + nonceOther.length);
    return octets;
  }

  /**
   * AUTH value with a shared key: `prf(prf(psk, "Key Pad for IKEv2"), octets)`.
   *
   * @param out exactly `suite.prf.outputBytes`
   */
  psk(suite: IkeSuite, keys: Uint8Array, input: AuthInput, psk: Uint8Array, out: Uint8Array): void {
    const { prf } = suite;
    const octets = this.octets(suite, keys, input);
    const state = this.#state.take(prf.stateBytes);
    const padded = this.#mac.take(prf.outputBytes);
    prf.setKey(psk, state);
    prf.compute(state, KEY_PAD, padded);
    prf.setKey(padded, state);
    prf.compute(state, octets, out);
    this.#state.wipe();
    this.#mac.wipe();
  }

  /** Whether a peer's AUTH value is the one of {@link psk}, compared in constant time. */
  verifyPsk(suite: IkeSuite, keys: Uint8Array, input: AuthInput, psk: Uint8Array, value: Uint8Array): boolean {
    const expected = this.#value.take(suite.prf.outputBytes);
    this.psk(suite, keys, input, psk, expected);
    const isEqual = equalConstantTime(expected, value);
    this.#value.wipe();
    return isEqual;
  }
}
