import { linkTopic } from "@cygnet/plugin-api";
import type { ControlLink, CounterQuery, CounterValues, ShardLinks } from "@cygnet/plugin-api";
import { COUNTER_NAMES } from "./counter-names.js";
import type { EventCounters, ShardCounts } from "./event-counters.js";

const READ = linkTopic<undefined, ShardCounts>("counters.read");
/** Starts over, for one connection or (undefined) for all together. Answers whether there were such counters. */
const RESET = linkTopic<string | undefined, boolean>("counters.reset");

/** Answers for the counters of a shard. @returns what ends that */
export function answerFor(counters: EventCounters, link: ControlLink): () => void {
  const undo = [link.answer(READ, () => counters.counts()), link.answer(RESET, (connection) => counters.reset(connection))];
  return () => undo.forEach((each) => void each());
}

/** The counters of the whole daemon: the sums over its shards, asked for anew each time. */
export class DaemonCounters implements CounterQuery {
  constructor(private readonly shards: ShardLinks) {}

  async values(connection: string | undefined): Promise<CounterValues | undefined> {
    const all = await this.shards.askAll(READ, undefined);
    const counts = all.flatMap((shard) => (connection === undefined ? shard.all : (shard.byName.get(connection) ?? [])));
    return counts.length === 0 ? undefined : sum(counts);
  }

  async connections(): Promise<readonly string[]> {
    const all = await this.shards.askAll(READ, undefined);
    return [...new Set(all.flatMap(({ byName }) => [...byName.keys()]))];
  }

  async reset(connection: string | undefined): Promise<boolean> {
    return (await this.shards.askAll(RESET, connection)).includes(true);
  }
}

function sum(all: readonly Float64Array[]): CounterValues {
  const values: Record<string, number> = {};
  COUNTER_NAMES.forEach((name, i) => (values[name] = all.reduce((total, counts) => total + counts[i], 0)));
  return values;
}
