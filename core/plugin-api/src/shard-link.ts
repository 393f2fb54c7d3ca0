import type { MaybePromise } from "./job.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/**
 * What a plugin's features on control and on the shards say to each other: a name, which begins with the plugin's, and its types. All of it
 * crosses threads, so it is plain data that survives structured cloning.
 */
export interface LinkTopic<Request, Answer> {
  readonly name: string;
  /** For the compiler alone. */
  readonly types?: (request: Request) => Answer;
}

export const linkTopic = <Request = undefined, Answer = void>(name: string): LinkTopic<Request, Answer> => ({ name });

/** The links of control to its shards, for features on control. */
export interface ShardLinks {
  /** How many shards there are; they are numbered from 0. */
  readonly count: number;
  /** @throws {CygnetError} CYG_SHARD_GONE, CYG_INTERNAL where nothing answers the topic, and what the shard's answer throws */
  ask<Request, Answer>(shard: number, topic: LinkTopic<Request, Answer>, request: Request): Promise<Answer>;
  /** @returns the answers in order of the shards, without those that are gone */
  askAll<Request, Answer>(topic: LinkTopic<Request, Answer>, request: Request): Promise<readonly Answer[]>;
  /** Takes what shards tell. One listener per topic. One that throws, or keeps the thread for 100 ms or longer, is named in the log. */
  listen<Message>(topic: LinkTopic<Message, void>, listener: (message: Message, shard: number) => void): Undo;
  /** Answers what shards ask. One answer per topic; what it throws is thrown where it was asked for. */
  answer<Request, Answer>(
    topic: LinkTopic<Request, Answer>,
    answer: (request: Request, shard: number) => MaybePromise<Answer>,
  ): Undo;
}

export const ShardLinks: ServiceToken<ShardLinks> = serviceToken("ShardLinks");

/** The link of a shard to control, for features on shards. */
export interface ControlLink {
  /** The number of this shard, of so many. */
  readonly shard: number;
  readonly shards: number;
  /** Answers what control asks. One answer per topic. */
  answer<Request, Answer>(topic: LinkTopic<Request, Answer>, answer: (request: Request) => MaybePromise<Answer>): Undo;
  /** Tells control; nobody has to listen. In order, and without an answer. */
  tell<Message>(topic: LinkTopic<Message, void>, message: Message): void;
  /** Asks control, for what is decided in one place for all shards. @throws {CygnetError} CYG_INTERNAL where nothing answers the topic, and what the answer throws */
  ask<Request, Answer>(topic: LinkTopic<Request, Answer>, request: Request): Promise<Answer>;
}

export const ControlLink: ServiceToken<ControlLink> = serviceToken("ControlLink");
