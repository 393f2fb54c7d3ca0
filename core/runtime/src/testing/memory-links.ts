import { InternalError } from "@cygnet/plugin-api";
import type { ControlLink, LinkTopic, MaybePromise, ShardLinks, Undo } from "@cygnet/plugin-api";

/** Control with its shards, without a daemon: what crosses is cloned, and answers come later, as between threads. */
export class MemoryLinks implements ShardLinks {
  readonly shards: readonly ControlLink[];
  readonly #answers: readonly Map<string, (request: unknown) => unknown>[];
  readonly #listeners = new Map<string, (message: unknown, shard: number) => void>();
  readonly #controlAnswers = new Map<string, (request: unknown, shard: number) => unknown>();

  constructor(readonly count: number) {
    this.#answers = Array.from({ length: count }, () => new Map());
    this.shards = this.#answers.map((answers, shard) => ({
      shard,
      shards: count,
      answer: ({ name }, answer) => {
        answers.set(name, answer as (request: unknown) => unknown);
        return () => void answers.delete(name);
      },
      tell: ({ name }, message) => this.#listeners.get(name)?.(structuredClone(message), shard),
      ask: async <Request, Answer>({ name }: LinkTopic<Request, Answer>, request: Request) => {
        const answer = this.#controlAnswers.get(name);
        if (!answer) throw new InternalError(`nothing answers '${name}' on control`);
        return structuredClone(await answer(structuredClone(request), shard)) as Answer;
      },
    }));
  }

  async ask<Request, Answer>(shard: number, { name }: LinkTopic<Request, Answer>, request: Request): Promise<Answer> {
    const answer = this.#answers[shard]?.get(name);
    if (!answer) throw new InternalError(`nothing answers '${name}' on shard ${shard}`);
    return structuredClone(await answer(structuredClone(request))) as Answer;
  }

  askAll<Request, Answer>(topic: LinkTopic<Request, Answer>, request: Request): Promise<readonly Answer[]> {
    return Promise.all(this.shards.map((_, shard) => this.ask(shard, topic, request)));
  }

  listen<Message>({ name }: LinkTopic<Message, void>, listener: (message: Message, shard: number) => void): Undo {
    this.#listeners.set(name, (message, shard) => listener(message as Message, shard));
    return () => void this.#listeners.delete(name);
  }

  answer<Request, Answer>(
    { name }: LinkTopic<Request, Answer>,
    answer: (request: Request, shard: number) => MaybePromise<Answer>,
  ): Undo {
    this.#controlAnswers.set(name, answer as (request: unknown, shard: number) => unknown);
    return () => void this.#controlAnswers.delete(name);
  }
}
