import { setImmediate as nextTurn } from "node:timers/promises";
import type { IkeSaStatus, LinkTopic, SaSelector, Undo } from "@cygnet/plugin-api";
import { IkeSaListing } from "@cygnet/ike";
import type { IkeContext } from "@cygnet/ike";
import type { JobProcessor } from "@cygnet/runtime";
import { Topics } from "../topics.js";

/** The listings of a shard's IKE_SAs that control has under way, by their numbers. */
export class ShardLists {
  readonly #listings = new Map<number, IkeSaListing>();
  readonly #texts = new Topics<[ikeSa: IkeSaStatus, how: unknown]>();

  constructor(
    private readonly context: IkeContext,
    private readonly processor: Pick<JobProcessor, "shortenTurns">,
  ) {}

  /** @throws {InternalError} for a topic that has a text */
  addText<How>(topic: LinkTopic<How, string>, text: (ikeSa: IkeSaStatus, how: How) => string): Undo {
    return this.#texts.add(topic.name, (ikeSa, how) => text(ikeSa, how as How));
  }

  open(list: number, selector: SaSelector, withUse: boolean): void {
    this.#listings.set(list, new IkeSaListing(this.context, selector, withUse));
  }

  /** The next piece, undefined at the end. */
  async next(list: number): Promise<readonly IkeSaStatus[] | undefined> {
    const listing = this.#listings.get(list);
    if (!listing || listing.isAtEnd) return undefined;
    const undo = this.processor.shortenTurns();
    try {
      if (listing.isBegun) await nextTurn();
      return await listing.next();
    } finally {
      undo();
    }
  }

  /** The same as text. @throws {InternalError} for a topic that has none */
  async nextText(list: number, topic: string, how: unknown): Promise<string | undefined> {
    const piece = await this.next(list);
    if (!piece) return undefined;
    let text = "";
    for (const ikeSa of piece) text += this.#texts.call(topic, ikeSa, how) as string;
    return text;
  }

  close(list: number): void {
    this.#listings.delete(list);
  }
}
