import type { SaSelector } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";

/** What is asked of a shard. @typeParam Piece what it answers with, piece by piece */
export interface ListingRequest<Piece> {
  /** A number that no other listing has. */
  readonly list: number;
  readonly selector: SaSelector;
  readonly withUse: boolean;
  /** Undefined at the end. */
  readonly next: (shard: ShardPort) => Piece | undefined | Promise<Piece | undefined>;
}

/** The IKE_SAs of one shard, in pieces. While one is worked on, the shard makes the next, and no more than that. */
export class ShardListing<Piece> {
  readonly #shard: ShardPort;
  readonly #request: ListingRequest<Piece>;
  readonly #failed: (error: unknown) => void;
  #ahead: Promise<Piece | undefined>;

  /** @param failed is told, once, why the shard lists no more: it may have died */
  constructor(shard: ShardPort, request: ListingRequest<Piece>, failed: (error: unknown) => void) {
    this.#shard = shard;
    this.#request = request;
    this.#failed = failed;
    // Not waited for: each answer of a busy shard takes a turn of it.
    void shard.openList(request.list, request.selector, request.withUse);
    this.#ahead = this.#ask();
  }

  /** Undefined at the end. */
  async next(): Promise<Piece | undefined> {
    const piece = await this.#ahead;
    if (piece !== undefined) this.#ahead = this.#ask();
    return piece;
  }

  async close(): Promise<void> {
    try {
      await this.#shard.closeList(this.#request.list);
    } catch {
      // It is gone with its shard.
    }
  }

  async #ask(): Promise<Piece | undefined> {
    try {
      return await this.#request.next(this.#shard);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}
