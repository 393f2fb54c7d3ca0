const NONCE_BYTES = 32;
const NO_KEYS = new Uint8Array(0);

/** One IKE_SA that the paced client is setting up. */
export class PacedSession {
  readonly nonce = new Uint8Array(NONCE_BYTES);
  peerSpiHi = 0;
  peerSpiLo = 0;
  /** Key block, empty before the IKE_SA_INIT response. */
  keys: Uint8Array = NO_KEYS;
  /** The request that is not answered yet. */
  request: Uint8Array = NO_KEYS;
  isOver = false;

  /** @param number from 1 on, its identity and the second half of its SPI */
  constructor(
    readonly number: number,
    readonly spiHi: number,
  ) {}

  get spiLo(): number {
    return this.number;
  }

  get isKeyed(): boolean {
    return this.keys !== NO_KEYS;
  }
}
