import { ExchangeType, IkeFlags, makeNotifyPayload } from "@cygnet/wire";
import type { NotifyPayload, Payload } from "@cygnet/wire";
import type { IkeSa } from "../ike-sa.js";

/**
 * A message as the tasks put it together. Payloads go out in the order they were added; those of `addLast` behind all others.
 */
export class OutgoingMessage {
  readonly payloads: Payload[] = [];
  #last: Payload[] | undefined;

  constructor(
    /** An `ExchangeType`; tasks of a request may settle it. */
    public exchangeType: number,
    readonly isResponse: boolean,
    readonly messageId: number,
  ) {}

  add(payload: Payload): void {
    this.payloads.push(payload);
  }

  addLast(payload: Payload): void {
    (this.#last ??= []).push(payload);
  }

  addNotify(type: number, data?: Uint8Array): NotifyPayload {
    const payload = makeNotifyPayload(type, data);
    this.payloads.push(payload);
    return payload;
  }

  /** Takes out what was added so far: a task has found that the answer is an error alone. */
  clear(): void {
    this.payloads.length = 0;
    this.#last = undefined;
  }

  /** Puts the late payloads in place; called once, before generating. */
  finish(): void {
    if (this.#last) this.payloads.push(...this.#last);
    this.#last = undefined;
  }

  get isEmpty(): boolean {
    return this.payloads.length === 0 && this.#last === undefined;
  }

  /** Whether its payloads go inside an SK payload. */
  get isProtected(): boolean {
    return this.exchangeType !== ExchangeType.IKE_SA_INIT;
  }

  flags(ikeSa: IkeSa): number {
    return (ikeSa.isInitiator ? IkeFlags.INITIATOR : 0) | (this.isResponse ? IkeFlags.RESPONSE : 0);
  }
}
