import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { InitiationWatcher } from "./initiations.js";
import { START_REQUEST, STATUS_REQUEST } from "./load-test-status.js";
import type { LoadTestStatus } from "./load-test-status.js";
import { ProgressWriter } from "./progress-writer.js";

/** strongSwan reads no more of a request. */
const MAX_REQUEST = 15;
/** Milliseconds that a client may take to say what it wants. */
const REQUEST_LIMIT_MS = 10_000;
/** Initiations after which the event loop gets its turn. */
const YIELD_EVERY = 4;

const START = new RegExp(`^${START_REQUEST}(?: +(\\d+))?\\s*$`);

/** What a `ControlService` works with. */
export interface ControlServiceOptions {
  /** Resolves when the IKE_SA exists or is refused, and the pause is over. What is told of it may come later. */
  readonly initiate: (watcher: InitiationWatcher, delayMs: number) => Promise<void>;
  readonly status: () => Promise<LoadTestStatus>;
  /** Begins the initiators that wait, for at most so many initiations. Settles when they have ended. */
  readonly startInitiators: (atMost: number) => Promise<void>;
}

/**
 * Serves the control socket: `COUNT [DELAY_MS]` initiates and reports each step with a character, `STATUS` answers with a line of JSON,
 * `START [COUNT]` begins the configured initiators and answers with that line when they have ended.
 * What a client asked for goes on when the client goes away.
 */
export class ControlService {
  readonly #options: ControlServiceOptions;
  #stopped = false;

  constructor(options: ControlServiceOptions) {
    this.#options = options;
  }

  /** Requests are not carried on from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Serves one connection, until it is answered. */
  async serve(client: Socket): Promise<void> {
    const request = await readRequest(client);
    if (request.trim() === STATUS_REQUEST.trim()) {
      await this.#answerStatus(client);
      return;
    }
    const start = START.exec(request);
    if (start !== null) {
      await this.#options.startInitiators(start[1] === undefined ? Infinity : Number(start[1]));
      if (this.#stopped) client.end();
      else await this.#answerStatus(client);
      return;
    }
    const numbers = /^\s*(\d+)(?:\s+(\d+))?/.exec(request);
    if (numbers === null) {
      client.end();
      return;
    }
    await this.#initiate(client, Number(numbers[1]), Number(numbers[2] ?? 0));
  }

  async #answerStatus(client: Socket): Promise<void> {
    client.end(`${JSON.stringify(await this.#options.status())}\n`);
  }

  async #initiate(client: Socket, count: number, delayMs: number): Promise<void> {
    const progress = new ProgressWriter(client);
    let open = 0;
    let allEnded: () => void = () => undefined;
    const ended = (character: string): void => {
      progress.put(character);
      if (--open === 0) allEnded();
    };
    const watcher = {
      started: () => progress.put("."),
      refused: () => ended("!"),
      retransmitted: () => progress.put("*"),
      established: () => ended("+"),
      failed: () => ended("-"),
    };
    for (let i = 0; i < count && !this.#stopped; i++) {
      open++;
      await this.#options.initiate(watcher, delayMs);
      if (delayMs === 0 && i % YIELD_EVERY === 0) await setImmediate();
    }
    if (open > 0) await new Promise<void>((resolve) => (allEnded = resolve));
    progress.put("\n");
    progress.end();
  }
}

/** The first line, or what there is of it when the client says no more. */
function readRequest(client: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const done = (): void => {
      client.off("data", read).off("end", done).off("close", done).setTimeout(0);
      resolve(text.slice(0, MAX_REQUEST).split("\n")[0]);
    };
    const read = (octets: Buffer): void => {
      text += octets.toString("latin1");
      if (text.includes("\n") || text.length >= MAX_REQUEST) done();
    };
    client.on("data", read).once("end", done).once("close", done);
    client.setTimeout(REQUEST_LIMIT_MS, () => client.destroy());
  });
}
