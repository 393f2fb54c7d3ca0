import { LogGroup } from "@cygnet/plugin-api";
import type { LogRecord, LogSink } from "@cygnet/plugin-api";

/** The log lines by which the plugin host tells why something essential is missing, the telling part first in each. */
const REASONS = [
  /^registering \S+ of plugin '[^']+' failed: (.+)$/,
  /^(loading critical plugin '[^']+' failed)$/,
  /^(feature \S+ in critical plugin .+)$/,
];

/**
 * Listens to the log while the daemon starts, to say in one line why it did not: the causes are logged where they occur, by the plugin host
 * and whoever it asked, and what reaches the caller is only that some critical feature is missing.
 */
export class StartWitness implements LogSink {
  readonly #found: (string | undefined)[] = [];

  level(group: LogGroup): number {
    return group === LogGroup.LIB ? 1 : -1;
  }

  write({ message }: LogRecord): void {
    REASONS.forEach((pattern, rank) => {
      this.#found[rank] ??= pattern.exec(message)?.[1];
    });
  }

  /** The most telling reason seen so far. */
  get reason(): string | undefined {
    return this.#found.find((reason) => reason !== undefined);
  }
}
