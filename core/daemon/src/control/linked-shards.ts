import type { LinkTopic, MaybePromise, ShardLinks, Undo } from "@cygnet/plugin-api";
import type { PluginGuard } from "@cygnet/runtime";
import type { ShardPort } from "../link.js";
import { ShardGoneError } from "../threads/gone-shard.js";
import type { ControlSide } from "./control-side.js";

/** How features on control reach those on the shards. */
export class LinkedShards implements ShardLinks {
  /** @param guard what listeners are called by: who tells something never hears what became of it */
  constructor(
    private readonly shards: readonly ShardPort[],
    private readonly side: ControlSide,
    private readonly guard: PluginGuard,
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
    const call = { kind: "listener of topic", name: topic.name, what: "a message", otherwise: undefined };
    return this.side.topics.add(topic.name, (shard, message) => {
      void this.guard.call<unknown>(call, () => listener(message as Message, shard));
    });
  }

  answer<Request, Answer>(
    topic: LinkTopic<Request, Answer>,
    answer: (request: Request, shard: number) => MaybePromise<Answer>,
  ): Undo {
    return this.side.topics.add(topic.name, (shard, request) => answer(request as Request, shard));
  }
}
