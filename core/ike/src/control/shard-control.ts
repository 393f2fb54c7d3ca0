import { ChildSaState, Host, IkeSaState, JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { MaybePromise, OperationResult, PeerDefinition, RedirectGateway } from "@cygnet/plugin-api";
import { compilePeer } from "../config/index.js";
import type { ChildConfig, CompileEnv, PeerConfig } from "../config/index.js";
import type { IkeContext } from "../ike-context.js";
import { initiateResolved, resolveNames, sourceHost } from "../sa/addressing.js";
import { Condition } from "../sa/ike-sa.js";
import type { IkeSa } from "../sa/ike-sa.js";
import { ChildCreateTask } from "../sa/ikev2/tasks/child-create.js";
import { IkeRedirectTask } from "../sa/ikev2/tasks/ike-redirect.js";
import { queueSetup } from "../sa/ikev2/setup.js";
import { endDuplicate } from "../sa/uniqueness.js";
import type { Path } from "../sa/ikev2/nat-detection.js";
import type { Traps } from "../kernel/traps.js";
import { Operations } from "./operations.js";
import type { Awaited } from "./operations.js";

/** What is to be set up: a connection that the shard knows by name, or one given with the request. Plain data. */
export interface Initiation {
  readonly peer: string | PeerDefinition;
  readonly child: string | undefined;
}

/** Follows one operation, on the shard's side of the link. */
export interface ShardObserver {
  readonly level: number;
  log(group: LogGroup, level: number, message: string): void;
  started(ikeSaId: number): void;
}

/** Wants the outcome alone. */
const SILENT: ShardObserver = { level: -1, log: () => undefined, started: () => undefined };

/** What a shard does at the bidding of control. */
export class ShardControl {
  readonly #operations = new Operations();
  /** Connections that come with requests are often alike. */
  #lastGiven: PeerConfig | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly compileEnv: CompileEnv,
  ) {
    context.bus.addListener(this.#operations);
  }

  /**
   * Sets up a CHILD_SA, or an IKE_SA alone where no child is named.
   * With an observer the result tells the outcome; without, only whether it could be begun.
   */
  async initiate(initiation: Initiation, observer: ShardObserver | undefined): Promise<OperationResult> {
    const { context } = this;
    const peer =
      typeof initiation.peer === "string"
        ? context.configs.peerByName(initiation.peer)
        : (this.#lastGiven = compilePeer(initiation.peer, this.compileEnv, this.#lastGiven));
    if (!peer) return "failed";
    const child = initiation.child === undefined ? undefined : peer.child(initiation.child);
    if (initiation.child !== undefined && !child) return "failed";
    return this.#initiate(peer, child, observer);
  }

  async #initiate(
    peer: PeerConfig,
    child: ChildConfig | undefined,
    observer: ShardObserver | undefined,
    path?: Path,
  ): Promise<OperationResult> {
    const { context } = this;
    if (!peer.ike.allows(2)) {
      this.#tell(
        observer,
        LogGroup.IKE,
        `unable to initiate '${peer.name}', it asks for IKEv1, which this release does not speak`,
      );
      return "failed";
    }
    if (child?.isShunt) {
      this.#tell(observer, LogGroup.CHD, `'${child.name}' is a ${child.mode} policy: it is installed, not initiated`);
      return "failed";
    }
    const existing = this.#reusable(peer, child, path);
    if (existing !== undefined) return this.#addChild(existing, child!, observer);
    const resolving = resolveNames(context, peer.ike);
    if (resolving) await resolving;
    // Another initiation may have been waiting for the same name.
    const added = resolving ? this.#reusable(peer, child, path) : undefined;
    return added !== undefined ? this.#addChild(added, child!, observer) : this.#setUp(peer, child, observer, path);
  }

  /** Installs the trap of a child, or the shunt that it is. @returns whether it could be done */
  async install({ peer: given, child: name }: Initiation, traps: Traps): Promise<boolean> {
    const peer = typeof given === "string" ? this.context.configs.peerByName(given) : compilePeer(given, this.compileEnv);
    const child = name === undefined ? undefined : peer?.child(name);
    return peer !== undefined && child !== undefined && traps.install(peer, child);
  }

  /**
   * A packet met a trap: sets its CHILD_SA up, and waits for the outcome.
   * @param path between these, where the connection is with whatever peer
   */
  initiateTrapped(peer: PeerConfig, child: ChildConfig, path?: Path): Promise<OperationResult> {
    return this.#initiate(peer, child, SILENT, path);
  }

  /** An IKE_SA that is up, or about to be, of a configuration with the same values: after a reload it is another object. */
  #reusable(peer: PeerConfig, child: ChildConfig | undefined, path: Path | undefined): number | undefined {
    if (!child || !this.context.options.reuse_ikesa) return undefined;
    let other: PeerConfig | undefined;
    const { manager } = this.context;
    for (const uniqueId of manager.ids()) {
      const glance = manager.glance(uniqueId);
      const peerConfig = glance?.peerConfig;
      // The many IKE_SAs of one configuration are looked at once.
      if (!glance || peerConfig === undefined || peerConfig === other || glance.state > IkeSaState.REKEYING) continue;
      if (peerConfig.equals(peer)) {
        if (!path || manager.peek(uniqueId)?.remote.sameAddress(path.remote) === true) return uniqueId;
        continue;
      }
      other = peerConfig;
    }
    return undefined;
  }

  #addChild(ikeSaId: number, child: ChildConfig, observer: ShardObserver | undefined): Promise<OperationResult> {
    return this.#operate(ikeSaId, { until: "child-up", name: child.name }, observer, (sa) => {
      sa.tasks.queue(new ChildCreateTask(this.context, sa, child));
      // One whose peer is not resolved yet begins when it is.
      return sa.remote.isAny ? undefined : sa.tasks.initiate();
    });
  }

  async #setUp(
    peer: PeerConfig,
    child: ChildConfig | undefined,
    observer: ShardObserver | undefined,
    path: Path | undefined,
  ): Promise<OperationResult> {
    const { context } = this;
    const { ike } = peer;
    const remote = path?.remote.withPort(ike.remotePort) ?? ike.remoteHost();
    if (!remote && !(ike.isPeerNamed && context.options.retry_initiate_interval > 0)) {
      const { isPeerNamed, remoteText } = ike;
      const reason = isPeerNamed ? `unable to resolve ${remoteText}, initiate aborted` : `unable to initiate to ${remoteText}`;
      this.#tell(observer, LogGroup.IKE, reason);
      context.bus.alert(undefined, { alert: "peer-addr-failed" });
      return "failed";
    }
    const local = remote ? sourceHost(context, ike, remote) : Host.any(4);
    const ikeSa = context.manager.initiate(peer, local instanceof Promise ? await local : local, remote ?? Host.any(4));
    if (!ikeSa) return "failed";
    queueSetup(context, ikeSa, child ? [child] : []);
    const awaited: Awaited = child ? { until: "child-up", name: child.name } : { until: "ike-up" };
    return this.#operate(ikeSa.uniqueId, awaited, observer, (sa) =>
      remote ? sa.tasks.initiate() : initiateResolved(context, sa),
    );
  }

  /** @param force sends the DELETE and waits for no answer */
  terminateIke(uniqueId: number, observer: ShardObserver | undefined, force = false): Promise<OperationResult> {
    const { manager } = this.context;
    if (!manager.glance(uniqueId)) return Promise.resolve("failed");
    return this.#operate(uniqueId, { until: "ike-gone" }, observer, (sa) => {
      const closing = manager.upkeep.close(sa);
      if (!force) return closing;
      const end = (): void => {
        const left = manager.byId(uniqueId);
        if (left) manager.destroy(left);
      };
      return closing instanceof Promise ? closing.then(end) : end();
    });
  }

  terminateChild(uniqueId: number, observer: ShardObserver | undefined): Promise<OperationResult> {
    const { manager } = this.context;
    const ikeSaId = manager.ikeSaOfChild(uniqueId);
    const child = ikeSaId === undefined ? undefined : manager.peek(ikeSaId)?.childById(uniqueId);
    if (ikeSaId === undefined || !child) return Promise.resolve("failed");
    // One that was replaced is kept for late packets, and is gone to all who ask.
    if (child.state === ChildSaState.DELETED) return Promise.resolve("done");
    return this.#operate(ikeSaId, { until: "child-gone", childId: uniqueId }, observer, (sa) => {
      const found = sa.childById(uniqueId);
      return found && manager.upkeep.closeChild(sa, found);
    });
  }

  /** @param reauth authenticates anew in place of rekeying */
  rekeyIke(uniqueId: number, reauth = false): boolean {
    const { manager } = this.context;
    if (manager.glance(uniqueId)?.state !== IkeSaState.ESTABLISHED) return false;
    const { upkeep } = manager;
    const run = (sa: IkeSa): MaybePromise<void> => (reauth ? upkeep.reauthenticate(sa) : upkeep.rekeyIke(sa));
    this.#queue("rekey-ike", () => manager.work(uniqueId, { run }));
    return true;
  }

  /** Asks the client of an IKE_SA that is up to go to another gateway. @returns false where it cannot be asked */
  redirectIke(uniqueId: number, gateway: RedirectGateway): boolean {
    const { context } = this;
    const { manager, log } = context;
    const ikeSa = manager.peek(uniqueId);
    if (!ikeSa) return false;
    const obstacle = obstacleToRedirect(ikeSa);
    if (obstacle) {
      log.log(LogGroup.IKE, 1, obstacle);
      return false;
    }
    const run = (sa: IkeSa): MaybePromise<void> => {
      sa.tasks.queue(new IkeRedirectTask(context, sa, gateway));
      return sa.tasks.initiate();
    };
    this.#queue("redirect-ike", () => manager.work(uniqueId, { run }));
    return true;
  }

  rekeyChild(uniqueId: number): boolean {
    const { manager } = this.context;
    const ikeSaId = manager.ikeSaOfChild(uniqueId);
    const child = ikeSaId === undefined ? undefined : manager.peek(ikeSaId)?.childById(uniqueId);
    if (child?.state !== ChildSaState.INSTALLED) return false;
    const run = (sa: IkeSa): MaybePromise<void> => {
      const found = sa.childById(uniqueId);
      return found && manager.upkeep.rekeyChild(sa, found);
    };
    this.#queue("rekey-child", () => manager.work(ikeSaId!, { run }));
    return true;
  }

  /** Ends the IKE_SAs of a pair of identities that were there before one of another shard. */
  endDuplicates(pair: string, order: number, isInitialContact: boolean): void {
    const { context } = this;
    for (const old of context.manager.uniqueness.before(pair, order)) {
      this.#queue("command", () => context.manager.work(old, { run: () => endDuplicate(context, old, isInitialContact) }));
    }
  }

  hasDuplicate(pair: string, order: number): boolean {
    return this.context.manager.uniqueness.before(pair, order).length > 0;
  }

  count(): { readonly up: number; readonly connecting: number } {
    const { manager } = this.context;
    return { up: manager.size - manager.connecting, connecting: manager.connecting };
  }

  /** Ends all IKE_SAs, telling the peers, as the daemon shuts down. */
  async closeAll(): Promise<void> {
    const { manager } = this.context;
    for (const uniqueId of manager.ids()) {
      await manager.work(uniqueId, { run: (sa) => manager.upkeep.close(sa) });
      const ikeSa = manager.byId(uniqueId);
      if (ikeSa) manager.destroy(ikeSa);
    }
  }

  /** Runs a command on an IKE_SA, and waits for its outcome where somebody wants to know. */
  #operate(
    ikeSaId: number,
    awaited: Awaited,
    observer: ShardObserver | undefined,
    run: (sa: IkeSa) => MaybePromise<void>,
  ): Promise<OperationResult> {
    const { manager, log } = this.context;
    if (!observer) {
      this.#queue("command", () => manager.work(ikeSaId, { run }));
      return Promise.resolve("done");
    }
    // Level -1 wants the outcome alone.
    const observe = (id: number): (() => void) | undefined =>
      observer.level < 0
        ? undefined
        : log.observe(id, observer.level, ({ group, level, message }) => observer.log(group, level, message));
    let stop = observe(ikeSaId);
    const outcome = this.#operations.wait(ikeSaId, awaited, (id) => {
      stop?.();
      stop = observe(id);
    });
    observer.started(ikeSaId);
    this.#queue("command", () => manager.work(ikeSaId, { run }));
    return outcome.finally(() => stop?.());
  }

  /** As a job, which takes its turn among the messages and whose datagrams leave at the end of the turn. */
  #queue(name: string, execute: () => MaybePromise<void>): void {
    this.context.processor.queue({ name, priority: JobPriority.MEDIUM, execute });
  }

  #tell(observer: ShardObserver | undefined, group: LogGroup, message: string): void {
    this.context.log.log(group, 1, message);
    if (observer && observer.level >= 1) observer.log(group, 1, message);
  }
}

/** Why the peer cannot be asked to go to another gateway, undefined where it can. */
function obstacleToRedirect(ikeSa: IkeSa): string | undefined {
  if (ikeSa.has(Condition.ORIGINAL_INITIATOR)) return "unable to redirect IKE_SA as initiator";
  if (!ikeSa.has(Condition.REDIRECTABLE)) return "client does not support IKE redirection";
  if (ikeSa.state !== IkeSaState.ESTABLISHED) return `unable to redirect IKE_SA in state ${IkeSaState[ikeSa.state]}`;
  return undefined;
}
