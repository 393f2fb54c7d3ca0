import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { SaEvent } from "./events.js";

/** What a `Publisher` goes by. */
export interface PublisherOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly retryMs: number;
  /** Events that are kept at most. */
  readonly queue: number;
  readonly log: Logger;
}

/** Events of one request at most: what gathers while one is under way goes together. */
const BATCH = 100;
const MAX_RETRY_MS = 60_000;
/** A shutdown waits for a last request, but not long. */
const CLOSE_MS = 2000;

/** Posts events in their order, `{ "events": [...] }`, and again until they are taken. What does not fit into its queue is counted and dropped. */
export class Publisher {
  readonly #queue: SaEvent[] = [];
  /** Events that are in a request right now. */
  #underWay = 0;
  #sent = 0;
  #dropped = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #posting: Promise<void> | undefined;
  #isClosed = false;

  constructor(private readonly options: PublisherOptions) {}

  add(event: SaEvent): void {
    if (this.#isClosed) return;
    this.#queue.push(event);
    if (this.#queue.length > this.options.queue) {
      // The oldest that nobody is being told of already.
      this.#queue.splice(this.#underWay < this.#queue.length ? this.#underWay : 0, 1);
      if (this.#dropped++ === 0) this.#say(`its queue of ${this.options.queue} events is full, the oldest are dropped`);
    }
    if (!this.#posting && !this.#timer) this.#post();
  }

  /** For `statusall`. */
  status(): string {
    return `${this.#sent} events sent, ${this.#queue.length} queued, ${this.#dropped} dropped`;
  }

  /** Sends what there is, once, and no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#posting;
    clearTimeout(this.#timer);
    if (this.#queue.length > 0) await this.#send(Math.min(this.options.timeoutMs, CLOSE_MS));
    if (this.#queue.length > 0) this.#say(`${this.#queue.length} events were not taken`);
  }

  #post(): void {
    this.#timer = undefined;
    this.#posting = this.#send(this.options.timeoutMs).then((isTaken) => {
      this.#posting = undefined;
      if (this.#isClosed || this.#queue.length === 0) return;
      if (isTaken) return this.#post();
      const delayMs = Math.min(this.options.retryMs * 2 ** (this.#failures - 1), MAX_RETRY_MS);
      this.#timer = setTimeout(() => this.#post(), delayMs).unref();
    });
  }

  /** One request with what is queued. @returns whether it was taken; it does not reject */
  async #send(timeoutMs: number): Promise<boolean> {
    const events = this.#queue.slice(0, BATCH);
    this.#underWay = events.length;
    const { url, token } = this.options;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      // Else the connection stays with the answer.
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      this.#queue.splice(0, events.length);
      this.#sent += events.length;
      if (this.#failures > 0) this.#say("events are taken again");
      this.#failures = 0;
      return true;
    } catch (error) {
      // Once, not for each try.
      if (this.#failures++ === 0) this.#say(`posting events failed: ${reasonOf(error)}`);
      return false;
    } finally {
      this.#underWay = 0;
    }
  }

  #say(message: string): void {
    this.options.log.log(LogGroup.APP, 1, `webhook: ${message}`);
  }
}

/** fetch says "fetch failed", and the reason in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
