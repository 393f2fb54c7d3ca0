/** How long messages are counted before the share is chosen anew. */
const INTERVAL_MS = 100;
/** Messages that are shed in an interval before the kernel is asked to do it: a few cost little. */
const WORTH_IT = 32;
/** What is let through, by what there was room for: what is shed here still tells that there is more. */
const HEADROOM = 1.25;
/** The smallest share: of messages that are this rare no more is known. */
const LEAST_SHARE = 1 / 64;
/** A larger share is not worth a filter. */
const LARGEST_SHARE = 0.75;

/** The socket whose messages are thinned; counters are modulo 2^32. */
export interface ThinnedSocket {
  readonly firstAdmitted: number;
  readonly firstShed: number;
  readonly isClosed: boolean;
  /** @throws {NativeError} when the kernel takes no filter */
  deliverFirst(share: number): void;
}

export interface ThinningParts {
  /** Calls back after so many milliseconds; must not keep a thread from ending. */
  readonly later: (callback: () => void, ms: number) => void;
  /** The kernel takes no filter. Told once; nothing is thinned then. */
  readonly refused: (error: unknown) => void;
}

/**
 * Has the kernel drop most of those first messages that a socket would shed: under a multiple of the load that can be served, looking at what
 * cannot be served would cost a good part of the work. Which are dropped is chance, so each client gets in as likely as without.
 */
export class Thinning {
  readonly #socket: ThinnedSocket;
  readonly #parts: ThinningParts;
  /** Of what is sent to the socket. */
  #share = 1;
  /** Counters when the interval began. */
  #admitted = 0;
  #shed = 0;
  #isCounting = false;
  #isRefused = false;

  constructor(socket: ThinnedSocket, parts: ThinningParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  /** Begins to count if messages are shed. For the end of each turn: costs nothing as long as there is no overload. */
  look(): void {
    if (this.#isCounting || this.#socket.firstShed === this.#shed || this.#isRefused) return;
    this.#count();
  }

  #count(): void {
    this.#isCounting = true;
    this.#admitted = this.#socket.firstAdmitted;
    this.#shed = this.#socket.firstShed;
    this.#parts.later(() => this.#choose(), INTERVAL_MS);
  }

  #choose(): void {
    const { firstAdmitted, firstShed, isClosed } = this.#socket;
    this.#isCounting = false;
    if (isClosed) return;
    const shed = (firstShed - this.#shed) | 0;
    const share = this.#shareFor((firstAdmitted - this.#admitted) | 0, shed);
    if (share !== this.#share) this.#deliver(share);
    this.#shed = firstShed;
    // Without a turn nobody looks, and a filter must not outlive the overload.
    if (this.#share < 1) this.#count();
  }

  #shareFor(admitted: number, shed: number): number {
    if (this.#share === 1 && shed < WORTH_IT) return 1;
    // The overload may be over.
    if (shed === 0) return rounded(2 * this.#share);
    const sent = (admitted + shed) / this.#share;
    return rounded((HEADROOM * admitted) / sent);
  }

  #deliver(share: number): void {
    try {
      this.#socket.deliverFirst(share);
      this.#share = share;
    } catch (error) {
      this.#isRefused = true;
      this.#parts.refused(error);
    }
  }
}

function rounded(share: number): number {
  return share > LARGEST_SHARE ? 1 : Math.max(LEAST_SHARE, share);
}
