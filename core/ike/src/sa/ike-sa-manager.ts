import { IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import { WireError, exchangeTypeName } from "@cygnet/wire";
import type { IkeHeader, Message } from "@cygnet/wire";
import type { IkeContext } from "../ike-context.js";
import type { DaemonCounts } from "../network/daemon-counts.js";
import { LocalPorts } from "../network/local-ports.js";
import type { ProcessMessageJob } from "../network/process-message-job.js";
import type { IkeConfig, PeerConfig } from "../config/index.js";
import { ClosedResponses } from "./closed-responses.js";
import { likeness } from "./init-likeness.js";
import { isOfPeer } from "./header-owner.js";
import type { ChildSa } from "./child-sa.js";
import { Condition, IkeSa } from "./ike-sa.js";
import { IkeSaTable } from "./ike-sa-table.js";
import { Handshake } from "./ikev2/handshake.js";
import { processingFailed } from "./ikev2/open-message.js";
import { TaskManager } from "./ikev2/task-manager.js";
import { retransmissionText } from "./ikev2/transmission.js";
import { NameRefresh } from "./name-refresh.js";
import { NumberIndex } from "./number-index.js";
import { spiLabel } from "./spi-label.js";
import { RecordError } from "./rest/record-error.js";
import type { IkeSaGlance } from "./rest/ike-sa-record.js";
import { RestingIkeSas } from "./rest/resting-ike-sas.js";
import { SaTimers } from "./sa-timers.js";
import { SpiTable, spiKey } from "./spi-table.js";
import type { IdentityPairs } from "./identity-pairs.js";
import { UniquenessIndex } from "./uniqueness-index.js";
import { Redirections } from "./redirection.js";
import { Upkeep } from "./upkeep.js";
import type { Otherwise, Work } from "./work.js";

/** Messages that may wait for an IKE_SA that is busy; a peer has no business sending more. Timers and commands always may. */
const MAX_WAITING = 16;

/** Ends what an IKE_SA was in the middle of when it was destroyed while something was waited for. Only the manager sees it. */
class IkeSaGone extends Error {}

/**
 * The IKE_SAs of a shard. Everything done to one goes through `work`, which wakes it, makes it the context of log lines and keeps later work
 * waiting while something asynchronous is under way. Nothing else on the shard waits then. An IKE_SA with nothing left in progress is put to
 * rest when its work ends; so who has work with one later keeps its unique id.
 */
export class IkeSaManager {
  readonly table: IkeSaTable;
  readonly upkeep: Upkeep;
  readonly redirections: Redirections;
  readonly timers: SaTimers;
  readonly uniqueness: UniquenessIndex;
  readonly closedResponses: ClosedResponses;
  readonly localPorts: LocalPorts;
  readonly #names: NameRefresh;
  /** Unique ids of IKE_SAs by those of their CHILD_SAs. */
  readonly #byChild = new NumberIndex();
  /** By the initiator's SPI, first messages that wait for their turn and the half-open IKE_SAs made of them: they may come again. */
  readonly #bySpiInitiator = new Map<number, IkeSa | ProcessMessageJob>();
  #connecting = 0;
  /** The IKE_SA that the log is about; work on one may lead to work on another. */
  #current: IkeSa | undefined;

  constructor(
    private readonly context: IkeContext,
    readonly daemonCounts: DaemonCounts,
    pairs: IdentityPairs,
    isOurs?: (spiHi: number, spiLo: number) => boolean,
  ) {
    const spis = new SpiTable(() => context.random.u32(), spiLabel(context.options), isOurs);
    this.table = new IkeSaTable(spis, new RestingIkeSas(context));
    this.redirections = new Redirections(context);
    this.uniqueness = new UniquenessIndex(pairs, (uniqueId) => this.peek(uniqueId));
    this.upkeep = new Upkeep(context);
    this.localPorts = new LocalPorts(context);
    this.#names = new NameRefresh(context);
    this.timers = new SaTimers(context.scheduler, this);
    this.closedResponses = new ClosedResponses(context.clock);
  }

  get size(): number {
    return this.table.size;
  }

  /** Neither established yet nor on their way out. */
  get connecting(): number {
    return this.#connecting;
  }

  /** First messages that wait for their turn, and half-open IKE_SAs made of such. */
  get begun(): number {
    return this.#bySpiInitiator.size;
  }

  /** The IKE_SA itself, which is awake then, until work with it ends. */
  byId(uniqueId: number): IkeSa | undefined {
    const slot = this.table.slotOf(uniqueId);
    return slot < 0 ? undefined : this.#wake(slot);
  }

  /** An IKE_SA as it is, to be looked at and not to be kept. */
  peek(uniqueId: number): IkeSa | undefined {
    const slot = this.table.slotOf(uniqueId);
    try {
      return slot < 0 ? undefined : this.table.peek(slot);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      // It is lost, whoever finds out.
      this.#wake(slot);
      return undefined;
    }
  }

  /** What is cheap to see of an IKE_SA, until another one is looked at. */
  glance(uniqueId: number): IkeSaGlance | undefined {
    const slot = this.table.slotOf(uniqueId);
    return slot < 0 ? undefined : this.table.glance(slot);
  }

  /** Unique ids of all, the oldest first. Some may be gone. */
  ids(): Uint32Array {
    return this.table.ids();
  }

  /** Unique id of the IKE_SA that has this CHILD_SA. */
  ikeSaOfChild(childId: number): number | undefined {
    return this.#byChild.get(childId);
  }

  /** A CHILD_SA is installed, or has moved to another IKE_SA. */
  childAdded(child: ChildSa): void {
    this.#byChild.set(child.uniqueId, child.ikeSa.uniqueId);
  }

  childRemoved(child: ChildSa): void {
    this.#byChild.delete(child.uniqueId);
  }

  /** @returns undefined where its record is unusable: it is gone then */
  #wake(slot: number): IkeSa | undefined {
    const uniqueId = this.table.idOf(slot);
    try {
      return this.table.wake(slot);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.context.log.log(LogGroup.MGR, 0, `IKE_SA with unique id ${uniqueId} is lost, it cannot be woken: ${text}`);
      this.daemonCounts.changed(-1);
      return undefined;
    }
  }

  // --- received messages ---

  /** Finds the IKE_SA a message is for, or makes one, and has it processed. The job's packet is released in any case. */
  receive(job: ProcessMessageJob): MaybePromise<void> {
    const { header } = job;
    if (job.isCountedHalfOpen) return this.#receiveFirst(job);
    const slot = header.isInitiator
      ? this.table.find(header.spiResponderHi, header.spiResponderLo)
      : this.table.find(header.spiInitiatorHi, header.spiInitiatorLo);
    if (slot < 0 || !isOfPeer(this.table.glance(slot), header)) {
      if (this.#answerAgain(job)) return job.abandon();
      this.context.counters.unknownSpi++;
      this.context.log.log(
        LogGroup.MGR,
        1,
        `no IKE_SA for ${exchangeTypeName(header.exchangeType)} ${header.isResponse ? "response" : "request"} ${header.messageId} from ${job.packet.source}, ignored`,
      );
      this.context.bus.alert(undefined, { alert: "invalid-ike-spi" });
      return job.abandon();
    }
    const ikeSa = this.#wake(slot);
    return ikeSa ? this.#work(ikeSa, job) : job.abandon();
  }

  /** Answers a request that an IKE_SA which is gone has answered before. @returns whether there was one */
  #answerAgain({ header, bytes }: ProcessMessageJob): boolean {
    const closed = this.closedResponses.find(header, bytes);
    if (!closed) return false;
    const { log, bus, sender, counters } = this.context;
    counters.repeated++;
    log.log(LogGroup.IKE, 1, retransmissionText(header.messageId));
    bus.alert(undefined, { alert: "retransmit-receive" });
    for (const datagram of closed.datagrams) sender.send(datagram, closed.local, closed.remote, closed.dscp);
    return true;
  }

  /** @param onDemand what backends had for its addresses, once they were asked */
  #receiveFirst(job: ProcessMessageJob, onDemand?: readonly IkeConfig[]): MaybePromise<void> {
    const { header, packet } = job;
    const key = spiKey(header.spiInitiatorHi, header.spiInitiatorLo);
    const found = this.#bySpiInitiator.get(key);
    const known = found instanceof IkeSa ? found : undefined;
    const handshake = known?.handshake?.origin?.equals(packet.source) === true ? known.handshake : undefined;
    const like = handshake ? likeness(handshake.initRequest, job.bytes) : "different";
    if (known && handshake && like !== "different") {
      // Which of them its AUTH is about depends on what it had sent when it got the answer: it is checked against both.
      if (like === "but-cookie") handshake.otherInitRequest = this.context.octets.copy(job.bytes);
      this.daemonCounts.leave(packet.source);
      return this.#work(known, job);
    }
    const { memory, options, configs, backends } = this.context;
    // Told when it begins and ends, rather than each time.
    if (memory.isShort) return this.giveUpFirst(job);
    const loaded = configs.ikeConfig(packet.destination, packet.source, 2);
    if (!loaded && !onDemand) {
      if (this.#names.refreshFor(job, () => this.#receiveFirst(job))) return;
      // Nothing is asked twice for one that comes again meanwhile.
      if (backends.kinds.configs && found !== job && this.isWaitingFirst(header, job.bytes, packet.source))
        return this.giveUpFirst(job);
      if (backends.kinds.configs) return backends.ikeConfigsFor(job, (found) => this.#receiveFirst(job, found));
    }
    const { ikesa_limit: limit } = options;
    const isFull = limit > 0 && this.daemonCounts.ikeSas >= limit;
    const ikeSa = isFull ? undefined : this.#create(false, packet.destination, packet.source);
    if (!ikeSa) {
      const reason = isFull ? `hitting IKE_SA limit (${limit})` : "no SPI left";
      this.context.log.log(LogGroup.NET, 1, `ignoring IKE_SA_INIT, ${reason}`);
      return this.giveUpFirst(job);
    }
    ikeSa.set(Condition.HALF_OPEN);
    ikeSa.peerSpiHi = header.spiInitiatorHi;
    ikeSa.peerSpiLo = header.spiInitiatorLo;
    ikeSa.ikeConfig = loaded ?? onDemand?.[0];
    if (!loaded) ikeSa.handshake!.ikeConfigs = onDemand;
    ikeSa.handshake!.origin = packet.source;
    // The same sender begins anew with a COOKIE, or after it gave up; somebody else must not displace it.
    if (!found || found === job || handshake) this.#bySpiInitiator.set(key, ikeSa);
    const result = this.#work(ikeSa, job);
    // Nobody can be held to a first message: one that is of no use leaves nothing behind.
    if (ikeSa.state === IkeSaState.CREATED) this.destroy(ikeSa);
    return result;
  }

  /** A first message that was let in comes to nothing. */
  giveUpFirst(job: ProcessMessageJob): void {
    const key = spiKey(job.header.spiInitiatorHi, job.header.spiInitiatorLo);
    this.context.counters.blocked++;
    this.daemonCounts.leave(job.packet.source);
    if (this.#bySpiInitiator.get(key) === job) this.#bySpiInitiator.delete(key);
    job.abandon();
  }

  /** A first message was let in, and waits for its turn. */
  awaitFirst(job: ProcessMessageJob): void {
    const key = spiKey(job.header.spiInitiatorHi, job.header.spiInitiatorLo);
    if (!this.#bySpiInitiator.has(key)) this.#bySpiInitiator.set(key, job);
  }

  /**
   * Whether a first message is one once more that was let in before, with or without a COOKIE in front. The initiator does not know which of
   * them an answer is for, so it gets the same one for both.
   */
  isRepeatedFirst(header: IkeHeader, message: Uint8Array, source: Host): boolean {
    const found = this.#bySpiInitiator.get(spiKey(header.spiInitiatorHi, header.spiInitiatorLo));
    if (!found) return false;
    const [origin, request] =
      found instanceof IkeSa ? [found.handshake?.origin, found.handshake?.initRequest] : [found.packet.source, found.bytes];
    return origin?.equals(source) === true && request !== undefined && likeness(request, message) !== "different";
  }

  /** Whether the same first message waits for its turn. */
  isWaitingFirst(header: IkeHeader, message: Uint8Array, source: Host): boolean {
    const found = this.#bySpiInitiator.get(spiKey(header.spiInitiatorHi, header.spiInitiatorLo));
    if (found === undefined || found instanceof IkeSa) return false;
    return found.packet.source.equals(source) && likeness(found.bytes, message) === "same";
  }

  /** Parses the clear part and hands the message to the tasks. */
  process(ikeSa: IkeSa, job: ProcessMessageJob): MaybePromise<void> {
    const { log, codec, counters } = this.context;
    const { packet } = job;
    const { bytes } = job;
    if (log.enabled(LogGroup.NET, 1)) {
      log.log(
        LogGroup.NET,
        1,
        `received packet: from ${packet.source.toStringWithPort()} to ${packet.destination.toStringWithPort()} (${bytes.length} bytes)`,
      );
    }
    let message: Message;
    try {
      message = codec.parse(bytes, job.header);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      counters.malformed++;
      log.log(LogGroup.ENC, 1, `${error.field} invalid at offset ${error.offset} (${error.code})`);
      log.log(LogGroup.IKE, 1, processingFailed(job.header));
      this.context.bus.alert(ikeSa, { alert: "parse-error-body" });
      return;
    }
    return ikeSa.tasks.process(message, bytes, packet);
  }

  // --- doing something with an IKE_SA ---

  /** Runs `work` with the IKE_SA, now or once it is free. Work for an IKE_SA that is gone is abandoned. */
  work(uniqueId: number, work: Work): MaybePromise<void> {
    const ikeSa = this.byId(uniqueId);
    return ikeSa ? this.#work(ikeSa, work) : work.abandon?.();
  }

  #work(ikeSa: IkeSa, work: Work): MaybePromise<void> {
    if (ikeSa.state === IkeSaState.DESTROYING) return work.abandon?.();
    if (ikeSa.isBusy) {
      const waiting = (ikeSa.waiting ??= []);
      if (work.abandon === undefined || waiting.length < MAX_WAITING) {
        waiting.push(work);
        return;
      }
      this.context.counters.busy++;
      this.context.log.log(
        LogGroup.MGR,
        1,
        `ignoring message for IKE_SA ${ikeSa.label}, ${MAX_WAITING} are waiting for it already`,
      );
      return work.abandon();
    }
    ikeSa.isBusy = true;
    const outer = this.#enter(ikeSa);
    try {
      const result = work.run(ikeSa);
      if (result instanceof Promise) return this.#finish(ikeSa, result);
    } catch (error) {
      this.#failed(ikeSa, error);
    } finally {
      this.#leave(outer);
    }
    return this.#next(ikeSa);
  }

  async #finish(ikeSa: IkeSa, pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } catch (error) {
      const outer = this.#enter(ikeSa);
      this.#failed(ikeSa, error);
      this.#leave(outer);
    }
    return this.#next(ikeSa);
  }

  /** The IKE_SA is free for what has been waiting for it, or rests. */
  #next(ikeSa: IkeSa): MaybePromise<void> {
    ikeSa.isBusy = false;
    const next = ikeSa.waiting?.shift();
    if (ikeSa.waiting?.length === 0) ikeSa.waiting = undefined;
    if (next) return this.#work(ikeSa, next);
    if (ikeSa.isQuiescent) this.table.rest(ikeSa);
  }

  /**
   * Goes on with an IKE_SA when something settles that its work has to wait for. Nothing happens to an IKE_SA that was destroyed
   * meanwhile: the returned promise rejects then, which ends the work.
   */
  whenSettled<T, R>(
    ikeSa: IkeSa,
    pending: Promise<T>,
    next: (value: T) => MaybePromise<R>,
    otherwise: Otherwise<T, R> = {},
  ): Promise<R> {
    const { failed, lost } = otherwise;
    const isGone = (): boolean => ikeSa.state === IkeSaState.DESTROYING;
    return pending.then(
      (value) => {
        if (!isGone()) return this.#with(ikeSa, () => next(value));
        lost?.(value);
        throw new IkeSaGone();
      },
      (error: unknown) => {
        if (isGone()) throw new IkeSaGone();
        if (failed === undefined) throw error;
        return this.#with(ikeSa, () => failed(error));
      },
    );
  }

  #with<R>(ikeSa: IkeSa, run: () => R): R {
    const outer = this.#enter(ikeSa);
    try {
      return run();
    } finally {
      this.#leave(outer);
    }
  }

  /** Has log lines name this IKE_SA. @returns the one that they are to name again afterwards */
  #enter(ikeSa: IkeSa): IkeSa | undefined {
    const outer = this.#current;
    this.#current = ikeSa;
    this.context.log.setContext(ikeSa.uniqueId, ikeSa.name);
    return outer;
  }

  #leave(outer: IkeSa | undefined): void {
    this.#current = outer;
    if (outer) this.context.log.setContext(outer.uniqueId, outer.name);
    else this.context.log.clearContext();
  }

  /** A fault of our own ends the IKE_SA it happened in, and nothing else. */
  #failed(ikeSa: IkeSa, error: unknown): void {
    if (error instanceof IkeSaGone) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.context.log.log(LogGroup.IKE, 1, `IKE_SA ${ikeSa.label} failed: ${text}`);
    this.destroy(ikeSa);
  }

  // --- life and death ---

  /** A new IKE_SA that we initiate; its tasks are the caller's to queue. Undefined, and told, when no more fit, or it cannot have its port. */
  initiate(peer: PeerConfig, local: Host, remote: Host): IkeSa | undefined {
    const ikeSa = this.#create(true, local, remote);
    if (!ikeSa) return undefined;
    ikeSa.ikeConfig = peer.ike;
    ikeSa.peerConfig = peer;
    ikeSa.set(Condition.ORIGINAL_INITIATOR);
    this.daemonCounts.initiated(1);
    return ikeSa;
  }

  /** The IKE_SA that takes the place of another by rekeying. Undefined when no more fit. */
  successor(of: IkeSa, isInitiator: boolean): IkeSa | undefined {
    const ikeSa = this.#create(isInitiator, of.local, of.remote, true);
    if (!ikeSa) return undefined;
    ikeSa.ikeConfig = of.ikeConfig;
    ikeSa.peerConfig = of.peerConfig;
    ikeSa.localId = of.localId;
    ikeSa.remoteId = of.remoteId;
    ikeSa.conditions = of.conditions & ~(Condition.HALF_OPEN | Condition.ANNOUNCED_UP | Condition.INITIAL_CONTACT);
    return ikeSa;
  }

  #create(isInitiator: boolean, local: Host, remote: Host, isSuccessor = false): IkeSa | undefined {
    const ownSpi = this.table.spis.draw();
    if (!ownSpi) {
      this.context.log.log(LogGroup.MGR, 1, "failed to allocate SPI for new IKE_SA");
      return undefined;
    }
    const ikeSa = new IkeSa({ uniqueId: this.context.control.nextIkeSaId(), isInitiator, ownSpi, local, remote });
    if (!this.localPorts.use(ikeSa)) {
      this.table.spis.release(ownSpi);
      return undefined;
    }
    ikeSa.tasks = new TaskManager(this.context, ikeSa);
    ikeSa.createdAtMs = this.context.clock.nowMs;
    if (!isSuccessor) {
      ikeSa.handshake = new Handshake();
      ikeSa.set(Condition.SETTING_UP);
      this.#connecting++;
    }
    this.table.add(ikeSa);
    this.daemonCounts.changed(1);
    return ikeSa;
  }

  /** Gives an IKE_SA that we set up another SPI: what still comes in answer to what was sent under the old one finds nobody. */
  renewSpi(ikeSa: IkeSa): void {
    this.table.renewSpi(ikeSa);
  }

  /** It is no longer half-open: it was established, or is about to go. */
  leaveHalfOpen(ikeSa: IkeSa): void {
    if (!ikeSa.has(Condition.SETTING_UP)) return;
    ikeSa.set(Condition.SETTING_UP, false);
    this.#connecting--;
    if (ikeSa.isInitiator) this.daemonCounts.initiated(-1);
    if (!ikeSa.has(Condition.HALF_OPEN)) return;
    ikeSa.set(Condition.HALF_OPEN, false);
    // Its address may have changed since it was counted.
    this.daemonCounts.leave(ikeSa.handshake!.origin!);
    const key = spiKey(ikeSa.peerSpiHi, ikeSa.peerSpiLo);
    if (this.#bySpiInitiator.get(key) === ikeSa) this.#bySpiInitiator.delete(key);
  }

  /** Takes an IKE_SA out of the tables, with all it holds in the kernel and in pools. Doing it twice does no harm. */
  destroy(ikeSa: IkeSa): void {
    if (ikeSa.state === IkeSaState.DESTROYING) return;
    const wasUp = ikeSa.has(Condition.ANNOUNCED_UP) && ikeSa.state !== IkeSaState.REKEYED;
    this.leaveHalfOpen(ikeSa);
    ikeSa.handshake?.wipe();
    ikeSa.handshake = undefined;
    // As long as it has its tasks, CHILD_SAs and virtual IPs, since listeners want to know of them.
    if (wasUp) this.upkeep.announceDown(ikeSa);
    ikeSa.tasks.destroy();
    this.upkeep.release(ikeSa);
    ikeSa.enter(this.context, IkeSaState.DESTROYING);
    this.uniqueness.remove(ikeSa);
    if (this.localPorts.size > 0) this.localPorts.release(ikeSa, this.closedResponses.has(ikeSa));
    this.table.delete(ikeSa);
    this.daemonCounts.changed(-1);
    ikeSa.keys?.fill(0);
    ikeSa.keys = undefined;
    for (const work of ikeSa.waiting ?? []) {
      if (work.abandon === undefined) continue;
      this.context.counters.unknownSpi++;
      work.abandon();
    }
    ikeSa.waiting = undefined;
  }
}
