import type { IkeSaStatus, MaybePromise, SaSelector } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { IkeSa } from "../sa/ike-sa.js";
import { ikeSaStatus, isSelected } from "./sa-status.js";

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
  /** Of all IKE_SAs, oldest first: gathered first, in pieces as well. */
  readonly #ids: Uint32Array;
  readonly #all: Iterator<IkeSa>;
  #gathered = 0;
  #isGathered: boolean;
  #left = 0;
  #size = FIRST_PIECE;
  #endMs = 0;
  #looked = 0;

  constructor(
    private readonly context: IkeContext,
    private readonly selector: SaSelector,
    private readonly withUse: boolean,
    private readonly nowMs = (): number => performance.now(),
  ) {
    const { manager } = context;
    this.#ids = new Uint32Array(manager.size);
    this.#all = manager.all()[Symbol.iterator]();
    this.#isGathered = this.#ids.length === 0;
  }

  get isBegun(): boolean {
    return this.#gathered > 0;
  }

  get isAtEnd(): boolean {
    return this.#isGathered && this.#left === 0;
  }

  /** The next piece, which may be empty before the end. */
  next(): MaybePromise<readonly IkeSaStatus[]> {
    this.#endMs = this.nowMs() + PIECE_MS;
    if (!this.#gather()) return [];
    const { context, selector, withUse } = this;
    const piece: MaybePromise<IkeSaStatus>[] = [];
    let isPending = false;
    while (this.#left > 0 && piece.length < this.#size && !this.#isTimeUp()) {
      const ikeSa = context.manager.byId(this.#ids[--this.#left]!);
      if (!ikeSa || !isSelected(ikeSa, selector)) continue;
      const status = ikeSaStatus(context, ikeSa, withUse);
      isPending ||= status instanceof Promise;
      piece.push(status);
    }
    this.#size = Math.min(this.#size * GROWTH, LARGEST_PIECE);
    return isPending ? Promise.all(piece) : (piece as IkeSaStatus[]);
  }

  /** @returns whether all numbers are there */
  #gather(): boolean {
    while (!this.#isGathered) {
      if (this.#isTimeUp()) return false;
      const { done, value } = this.#all.next();
      if (!done) this.#ids[this.#gathered++] = value.uniqueId;
      if (done || this.#gathered === this.#ids.length) {
        this.#isGathered = true;
        this.#left = this.#gathered;
      }
    }
    return true;
  }

  /** Counts what is looked at; something is done in each piece. */
  #isTimeUp(): boolean {
    return ++this.#looked % LOOK_EVERY === 0 && this.nowMs() >= this.#endMs;
  }
}
