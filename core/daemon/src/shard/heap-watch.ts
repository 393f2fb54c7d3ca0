import { getHeapStatistics } from "node:v8";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";

/**
 * Parts of the heap's limit at which no new IKE_SAs are let in, and at which they are again. What is left must do for what the others need, and for
 * one table that grows. The engine collects garbage before the first is reached, unless nearly all is in use.
 */
const SHORT = 0.9;
const EASED = 0.8;
const MIB = 2 ** 20;

/** Octets of the JavaScript heap. */
export interface HeapUse {
  readonly used: number;
  readonly limit: number;
}

/** Watches the heap of the thread that it is on, so that IKE_SAs do not fill it: at its limit the thread would end with all that it has. */
export class HeapWatch {
  #isShort = false;

  constructor(
    private readonly name: string,
    private readonly log: Logger,
    private readonly heapUse = ownHeapUse,
  ) {}

  /** Whether there is no memory for more IKE_SAs. */
  get isShort(): boolean {
    return this.#isShort;
  }

  look(): void {
    const { used, limit } = this.heapUse();
    const isShort = used > limit * (this.#isShort ? EASED : SHORT);
    if (isShort === this.#isShort) return;
    this.#isShort = isShort;
    const what = isShort ? "no new IKE_SAs are accepted" : "new IKE_SAs are accepted again";
    this.log.log(LogGroup.DMN, 0, `${this.name} uses ${toMiB(used)} of ${toMiB(limit)} MiB of heap, ${what}`);
  }
}

function ownHeapUse(): HeapUse {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { used, limit };
}

const toMiB = (octets: number): number => Math.round(octets / MIB);
