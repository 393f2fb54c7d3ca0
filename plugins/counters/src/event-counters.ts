import type { Alert, BusMessage, ChildSaView, IkeSaView, Listener } from "@cygnet/plugin-api";
import { ExchangeType } from "@cygnet/wire";
import { Counter, COUNTER_NAMES } from "./counter-names.js";

/** Counts in the order of `COUNTER_NAMES`. */
export interface ShardCounts {
  readonly all: Float64Array;
  readonly byName: ReadonlyMap<string, Float64Array>;
}

/**
 * Counts the IKE events of one shard, for all connections together and for each by name.
 *
 * A message costs one addition, a second one and a look-up of the name where its connection is known already. Doubles, so that nothing
 * wraps before 2^53.
 */
export class EventCounters implements Listener {
  readonly name = "counters";
  readonly #all = new Float64Array(COUNTER_NAMES.length);
  readonly #byName = new Map<string, Float64Array>();

  message(ikeSa: IkeSaView, message: BusMessage, incoming: boolean): void {
    const exchange = message.exchangeType - ExchangeType.IKE_SA_INIT;
    // strongSwan has counters for the four exchanges of IKEv2 only.
    if (exchange < 0 || exchange > ExchangeType.INFORMATIONAL - ExchangeType.IKE_SA_INIT) return;
    this.#count(ikeSa.name, Counter.FIRST_MESSAGE + exchange * 4 + (incoming ? 0 : 2) + (message.isResponse ? 1 : 0));
  }

  alert(ikeSa: IkeSaView | undefined, { alert }: Alert): void {
    if (alert === "invalid-ike-spi") this.#count(ikeSa?.name ?? "", Counter.IN_INVALID_SPI);
    else if (alert === "parse-error-header" || alert === "parse-error-body") {
      this.#count(ikeSa?.name ?? "", Counter.IN_INVALID);
    }
  }

  ikeRekey(_oldSa: IkeSaView, newSa: IkeSaView): void {
    this.#count(newSa.name, newSa.isInitiator ? Counter.INIT_REKEY : Counter.RSP_REKEY);
  }

  childRekey(ikeSa: IkeSaView, _oldChild: ChildSaView, _newChild: ChildSaView): void {
    this.#count(ikeSa.name, Counter.CHILD_SA_REKEY);
  }

  /** What is counted so far. The arrays go on counting. */
  counts(): ShardCounts {
    return { all: this.#all, byName: this.#byName };
  }

  /** Starts over from zero; a connection without counters is answered with false. */
  reset(connection: string | undefined): boolean {
    if (connection !== undefined) return this.#byName.delete(connection);
    this.#all.fill(0);
    return true;
  }

  #count(name: string, counter: number): void {
    this.#all[counter]++;
    // The first message arrives before a connection is chosen.
    if (name === "") return;
    let counts = this.#byName.get(name);
    if (counts === undefined) {
      counts = new Float64Array(COUNTER_NAMES.length);
      this.#byName.set(name, counts);
    }
    counts[counter]++;
  }
}
