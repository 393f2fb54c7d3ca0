import { LogGroup } from "@cygnet/plugin-api";
import type { LogRecord, LogSink } from "@cygnet/plugin-api";
import { LineFormat } from "../log/line-format.js";

/** Keeps log lines for a test to look at, as `TT[GRPn] <name|id> message`. */
export class MemorySink implements LogSink {
  readonly lines: string[] = [];
  readonly #level: number;
  readonly #format = new LineFormat({ logLevel: true, ikeName: true });

  /** @param level highest level that is kept, by default all */
  constructor(level = 4) {
    this.#level = level;
  }

  level(_group: LogGroup): number {
    return this.#level;
  }

  write(record: LogRecord): void {
    this.lines.push(...this.#format.format(record).slice(0, -1).split("\n"));
  }

  /** The lines of one group up to a level, without thread and tag. */
  messages(group: LogGroup, level = 4): string[] {
    const tag = new RegExp(`^\\d\\d\\[${LogGroup[group]}([-\\d]+)\\] (.*)$`);
    const found: string[] = [];
    for (const line of this.lines) {
      const match = tag.exec(line);
      if (match && Number(match[1]) <= level) found.push(match[2]);
    }
    return found;
  }
}
