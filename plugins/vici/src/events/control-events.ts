import { LogGroup } from "@cygnet/plugin-api";
import type { LogRecord, LogSink, LogSinks, Logger, ShardLinks } from "@cygnet/plugin-api";
import { encodeMessage } from "@cygnet/vici";
import { logText } from "../format/index.js";
import { SA_EVENTS, isSaEvent } from "../server/event-names.js";
import type { SaEvent } from "../server/event-names.js";
import type { ViciServer } from "../server/vici-server.js";
import { EVENTS_OF_TURN, STARTED, WANTED } from "./event-topics.js";

/** The highest level of lines in `log` events, whatever the loggers have. */
const LOG_LEVEL = 1;

/** What the events of the daemon come from. */
export interface ControlEventsParts {
  readonly shards: ShardLinks;
  readonly sinks: LogSinks;
  readonly log: Logger;
}

/** Gets events from where they occur to the server, while any client wants them. */
export class ControlEvents {
  readonly #parts: ControlEventsParts;
  readonly #undo: (() => unknown)[];
  readonly #wanted = new Set<SaEvent>();
  #removeSink: (() => void) | undefined;

  /** @param server where events go; it comes later, as it asks for them */
  constructor(
    parts: ControlEventsParts,
    private readonly server: () => Pick<ViciServer, "broadcast" | "broadcastLine">,
  ) {
    this.#parts = parts;
    const { shards } = parts;
    this.#undo = [
      shards.listen(EVENTS_OF_TURN, (batch) => {
        for (const { event, message } of batch) this.server().broadcast(event, message);
      }),
      shards.listen(STARTED, (_message, shard) => this.#greet(shard)),
    ];
  }

  /** A client wants an event first, or the last one does not any more. Resolves when it is so. */
  async setWanted(event: string, isWanted: boolean): Promise<void> {
    if (event === "log") this.#setLog(isWanted);
    if (!isSaEvent(event)) return;
    if (isWanted) this.#wanted.add(event);
    else this.#wanted.delete(event);
    await this.#parts.shards.askAll(WANTED, this.#list);
  }

  async stop(): Promise<void> {
    this.#setLog(false);
    for (const undo of this.#undo) await undo();
  }

  get #list(): readonly SaEvent[] {
    return SA_EVENTS.filter((event) => this.#wanted.has(event));
  }

  #greet(shard: number): void {
    if (this.#wanted.size === 0) return;
    this.#parts.shards.ask(shard, WANTED, this.#list).catch((error: unknown) => {
      this.#parts.log.log(LogGroup.CFG, 1, `telling shard ${shard} of vici events failed: ${String(error)}`);
    });
  }

  #setLog(isWanted: boolean): void {
    this.#removeSink?.();
    this.#removeSink = isWanted ? this.#parts.sinks.add(this.#sink()) : undefined;
  }

  #sink(): LogSink {
    return {
      level: () => LOG_LEVEL,
      write: (record) => this.server().broadcastLine("log", logMessage(record)),
    };
  }
}

function logMessage({ group, level, thread, ikeSaId, ikeSaName, message }: LogRecord): Uint8Array {
  return encodeMessage({
    group: LogGroup[group],
    level,
    thread,
    ...(ikeSaId > 0 && { "ikesa-name": ikeSaName || "(unnamed)", "ikesa-uniqueid": ikeSaId }),
    msg: logText(message),
  });
}
