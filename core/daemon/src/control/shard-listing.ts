import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";

/** What is asked of a shard. */
export interface ListingRequest {
  /** A number that no other listing has. */
  readonly list: number;
  readonly selector: SaSelector;
  readonly withUse: boolean;
}

/** The IKE_SAs of one shard, in pieces. While one is worked on, the shard makes the next, and no more than that. */
export class ShardListing {
  readonly #shard: ShardPort;
  readonly #failed: (error: unknown) => void;
  readonly #list: number;
  #ahead: Promise<readonly IkeSaStatus[] | undefined>;

  /** @param failed is told, once, why the shard lists no more: it may have died */
  constructor(shard: ShardPort, { list, selector, withUse }: ListingRequest, failed: (error: unknown) => void) {
    this.#shard = shard;
    this.#failed = failed;
    this.#list = list;
    // Not waited for: each answer of a busy shard takes a turn of it.
    void shard.openList(list, selector, withUse);
    this.#ahead = this.#ask();
  }

  /** Undefined at the end. */
  async next(): Promise<readonly IkeSaStatus[] | undefined> {
    const piece = await this.#ahead;
    if (piece) this.#ahead = this.#ask();
    return piece;
  }

  async close(): Promise<void> {
    try {
      await this.#shard.closeList(this.#list);
    } catch {
      // It is gone with its shard.
    }
  }

  async #ask(): Promise<readonly IkeSaStatus[] | undefined> {
    try {
      return await this.#shard.nextListed(this.#list);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}
