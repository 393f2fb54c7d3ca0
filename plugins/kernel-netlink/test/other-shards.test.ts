import type { ControlLink, LinkTopic, ShardLinks } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { answerOtherShards, joinShards, OtherShards } from "../src/other-shards.js";

/** The links of a daemon in memory: what is told is heard, what is asked is answered. */
function daemon(count: number) {
  const listeners = new Map<string, (message: unknown, shard: number) => void>();
  const answers = new Map<string, (request: unknown) => unknown>();
  const links: ShardLinks = {
    count,
    ask: (shard, topic, request) => Promise.resolve().then(() => answers.get(`${shard} ${topic.name}`)!(request) as never),
    askAll: () => Promise.reject(new Error("nobody asks all")),
    listen: <M>({ name }: LinkTopic<M, void>, listener: (message: M, shard: number) => void) => {
      listeners.set(name, listener as (message: unknown, shard: number) => void);
      return () => void listeners.delete(name);
    },
    answer: () => {
      throw new Error("nobody asks control");
    },
  };
  const messages: unknown[] = [];
  const shard = (index: number): ControlLink => ({
    shard: index,
    shards: count,
    answer: ({ name }, answer) => {
      answers.set(`${index} ${name}`, answer as (request: unknown) => unknown);
      return () => void answers.delete(`${index} ${name}`);
    },
    tell: ({ name }, message) => {
      messages.push(message);
      listeners.get(name)?.(message, index);
    },
    ask: () => Promise.reject(new Error("nobody asks control")),
  });
  return { links, shard, messages };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("what a shard has taken out of the kernel", () => {
  it("is told to all others, what comes in one turn at once", async () => {
    const { links, shard, messages } = daemon(3);
    joinShards(links);
    const restored: string[] = [];
    for (const index of [0, 1, 2]) answerOtherShards(shard(index), (keys) => void restored.push(`${index}: ${keys.join()}`));
    const others = new OtherShards(shard(1));
    others.removed("a");
    others.removed("b");
    await turn();
    await turn();
    expect(messages).toEqual([["a", "b"]]);
    expect(restored).toEqual(["0: a,b", "2: a,b"]);
    others.removed("c");
    await turn();
    expect(messages).toHaveLength(2);
  });

  it("is no matter where a shard has gone, or nobody listens any more", async () => {
    const { links, shard } = daemon(2);
    const undo = joinShards(links);
    const others = new OtherShards(shard(0));
    others.removed("a");
    await turn();
    await undo();
    others.removed("b");
    await turn();
    expect(links.count).toBe(2);
  });
});
