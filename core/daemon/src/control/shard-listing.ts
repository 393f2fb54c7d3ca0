import type { IkeSaStatus, SaSelector } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";

/** What is asked of a shard. */
export interface ListingRequest {
  readonly selector: SaSelector;
  readonly withUse: boolean;
}

/** The IKE_SAs of one shard, in pieces. While one is worked on, the shard makes the next, and no more than that. */
export class ShardListing {
  readonly #shard: ShardPort;
  readonly #failed: (error: unknown) => void;
  readonly #list: Promise<number>;
  #ahead: Promise<readonly IkeSaStatus[] | undefined>;

  /** @param failed is told, once, why the shard lists no more: it may have died */
  constructor(shard: ShardPort, { selector, withUse }: ListingRequest, failed: (error: unknown) => void) {
    this.#shard = shard;
    this.#failed = failed;
    this.#list = Promise.resolve(shard.openList(selector, withUse));
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
      await this.#shard.closeList(await this.#list);
    } catch {
      // It is gone with its shard.
    }
  }

  async #ask(): Promise<readonly IkeSaStatus[] | undefined> {
    try {
      return await this.#shard.nextListed(await this.#list);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}
