import { InternalError } from "@cygnet/plugin-api";
import type { Aead, Crypter, Signer } from "@cygnet/plugin-api";

/** Message sizes whose views are kept. IKE messages of one configuration have a dozen sizes. */
const VIEWS = 64;

/** The parts of one message in the work area. */
interface MessageViews {
  readonly length: number;
  readonly ivAt: number;
  readonly whole: Uint8Array;
  readonly signed: Uint8Array;
  readonly iv: Uint8Array;
  readonly text: Uint8Array;
  readonly icv: Uint8Array;
}

/**
 * A cipher and an integrity algorithm as one {@link Aead}: encrypt, then MAC over `AAD | IV | text` (RFC 7296 section 3.14). The
 * checksum is verified, in constant time, before anything is decrypted.
 *
 * Key: the cipher's, then the signer's. State: the cipher's, then the signer's, each aligned to 16 octets. Messages and states
 * are worked on in a copy whose views are kept by size, so a message costs no allocation. Get one from {@link composedAead}.
 */
export class ComposedAead implements Aead {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly icvBytes: number;
  readonly blockBytes: number;
  readonly ivKind: "random" | "counter";
  readonly stateBytes: number;

  readonly #crypter: Crypter;
  readonly #signer: Signer;
  readonly #signerStateAt: number;
  readonly #state: Uint8Array;
  readonly #crypterState: Uint8Array;
  readonly #signerState: Uint8Array;
  readonly #views: (MessageViews | undefined)[] = new Array<MessageViews | undefined>(VIEWS).fill(undefined);
  #work = new Uint8Array(2048);

  constructor(crypter: Crypter, signer: Signer) {
    this.#crypter = crypter;
    this.#signer = signer;
    this.keyBytes = crypter.keyBytes + signer.keyBytes;
    this.ivBytes = crypter.ivBytes;
    this.icvBytes = signer.icvBytes;
    this.blockBytes = crypter.blockBytes;
    this.ivKind = crypter.ivKind;
    this.#signerStateAt = align16(crypter.stateBytes);
    this.stateBytes = this.#signerStateAt + signer.stateBytes;
    this.#state = new Uint8Array(this.stateBytes);
    this.#crypterState = this.#state.subarray(0, crypter.stateBytes);
    this.#signerState = this.#state.subarray(this.#signerStateAt);
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    if (key.length !== this.keyBytes || state.length !== this.stateBytes) throw new InternalError("wrong key or state size");
    const { keyBytes, stateBytes } = this.#crypter;
    this.#crypter.setKey(key.subarray(0, keyBytes), state.subarray(0, stateBytes));
    this.#signer.setKey(key.subarray(keyBytes), state.subarray(this.#signerStateAt));
  }

  seal(state: Uint8Array, message: Uint8Array, ivAt: number): void {
    const views = this.#viewsFor(message.length, ivAt);
    if (views.text.length % this.blockBytes !== 0) throw new InternalError("text is not padded to the cipher's block");
    views.whole.set(message);
    this.#state.set(state);
    this.#crypter.encrypt(this.#crypterState, views.iv, views.text);
    this.#signer.sign(this.#signerState, views.signed, views.icv);
    message.set(views.whole);
    this.#state.fill(0);
  }

  open(state: Uint8Array, message: Uint8Array, ivAt: number): boolean {
    const textBytes = message.length - ivAt - this.ivBytes - this.icvBytes;
    if (textBytes < 0 || textBytes % this.blockBytes !== 0) return false;
    const views = this.#viewsFor(message.length, ivAt);
    views.whole.set(message);
    this.#state.set(state);
    const isGenuine = this.#signer.verify(this.#signerState, views.signed, views.icv);
    if (isGenuine) {
      this.#crypter.decrypt(this.#crypterState, views.iv, views.text);
      message.set(views.whole);
      views.text.fill(0);
    }
    this.#state.fill(0);
    return isGenuine;
  }

  #viewsFor(length: number, ivAt: number): MessageViews {
    const slot = (length + 7 * ivAt) % VIEWS;
    const known = this.#views[slot];
    if (known !== undefined && known.length === length && known.ivAt === ivAt) return known;
    const textAt = ivAt + this.ivBytes;
    const icvAt = length - this.icvBytes;
    if (ivAt < 0 || textAt > icvAt) throw new InternalError("message is too short for its IV and checksum");
    if (length > this.#work.length) {
      this.#work = new Uint8Array(Math.max(length, 2 * this.#work.length));
      this.#views.fill(undefined);
    }
    const work = this.#work;
    return (this.#views[slot] = {
      length,
      ivAt,
      whole: work.subarray(0, length),
      signed: work.subarray(0, icvAt),
      iv: work.subarray(ivAt, textAt),
      text: work.subarray(textAt, icvAt),
      icv: work.subarray(icvAt, length),
    });
  }
}

const composed = new WeakMap<Crypter, WeakMap<Signer, ComposedAead>>();

/** The one {@link ComposedAead} of a pair of providers on this thread. */
export function composedAead(crypter: Crypter, signer: Signer): Aead {
  let bySigner = composed.get(crypter);
  if (bySigner === undefined) composed.set(crypter, (bySigner = new WeakMap()));
  let aead = bySigner.get(signer);
  if (aead === undefined) bySigner.set(signer, (aead = new ComposedAead(crypter, signer)));
  return aead;
}

/** Native providers may keep words or vectors in their states. */
function align16(bytes: number): number {
  return (bytes + 15) & ~15;
}
