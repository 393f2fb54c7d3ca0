import type { RetransmissionProfile } from "@cygnet/plugin-api";
import type { WaitTimes } from "@cygnet/runtime";
import { exchangeTypeName } from "@cygnet/wire";
import type { ExchangeType } from "@cygnet/wire";

/** How long peers let us wait for responses, and what they left unanswered. */
export class ResponseTimes {
  readonly #waits: WaitTimes;
  /** Kinds of wait by exchange type, -1 for those that did not occur yet. */
  readonly #kinds = new Int32Array(256).fill(-1);
  #sent = 0;
  #givenUp = 0;

  constructor(waits: WaitTimes) {
    this.#waits = waits;
  }

  /** @param ms since the request was sent (last) */
  answered(exchange: ExchangeType, ms: number): void {
    let kind = this.#kinds[exchange];
    if (kind < 0) kind = this.#kinds[exchange] = this.#waits.kind("peer", exchangeTypeName(exchange));
    this.#waits.record(kind, ms);
  }

  repeated(): void {
    this.#sent++;
  }

  gaveUp(): void {
    this.#givenUp++;
  }

  get retransmissions(): RetransmissionProfile {
    return { sent: this.#sent, givenUp: this.#givenUp };
  }
}
