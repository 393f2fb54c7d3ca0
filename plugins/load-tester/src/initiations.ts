import { IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { Alert, IkeSaView, Listener, Logger, OperationObserver, OperationResult, ShardController } from "@cygnet/plugin-api";
import { LatencyHistogram } from "./latency-histogram.js";
import type { PeerGenerator } from "./peer-generator.js";
import type { ShardPlace } from "./shard-share.js";
import type { SourceAddress, SourceAddresses } from "./source-addresses.js";
import type { InitiationCounts } from "./status-sum.js";

/** Told what becomes of initiations, each `started` or `refused`; a started one is `established` or `failed` in the end. */
export interface InitiationWatcher {
  started?(): void;
  /** It could not be started. */
  refused?(): void;
  retransmitted?(): void;
  established?(): void;
  failed?(): void;
}

/** What `Initiations` works with. */
export interface InitiationsOptions {
  readonly controller: Pick<ShardController, "initiate">;
  /** Each shard has other numbers. */
  readonly place: ShardPlace;
  /** Undefined when the options allow no load tests: all initiations are refused. */
  readonly generator: PeerGenerator | undefined;
  readonly addresses: SourceAddresses;
  readonly log: Logger;
  /** Milliseconds since the epoch, with fractions. */
  readonly nowMs: () => number;
  /** Something ended, so there may be room for more. */
  readonly onProgress: () => void;
}

interface Initiation {
  readonly watcher: InitiationWatcher;
  readonly startMs: number;
  /** 0 before there is an IKE_SA. */
  ikeSaId: number;
  ended: boolean;
  address: SourceAddress | undefined;
}

/** No IKE_SA has this id. */
const UNKNOWN_IKE_SA = -1;
/** The way our observers want to be told of log lines. */
const NO_LOG_LINES = -1;

/**
 * Initiates IKE_SAs and follows each to its end. What happened is learnt from the bus; where that says nothing (the IKE_SA never came to
 * be) from the controller.
 */
export class Initiations implements Listener {
  readonly name = "load-tester";
  /** From initiation to IKE_SA up, in microseconds. */
  readonly setupTimes = new LatencyHistogram();
  readonly #options: InitiationsOptions;
  /** Those that are not established yet, by IKE_SA. */
  readonly #open = new Map<number, Initiation>();
  /** Source addresses by IKE_SA, until that is gone. */
  readonly #addresses = new Map<number, SourceAddress>();
  /** Of the last initiation; unique in the daemon. */
  #number: number;
  #inProgress = 0;
  #started = 0;
  #established = 0;
  #failed = 0;
  #refused = 0;
  #retransmits = 0;
  #firstMs = Infinity;
  #lastMs = -Infinity;
  #lastReason = "";
  #stopped = false;

  constructor(options: InitiationsOptions) {
    this.#options = options;
    const { shard, shards } = options.place;
    this.#number = shard + 1 - shards;
  }

  get counts(): InitiationCounts {
    return {
      started: this.#started,
      established: this.#established,
      failed: this.#failed,
      refused: this.#refused,
      retransmits: this.#retransmits,
    };
  }

  /** When the first one began; Infinity before. */
  get firstMs(): number {
    return this.#firstMs;
  }

  /** When the last one ended; -Infinity before. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Initiations that have not ended. */
  get inProgress(): number {
    return this.#inProgress;
  }

  /** From now on all initiations are refused. */
  stop(): void {
    this.#stopped = true;
  }

  /** Begins one initiation. Resolves when its IKE_SA exists, or it was refused; never rejects. */
  async initiate(watcher: InitiationWatcher): Promise<void> {
    const { addresses, controller, generator, nowMs, place } = this.#options;
    if (this.#stopped || generator === undefined) return this.#refuse(watcher);
    const number = (this.#number += place.shards);
    this.#inProgress++;
    const address = await addresses.take();
    const startMs = nowMs();
    if (startMs < this.#firstMs) this.#firstMs = startMs;
    const initiation: Initiation = { watcher, startMs, ikeSaId: 0, ended: false, address };
    await new Promise<void>((handedOver) => {
      const observer: OperationObserver = {
        level: NO_LOG_LINES,
        log: () => undefined,
        started: (ikeSaId) => {
          this.#begun(initiation, ikeSaId);
          handedOver();
        },
      };
      const settled = (result: OperationResult): void => {
        this.#settled(initiation, result);
        handedOver();
      };
      const thrown = (error: unknown): void => {
        this.#complain(error);
        settled("failed");
      };
      try {
        const peer = generator.initiator(number, address?.host);
        controller.initiate(peer, peer.children[0], observer).then(settled, thrown);
      } catch (error) {
        thrown(error);
      }
    });
  }

  alert(ikeSa: IkeSaView | undefined, { alert }: Alert): void {
    if (alert !== "retransmit-send" || ikeSa === undefined) return;
    const initiation = this.#open.get(ikeSa.uniqueId);
    if (initiation === undefined) return;
    this.#retransmits++;
    initiation.watcher.retransmitted?.();
  }

  ikeUpdown(ikeSa: IkeSaView, up: boolean): void {
    const initiation = up ? this.#open.get(ikeSa.uniqueId) : undefined;
    if (initiation !== undefined) this.#end(initiation, true);
  }

  ikeStateChange(ikeSa: IkeSaView, state: IkeSaState): void {
    if (state !== IkeSaState.DESTROYING) return;
    const initiation = this.#open.get(ikeSa.uniqueId);
    if (initiation !== undefined) this.#end(initiation, false);
    const address = this.#addresses.get(ikeSa.uniqueId);
    if (address === undefined) return;
    this.#addresses.delete(ikeSa.uniqueId);
    void this.#options.addresses.release(address);
  }

  /** The address goes with the IKE_SA that is used from now on. */
  ikeRekey(oldSa: IkeSaView, newSa: IkeSaView): void {
    const address = this.#addresses.get(oldSa.uniqueId);
    if (address === undefined) return;
    this.#addresses.delete(oldSa.uniqueId);
    this.#addresses.set(newSa.uniqueId, address);
  }

  #begun(initiation: Initiation, ikeSaId: number): void {
    if (initiation.ikeSaId !== 0 || initiation.ended) return;
    initiation.ikeSaId = ikeSaId;
    this.#open.set(ikeSaId, initiation);
    if (initiation.address !== undefined) this.#addresses.set(ikeSaId, initiation.address);
    this.#started++;
    initiation.watcher.started?.();
  }

  #settled(initiation: Initiation, result: OperationResult): void {
    if (initiation.ended || result === "timeout") return;
    // Done without having been started: by an IKE_SA that we were not told of, but up it is.
    if (result === "done" && initiation.ikeSaId === 0) this.#begun(initiation, UNKNOWN_IKE_SA);
    if (initiation.ikeSaId !== 0) return this.#end(initiation, result === "done");
    initiation.ended = true;
    this.#inProgress--;
    if (initiation.address !== undefined) void this.#options.addresses.release(initiation.address);
    this.#refuse(initiation.watcher);
  }

  #end(initiation: Initiation, isUp: boolean): void {
    initiation.ended = true;
    this.#inProgress--;
    this.#open.delete(initiation.ikeSaId);
    this.#lastMs = this.#options.nowMs();
    if (isUp) {
      this.#established++;
      this.setupTimes.record((this.#lastMs - initiation.startMs) * 1000);
      initiation.watcher.established?.();
    } else {
      this.#failed++;
      initiation.watcher.failed?.();
    }
    this.#options.onProgress();
  }

  #refuse(watcher: InitiationWatcher): void {
    this.#refused++;
    watcher.refused?.();
    this.#options.onProgress();
  }

  /** A load test fails for one reason many times; it is said once. */
  #complain(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.log.log(LogGroup.CFG, 1, `load-test initiation failed: ${reason}`);
  }
}
