import type { LinkTopic, ShardLinks, Undo } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";
import { ShardGoneError } from "../threads/gone-shard.js";
import type { ControlSide } from "./control-side.js";

/** How features on control reach those on the shards. */
export class LinkedShards implements ShardLinks {
  constructor(
    private readonly shards: readonly ShardPort[],
    private readonly side: ControlSide,
  ) {}

  get count(): number {
    return this.shards.length;
  }

  async ask<Request, Answer>(shard: number, topic: LinkTopic<Request, Answer>, request: Request): Promise<Answer> {
    return (await this.shards[shard]!.ask(topic.name, request)) as Answer;
  }

  async askAll<Request, Answer>(topic: LinkTopic<Request, Answer>, request: Request): Promise<readonly Answer[]> {
    const outcomes = await Promise.allSettled(this.shards.map((_, shard) => this.ask(shard, topic, request)));
    return outcomes.flatMap((outcome) => {
      if (outcome.status === "fulfilled") return [outcome.value];
      if (outcome.reason instanceof ShardGoneError) return [];
      throw outcome.reason;
    });
  }

  listen<Message>(topic: LinkTopic<Message, void>, listener: (message: Message, shard: number) => void): Undo {
    return this.side.topics.add(topic.name, (shard, message) => listener(message as Message, shard));
  }
}
