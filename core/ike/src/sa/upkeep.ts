import { ChildSaState, IkeSaState, LogGroup } from "@cygnet/plugin-api";
import type { AttributeContext, MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { ChildUse } from "../kernel/kernel-interface.js";
import { reinstallVirtualIps, removeVirtualIps } from "../kernel/virtual-ips.js";
import { Condition } from "./ike-sa.js";
import type { IkeSa } from "./ike-sa.js";
import { InactivityWatch } from "./inactivity-watch.js";
import type { ChildSa } from "./child-sa.js";
import type { Path } from "./ikev2/nat-detection.js";
import { ChildCreateTask } from "./ikev2/tasks/child-create.js";
import { ChildDeleteTask } from "./ikev2/tasks/child-delete.js";
import type { DeleteReason } from "./ikev2/tasks/child-delete.js";
import { ChildRekeyTask } from "./ikev2/tasks/child-rekey.js";
import { IkeDeleteTask } from "./ikev2/tasks/ike-delete.js";
import { IkeDpdTask } from "./ikev2/tasks/ike-dpd.js";
import { IkeRekeyTask } from "./ikev2/tasks/ike-rekey.js";
import { TaskType } from "./ikev2/task.js";
import { HalfOpenTimeoutJob } from "./jobs.js";
import type { ChildDue } from "./jobs.js";
import { setUpAgain } from "./revival.js";
import { SaTimer } from "./sa-timers.js";

/** Seconds until an IKE_SA that was replaced is deleted by whoever has not begun the rekeying. */
const REPLACED_SECONDS = 90;

/** Whom addresses and attributes of an IKE_SA are for. */
export function attributeContext(ikeSa: IkeSa): AttributeContext {
  return {
    connection: ikeSa.name,
    ikeSaId: ikeSa.originId,
    identity: String(ikeSa.remoteId ?? "%any"),
    remote: ikeSa.remote.toString(),
    pools: ikeSa.peerConfig?.pools ?? [],
  };
}

/**
 * What time does to IKE_SAs and CHILD_SAs: lifetimes, liveness checks, keepalives; and how they end.
 */
export class Upkeep {
  constructor(private readonly context: IkeContext) {}

  // --- beginnings ---

  /** As responder: the peer has so long to authenticate. */
  armHalfOpen(ikeSa: IkeSa): void {
    const { scheduler, options, manager } = this.context;
    ikeSa.halfOpenTimer = scheduler.schedule(new HalfOpenTimeoutJob(manager, ikeSa.uniqueId), options.half_open_timeout * 1000);
  }

  /** The IKE_SA is up: announces it and arms its timers. */
  established(ikeSa: IkeSa, how: "established" | "rekeyed" = "established"): void {
    const { context } = this;
    const { log, clock, manager, scheduler } = context;
    scheduler.cancel(ikeSa.halfOpenTimer);
    ikeSa.halfOpenTimer = 0;
    manager.leaveHalfOpen(ikeSa);
    log.log(LogGroup.IKE, 0, `IKE_SA ${ikeSa.label} ${how} between ${ikeSa.endpoints}`);
    ikeSa.enter(context, IkeSaState.ESTABLISHED);
    ikeSa.establishedAtMs = clock.nowMs;
    ikeSa.lastInboundMs = clock.nowMs;
    this.#armLifetime(ikeSa, how === "rekeyed");
    this.#armDpd(ikeSa);
    this.armKeepalive(ikeSa);
    if (ikeSa.localId && ikeSa.remoteId) manager.uniqueness.add(ikeSa);
  }

  /** An IKE_SA that replaces another by rekeying must be authenticated again when that one had to be. */
  #armLifetime(ikeSa: IkeSa, isRekeyed: boolean): void {
    const { log, clock, manager, scheduler, random } = this.context;
    const peer = ikeSa.peerConfig;
    if (!peer) return;
    const now = clock.nowMs;
    const secondsUntil = (atMs: number): number => Math.max(0, Math.round((atMs - now) / 1000));
    const fraction = (): number => random.fraction();
    const rekeyDelay = peer.rekeyDelay(fraction);
    const reauthDelay = peer.reauthDelay(fraction);
    if (rekeyDelay > 0) {
      log.log(LogGroup.IKE, 1, `scheduling rekeying in ${rekeyDelay}s`);
      ikeSa.rekeyAtMs = now + rekeyDelay * 1000;
    }
    if (ikeSa.reauthAtMs > 0 && (isRekeyed || reauthDelay === 0 || ikeSa.reauthAtMs <= now + reauthDelay * 1000)) {
      const seconds = secondsUntil(ikeSa.reauthAtMs);
      const text = isRekeyed
        ? `rescheduling reauthentication in ${seconds}s after rekeying, lifetime reduced to ${seconds + peer.overTime}s`
        : `reauthentication already scheduled in ${seconds}s`;
      log.log(LogGroup.IKE, 1, text);
    } else if (reauthDelay > 0 && !isRekeyed) {
      log.log(LogGroup.IKE, 1, `scheduling reauthentication in ${reauthDelay}s`);
      ikeSa.reauthAtMs = now + reauthDelay * 1000;
    }
    const soonest = Math.min(ikeSa.rekeyAtMs || Infinity, ikeSa.reauthAtMs || Infinity);
    if (soonest === Infinity) return;
    scheduler.cancel(ikeSa.rekeyTimer);
    ikeSa.rekeyTimer = manager.timers.arm(SaTimer.REKEY_IKE, ikeSa.uniqueId, Math.max(0, soonest - now));
    const limit = secondsUntil(soonest) + peer.overTime;
    ikeSa.deleteAtMs = now + limit * 1000;
    ikeSa.deleteTimer = manager.timers.arm(SaTimer.DELETE_IKE, ikeSa.uniqueId, limit * 1000);
    log.log(LogGroup.IKE, 1, `maximum IKE_SA lifetime ${limit}s`);
  }

  #armDpd(ikeSa: IkeSa): void {
    const delay = ikeSa.peerConfig?.dpdDelay ?? 0;
    if (delay > 0) ikeSa.dpdTimer = this.context.manager.timers.arm(SaTimer.DPD, ikeSa.uniqueId, delay * 1000);
  }

  /** The responder wants to be reauthenticated to within `seconds` (RFC 4478): sooner than planned, if so. */
  limitLifetime(ikeSa: IkeSa, seconds: number): void {
    const { log, clock, manager, scheduler } = this.context;
    const margin = Math.min(ikeSa.peerConfig?.overTime ?? 0, Math.floor(seconds / 2));
    const delay = Math.max(0, seconds - margin);
    const at = clock.nowMs + delay * 1000;
    if (ikeSa.reauthAtMs !== 0 && ikeSa.reauthAtMs <= at) {
      log.log(
        LogGroup.IKE,
        1,
        `received AUTH_LIFETIME of ${seconds}s, reauthentication already scheduled in ${Math.floor((ikeSa.reauthAtMs - clock.nowMs) / 1000)}s`,
      );
      return;
    }
    log.log(LogGroup.IKE, 1, `received AUTH_LIFETIME of ${seconds}s, scheduling reauthentication in ${delay}s`);
    ikeSa.reauthAtMs = at;
    scheduler.cancel(ikeSa.rekeyTimer);
    const next = ikeSa.rekeyAtMs === 0 ? at : Math.min(at, ikeSa.rekeyAtMs);
    ikeSa.rekeyTimer = manager.timers.arm(SaTimer.REKEY_IKE, ikeSa.uniqueId, Math.max(0, next - clock.nowMs));
  }

  /** The IKE_SA is replaced by a newer one: whoever has to delete it is given some time, then it is us. */
  replaced(ikeSa: IkeSa): void {
    const { scheduler, manager } = this.context;
    for (const timer of [ikeSa.rekeyTimer, ikeSa.deleteTimer, ikeSa.dpdTimer, ikeSa.keepaliveTimer]) scheduler.cancel(timer);
    ikeSa.rekeyTimer = ikeSa.dpdTimer = ikeSa.keepaliveTimer = 0;
    ikeSa.rekeyAtMs = ikeSa.reauthAtMs = 0;
    ikeSa.deleteTimer = manager.timers.arm(SaTimer.DELETE_IKE, ikeSa.uniqueId, REPLACED_SECONDS * 1000);
  }

  /** The client was asked to go to another gateway: it is given some time to delete this IKE_SA, then we do. */
  redirected(ikeSa: IkeSa): void {
    const { clock, options, scheduler, manager } = this.context;
    const delayMs = options.half_open_timeout * 1000;
    if (ikeSa.deleteTimer !== 0 && ikeSa.deleteAtMs !== 0 && ikeSa.deleteAtMs <= clock.nowMs + delayMs) return;
    scheduler.cancel(ikeSa.deleteTimer);
    ikeSa.deleteAtMs = clock.nowMs + delayMs;
    ikeSa.deleteTimer = manager.timers.arm(SaTimer.DELETE_IKE, ikeSa.uniqueId, delayMs);
  }

  /** Keeps the mapping of a NAT in front of us alive, RFC 3948 section 4. */
  armKeepalive(ikeSa: IkeSa): void {
    const { options, manager } = this.context;
    if (!ikeSa.has(Condition.NAT_HERE) || options.keep_alive === 0 || ikeSa.keepaliveTimer !== 0) return;
    ikeSa.keepaliveTimer = manager.timers.arm(SaTimer.KEEPALIVE, ikeSa.uniqueId, options.keep_alive * 1000);
  }

  /** The CHILD_SA is in the kernel: arms what the kernel does not watch over. */
  childInstalled(child: ChildSa): void {
    const { clock, manager, kernel } = this.context;
    const { config, uniqueId } = child;
    const { timers } = manager;
    manager.childAdded(child);
    child.installedAtMs = clock.nowMs;
    const { rekeySeconds, lifeSeconds } = child.lifetime;
    if (rekeySeconds > 0) child.rekeyAtMs = clock.nowMs + rekeySeconds * 1000;
    if (lifeSeconds > 0) child.expireAtMs = clock.nowMs + lifeSeconds * 1000;
    if (!kernel.ipsec.raisesExpires) {
      if (rekeySeconds > 0) child.rekeyTimer = timers.arm(SaTimer.CHILD_SOFT, uniqueId, rekeySeconds * 1000);
      if (lifeSeconds > 0) child.expireTimer = timers.arm(SaTimer.CHILD_HARD, uniqueId, lifeSeconds * 1000);
    }
    if (config.inactivity > 0) {
      child.inactivity = new InactivityWatch(clock);
      child.inactivityTimer = timers.arm(SaTimer.CHILD_INACTIVE, uniqueId, config.inactivity * 1000);
    }
  }

  /** The peer is seen at another address, or we are, or there is a NAT between us where there was none: the CHILD_SAs go along. */
  moved(ikeSa: IkeSa, path: Path): void {
    const { context } = this;
    const { kernel, bus, log, manager } = context;
    const { local, remote } = path;
    bus.ikeUpdate(ikeSa, local, remote);
    // IKE may have moved before: where the CHILD_SAs still are, the virtual IPs are, too.
    const hasMoved = [ikeSa, ...ikeSa.children].some((each) => !each.local.sameAddress(local));
    const isElsewhere = ikeSa.localVirtualIps.length > 0 && hasMoved;
    ikeSa.local = local;
    ikeSa.remote = remote;
    const placed = isElsewhere ? reinstallVirtualIps(context, ikeSa) : undefined;
    const udpEncap = ikeSa.isBehindNat;
    const isThere = (child: ChildSa): boolean =>
      child.local.equals(local) && child.remote.equals(remote) && child.udpEncap === udpEncap;
    for (const child of ikeSa.children) {
      if (child.state === ChildSaState.DELETED || isThere(child)) continue;
      child.movesPending++;
      const failed = (error: unknown): true => {
        log.log(LogGroup.KNL, 1, `unable to move CHILD_SA ${child.label}: ${(error as Error).message}`);
        return true;
      };
      const settled = (isMoved: boolean): unknown => {
        child.movesPending--;
        return manager.work(child.ikeSa.uniqueId, { run: (sa) => (isMoved ? undefined : this.rekeyChild(sa, child)) });
      };
      void Promise.resolve(placed)
        .then(() => kernel.move(child, path, udpEncap))
        .catch(failed)
        .then(settled);
    }
  }

  // --- what timers say ---

  halfOpenTimeout(ikeSa: IkeSa): void {
    if (ikeSa.state !== IkeSaState.CONNECTING && ikeSa.state !== IkeSaState.CREATED) return;
    this.context.log.log(LogGroup.JOB, 1, `deleting half open IKE_SA ${ikeSa.label} with ${ikeSa.remote} after timeout`);
    this.context.bus.alert(ikeSa, { alert: "half-open-timeout" });
    this.context.manager.destroy(ikeSa);
  }

  rekeyDue(ikeSa: IkeSa): MaybePromise<void> {
    const isReauth = ikeSa.reauthAtMs !== 0 && (ikeSa.rekeyAtMs === 0 || ikeSa.reauthAtMs <= ikeSa.rekeyAtMs);
    return isReauth ? this.reauthenticate(ikeSa) : this.rekeyIke(ikeSa);
  }

  rekeyIke(ikeSa: IkeSa): MaybePromise<void> {
    if (ikeSa.state !== IkeSaState.ESTABLISHED || ikeSa.tasks.hasQueued(TaskType.IKE_REKEY)) return;
    ikeSa.tasks.queue(new IkeRekeyTask(this.context, ikeSa));
    return ikeSa.tasks.initiate();
  }

  /**
   * Sets up everything anew, then ends the old IKE_SA (make before break), or the other way round. It is the original initiator's to do; if it does not, we do, unless
   * the peer has an address of ours, which it alone can ask for.
   */
  reauthenticate(ikeSa: IkeSa): MaybePromise<void> {
    if (ikeSa.state !== IkeSaState.ESTABLISHED) return;
    const { log, clock, options } = this.context;
    const isOurs = ikeSa.has(Condition.ORIGINAL_INITIATOR);
    if (!isOurs) log.log(LogGroup.IKE, 1, "initiator did not reauthenticate as requested");
    if (!isOurs && ikeSa.remoteVirtualIps.length > 0) {
      log.log(
        LogGroup.IKE,
        1,
        `IKE_SA ${ikeSa.label} will timeout in ${Math.round((ikeSa.deleteAtMs - clock.nowMs) / 1000)} seconds`,
      );
      return;
    }
    log.log(LogGroup.IKE, 0, `reauthenticating IKE_SA ${ikeSa.label}${isOurs ? "" : " actively"}`);
    if (!options.make_before_break) {
      ikeSa.set(Condition.REAUTHENTICATING);
      return this.#delete(ikeSa);
    }
    const children = ikeSa.children.filter(
      (child) => child.state === ChildSaState.INSTALLED || child.state === ChildSaState.REKEYING,
    );
    const fresh = setUpAgain(this.context, ikeSa, children);
    if (fresh) fresh.reauthenticatesId = ikeSa.uniqueId;
  }

  lifetimeOver(ikeSa: IkeSa): MaybePromise<void> {
    if (ikeSa.state >= IkeSaState.DELETING) return this.context.manager.destroy(ikeSa);
    if (ikeSa.state !== IkeSaState.REKEYED) this.context.bus.alert(ikeSa, { alert: "ike-sa-expired" });
    return this.#delete(ikeSa);
  }

  /**
   * Tells the peer, then destroys. Nothing to be told before it is established. One that was replaced is the peer's to delete, who may not
   * know yet that it was.
   */
  close(ikeSa: IkeSa): MaybePromise<void> {
    switch (ikeSa.state) {
      case IkeSaState.CREATED:
      case IkeSaState.CONNECTING:
        this.context.log.log(LogGroup.IKE, 1, `destroying IKE_SA in state ${IkeSaState[ikeSa.state]} without notification`);
        return this.context.manager.destroy(ikeSa);
      case IkeSaState.REKEYED:
      case IkeSaState.DELETING:
        return;
      default:
        return this.#delete(ikeSa);
    }
  }

  #delete(ikeSa: IkeSa): MaybePromise<void> {
    if (ikeSa.tasks.hasQueued(TaskType.IKE_DELETE)) return;
    ikeSa.tasks.queue(new IkeDeleteTask(this.context, ikeSa));
    return ikeSa.tasks.initiate();
  }

  dpdDue(ikeSa: IkeSa): MaybePromise<void> {
    ikeSa.dpdTimer = 0;
    const delayMs = (ikeSa.peerConfig?.dpdDelay ?? 0) * 1000;
    if (delayMs === 0 || ikeSa.state < IkeSaState.ESTABLISHED || ikeSa.state > IkeSaState.REKEYING) return;
    const { clock, manager } = this.context;
    const silentMs = clock.nowMs - ikeSa.lastInboundMs;
    const isDue = silentMs >= delayMs;
    ikeSa.dpdTimer = manager.timers.arm(SaTimer.DPD, ikeSa.uniqueId, isDue ? delayMs : delayMs - silentMs);
    if (isDue) return this.checkLiveness(ikeSa);
  }

  /** Asks the peer for a sign of life, unless a request of ours is under way, which will tell as well. */
  checkLiveness(ikeSa: IkeSa): MaybePromise<void> {
    if (!ikeSa.tasks.isIdle) return;
    this.context.log.log(LogGroup.IKE, 1, "sending DPD request");
    ikeSa.tasks.queue(new IkeDpdTask(this.context, ikeSa));
    return ikeSa.tasks.initiate();
  }

  keepaliveDue(ikeSa: IkeSa): MaybePromise<void> {
    ikeSa.keepaliveTimer = 0;
    if (!ikeSa.has(Condition.NAT_HERE) || ikeSa.state === IkeSaState.DESTROYING) return;
    const { clock, manager, options, sender, log } = this.context;
    const intervalMs = options.keep_alive * 1000;
    const quietMs = clock.nowMs - ikeSa.lastOutboundMs;
    const isLate = options.keep_alive_dpd_margin > 0 && quietMs > intervalMs + options.keep_alive_dpd_margin * 1000;
    if (isLate && ikeSa.state === IkeSaState.ESTABLISHED) {
      ikeSa.keepaliveTimer = manager.timers.arm(SaTimer.KEEPALIVE, ikeSa.uniqueId, intervalMs);
      return this.checkLiveness(ikeSa);
    }
    if (quietMs >= intervalMs) {
      log.log(LogGroup.IKE, 1, `sending keep alive to ${ikeSa.remote.toStringWithPort()}`);
      sender.sendKeepalive(ikeSa.local, ikeSa.remote);
      ikeSa.lastOutboundMs = clock.nowMs;
    }
    const delayMs = quietMs >= intervalMs ? intervalMs : intervalMs - quietMs;
    ikeSa.keepaliveTimer = manager.timers.arm(SaTimer.KEEPALIVE, ikeSa.uniqueId, delayMs);
  }

  childDue(ikeSa: IkeSa, child: ChildSa, due: ChildDue): MaybePromise<void> {
    if (child.state === ChildSaState.DESTROYING || !ikeSa.children.includes(child)) return;
    switch (due) {
      case "soft":
        return this.rekeyChild(ikeSa, child);
      case "hard":
        return this.closeChild(ikeSa, child, "expired");
      case "inactive":
        return this.#checkInactivity(ikeSa, child);
      case "remains":
        return this.destroyChild(ikeSa, child);
    }
  }

  rekeyChild(ikeSa: IkeSa, child: ChildSa): MaybePromise<void> {
    // While the IKE_SA is being rekeyed the task waits, and goes on in the new one.
    const canRekey = ikeSa.state === IkeSaState.ESTABLISHED || ikeSa.state === IkeSaState.REKEYING;
    if (child.state !== ChildSaState.INSTALLED || !canRekey) return;
    ikeSa.tasks.queue(new ChildRekeyTask(this.context, ikeSa, child));
    return ikeSa.tasks.initiate();
  }

  closeChild(ikeSa: IkeSa, child: ChildSa, reason: DeleteReason = "closed"): MaybePromise<void> {
    if (child.state >= ChildSaState.DELETING) return;
    ikeSa.tasks.queue(new ChildDeleteTask(this.context, ikeSa, child, reason));
    return ikeSa.tasks.initiate();
  }

  #checkInactivity(ikeSa: IkeSa, child: ChildSa): MaybePromise<void> {
    const { kernel, manager } = this.context;
    const use = kernel.use(child);
    return use instanceof Promise
      ? manager.whenSettled(ikeSa, use, (found) => this.#judge(ikeSa, child, found))
      : this.#judge(ikeSa, child, use);
  }

  #judge(ikeSa: IkeSa, child: ChildSa, use: ChildUse): MaybePromise<void> {
    const { manager, log, options } = this.context;
    const limitMs = child.config.inactivity * 1000;
    const idleMs = child.inactivity!.idleMs(Math.max(use.inbound?.lastUseMs ?? 0, use.outbound?.lastUseMs ?? 0));
    if (idleMs < limitMs) {
      child.inactivityTimer = manager.timers.arm(SaTimer.CHILD_INACTIVE, child.uniqueId, limitMs - idleMs);
      return;
    }
    if (options.inactivity_close_ike && ikeSa.children.length === 1) {
      log.log(LogGroup.JOB, 1, `deleting IKE_SA after ${child.config.inactivity} seconds of CHILD_SA inactivity`);
      return this.close(ikeSa);
    }
    log.log(LogGroup.JOB, 1, `deleting CHILD_SA after ${child.config.inactivity} seconds of inactivity`);
    return this.closeChild(ikeSa, child);
  }

  // --- ends ---

  /** Removes one CHILD_SA from the kernel and its IKE_SA. */
  destroyChild(ikeSa: IkeSa, child: ChildSa): void {
    const { context } = this;
    this.#cancelChildTimers(child);
    context.kernel.remove(child);
    child.enter(context, ChildSaState.DESTROYING);
    ikeSa.removeChild(child);
    context.manager.childRemoved(child);
  }

  #cancelChildTimers(child: ChildSa): void {
    const { scheduler } = this.context;
    scheduler.cancel(child.rekeyTimer);
    scheduler.cancel(child.expireTimer);
    scheduler.cancel(child.inactivityTimer);
    child.rekeyTimer = child.expireTimer = child.inactivityTimer = 0;
  }

  /** A CHILD_SA is gone because the peer or an operator wished so; what its configuration wants done then. */
  childClosed(ikeSa: IkeSa, child: ChildSa): void {
    const { closeAction } = child.config;
    if (child.rekeyedById !== 0 || ikeSa.state !== IkeSaState.ESTABLISHED) return;
    if (closeAction === "trap") this.context.control.installTrap(ikeSa.name, child.name);
    if (closeAction !== "start") return;
    ikeSa.tasks.queue(new ChildCreateTask(this.context, ikeSa, child.config));
  }

  /** A rekeyed CHILD_SA needs no lifetimes of its own any more. */
  childRekeyed(child: ChildSa): void {
    this.#cancelChildTimers(child);
  }

  /** Tells that an IKE_SA is about to go, its CHILD_SAs first. */
  announceDown(ikeSa: IkeSa): void {
    const { bus } = this.context;
    for (const child of [...ikeSa.children]) if (child.state === ChildSaState.INSTALLED) bus.childUpdown(ikeSa, child, false);
    bus.ikeUpdown(ikeSa, false);
  }

  /** Timers, CHILD_SAs, addresses and attributes of an IKE_SA that is being destroyed. */
  release(ikeSa: IkeSa): void {
    const { scheduler, control, bus } = this.context;
    for (const timer of [ikeSa.rekeyTimer, ikeSa.deleteTimer, ikeSa.dpdTimer, ikeSa.keepaliveTimer, ikeSa.halfOpenTimer])
      scheduler.cancel(timer);
    ikeSa.rekeyTimer = ikeSa.deleteTimer = ikeSa.dpdTimer = ikeSa.keepaliveTimer = ikeSa.halfOpenTimer = 0;
    for (const child of [...ikeSa.children]) this.destroyChild(ikeSa, child);
    if (ikeSa.remoteVirtualIps.length > 0) {
      bus.assignVirtualIps(ikeSa, false);
      const context = attributeContext(ikeSa);
      for (const address of ikeSa.remoteVirtualIps) control.releaseAddress(context, address);
      ikeSa.remoteVirtualIps = [];
    }
    if (ikeSa.localVirtualIps.length > 0 || ikeSa.handledAttributes.length > 0) {
      bus.handleVirtualIps(ikeSa, false);
      const context = attributeContext(ikeSa);
      for (const attribute of ikeSa.handledAttributes) control.releaseAttribute(context, attribute);
      ikeSa.handledAttributes = [];
      removeVirtualIps(this.context, ikeSa.localVirtualIps);
      ikeSa.localVirtualIps = [];
    }
  }
}
