import type { IkeSaStatus, MaybePromise, SaSelector } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import { ikeSaStatus, isSelected } from "./sa-status.js";

/** IKE_SAs in the first piece: who wants only the beginning, or is slow, costs little. */
export const FIRST_PIECE = 100;
/** Each piece is so many times larger than the one before, */
const GROWTH = 4;
/** up to some 15 ms of work with all that is made of it: a listing of thousands takes few turns, and exchanges go on between them. */
export const LARGEST_PIECE = 2400;
/** IKE_SAs looked at per piece, where few are selected. */
const EXAMINED_PER_PIECE = 10_000;

/** The selected IKE_SAs, newest first, in pieces. Those that come while it goes on are left out, those that go by then, too. */
export class IkeSaListing {
  readonly #ids: Uint32Array;
  #left = 0;
  #size = FIRST_PIECE;

  constructor(
    private readonly context: IkeContext,
    private readonly selector: SaSelector,
    private readonly withUse: boolean,
  ) {
    const { manager } = context;
    this.#ids = new Uint32Array(manager.size);
    for (const ikeSa of manager.all()) if (this.#left < this.#ids.length) this.#ids[this.#left++] = ikeSa.uniqueId;
  }

  get isBegun(): boolean {
    return this.#left < this.#ids.length;
  }

  get isAtEnd(): boolean {
    return this.#left === 0;
  }

  /** The next piece, which may be empty before the end. */
  next(): MaybePromise<readonly IkeSaStatus[]> {
    const { context, selector, withUse } = this;
    const piece: MaybePromise<IkeSaStatus>[] = [];
    let isPending = false;
    const end = Math.max(0, this.#left - EXAMINED_PER_PIECE);
    while (this.#left > end && piece.length < this.#size) {
      const ikeSa = context.manager.byId(this.#ids[--this.#left]!);
      if (!ikeSa || !isSelected(ikeSa, selector)) continue;
      const status = ikeSaStatus(context, ikeSa, withUse);
      isPending ||= status instanceof Promise;
      piece.push(status);
    }
    this.#size = Math.min(this.#size * GROWTH, LARGEST_PIECE);
    return isPending ? Promise.all(piece) : (piece as IkeSaStatus[]);
  }
}
