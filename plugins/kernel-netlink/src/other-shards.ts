import { linkTopic } from "@cygnet/plugin-api";
import type { ControlLink, ShardLinks, Undo } from "@cygnet/plugin-api";

/** Names of policies that a shard has taken out of the kernel. */
const REMOVED = linkTopic<readonly string[]>("kernel-netlink.policies-removed");
const RESTORE = linkTopic<readonly string[]>("kernel-netlink.policies-restore");

/** What a shard tells the others: which policies it has taken out of the kernel, as they may want the same. What comes in one turn goes at once. */
export class OtherShards {
  #removed: string[] = [];

  constructor(private readonly link: Pick<ControlLink, "tell">) {}

  removed(key: string): void {
    if (this.#removed.push(key) === 1) setImmediate(() => this.#tell());
  }

  #tell(): void {
    const keys = this.#removed;
    this.#removed = [];
    this.link.tell(REMOVED, keys);
  }
}

/** On a shard: puts policies back that it wants and another one has taken out. */
export function answerOtherShards(link: ControlLink, restore: (keys: readonly string[]) => void): Undo {
  return link.answer(RESTORE, restore);
}

/** On control: passes on to the other shards what one tells. One that has just gone wants nothing. */
export function joinShards(links: ShardLinks): Undo {
  return links.listen(REMOVED, (keys, from) => {
    for (let shard = 0; shard < links.count; shard++) if (shard !== from) links.ask(shard, RESTORE, keys).catch(() => undefined);
  });
}
