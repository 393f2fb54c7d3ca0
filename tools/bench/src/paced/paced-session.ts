const NONE = new Uint8Array(0);

/** One IKE_SA of the paced client. Small, as a hundred thousand of them may wait for an answer. */
export class PacedSession {
  peerSpiHi = 0;
  peerSpiLo = 0;
  /** That the responder asked for, empty if it did not. */
  cookie: Uint8Array = NONE;
  /** Key block, empty before the IKE_SA_INIT response. */
  keys: Uint8Array = NONE;
  /** The protected request that is not answered yet; that of IKE_SA_INIT is made again when it is needed again. */
  request: Uint8Array = NONE;
  messageId = 0;
  /** Requests so far, those that were only sent again not counted. */
  requests = 0;
  /** It was set up, and is kept. */
  isUp = false;
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
    return this.keys !== NONE;
  }
}
