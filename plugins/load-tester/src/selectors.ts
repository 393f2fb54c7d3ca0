import { ONLY_SHARD } from "./shard-share.js";
import type { ShardPlace } from "./shard-share.js";

/** First port of `%unique`, behind the privileged ones. */
const FIRST_UNIQUE_PORT = 1025;
const MAX_PORT = 65_535;
const UNIQUE = "%unique";

/** Traffic selectors of options: texts separated by commas, and ports `%unique`, which are other ones for each initiation of the daemon. */
export class Selectors {
  #nextPort: number;

  constructor(private readonly place: ShardPlace = ONLY_SHARD) {
    this.#nextPort = FIRST_UNIQUE_PORT + place.shard;
  }

  /**
   * The selectors of one side of an initiation, `dynamic` if the option is not set. Each that has a unique port takes the next one of
   * this shard; after 65535 they start over.
   */
  forInitiation(option: string | undefined): string[] {
    return split(option).map((each) => each.replace(UNIQUE, () => String(this.#takePort())));
  }

  /** The selectors of the responder, for whom a unique port is any: it has one configuration for all initiations. */
  forResponder(option: string | undefined): string[] {
    return split(option).map((each) => each.replace(UNIQUE, "%any"));
  }

  #takePort(): number {
    const port = this.#nextPort;
    const { shard, shards } = this.place;
    this.#nextPort = port + shards > MAX_PORT ? FIRST_UNIQUE_PORT + shard : port + shards;
    return port;
  }
}

/** Whether an initiation's selectors of this option are other ones than the last one's. */
export function hasUniquePort(option: string | undefined): boolean {
  return option !== undefined && option.includes(UNIQUE);
}

function split(option: string | undefined): string[] {
  const texts = (option ?? "").split(",").map((each) => each.trim().replace(/^%dynamic/, "dynamic"));
  const selectors = texts.filter((each) => each !== "");
  return selectors.length === 0 ? ["dynamic"] : selectors;
}
