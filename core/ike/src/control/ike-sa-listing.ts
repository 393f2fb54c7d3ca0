import type { IkeSaStatus, MaybePromise, SaSelector } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import { ikeSaStatus, isSelected, isSelectedByAddress } from "./sa-status.js";

/** IKE_SAs in the first piece: who wants only the beginning, or is slow, costs little. */
export const FIRST_PIECE = 100;
/** Each piece is so many times larger than the one before, */
const GROWTH = 4;
/** up to this size, which bounds what is made of a piece and waits for a reader. */
export const LARGEST_PIECE = 2400;
/** Time that a piece may take, whatever the machine and however few are selected; two or three times as much is made of it elsewhere. */
export const PIECE_MS = 4;
/** IKE_SAs that are looked at between two looks at the time. */
export const LOOK_EVERY = 32;

/** The selected IKE_SAs, newest first, in pieces. Those that come while it goes on are left out, those that go by then, too. */
export class IkeSaListing {
  /** Of all IKE_SAs, oldest first. */
  readonly #ids: Uint32Array;
  #left: number;
  #size = FIRST_PIECE;
  #endMs = 0;
  #looked = 0;

  constructor(
    private readonly context: IkeContext,
    private readonly selector: SaSelector,
    private readonly withUse: boolean,
    private readonly nowMs = (): number => performance.now(),
  ) {
    this.#ids = context.manager.ids();
    this.#left = this.#ids.length;
  }

  get isBegun(): boolean {
    return this.#left < this.#ids.length;
  }

  get isAtEnd(): boolean {
    return this.#left === 0;
  }

  /** The next piece, which may be empty before the end. */
  next(): MaybePromise<readonly IkeSaStatus[]> {
    this.#endMs = this.nowMs() + PIECE_MS;
    const { context, selector, withUse } = this;
    const { manager } = context;
    const piece: MaybePromise<IkeSaStatus>[] = [];
    let isPending = false;
    while (this.#left > 0 && piece.length < this.#size && !this.#isTimeUp()) {
      const uniqueId = this.#ids[--this.#left]!;
      const glance = manager.glance(uniqueId);
      const ikeSa = glance && isSelected(glance, selector) && manager.peek(uniqueId);
      if (!ikeSa || !isSelectedByAddress(ikeSa, selector)) continue;
      const status = ikeSaStatus(context, ikeSa, withUse);
      isPending ||= status instanceof Promise;
      piece.push(status);
    }
    this.#size = Math.min(this.#size * GROWTH, LARGEST_PIECE);
    return isPending ? Promise.all(piece) : (piece as IkeSaStatus[]);
  }

  /** Counts what is looked at; something is done in each piece. */
  #isTimeUp(): boolean {
    return ++this.#looked % LOOK_EVERY === 0 && this.nowMs() >= this.#endMs;
  }
}
