import { ChildSaState, InternalError, LogGroup } from "@cygnet/plugin-api";
import type {
  ChildKeys,
  KernelIpsec,
  KernelNet,
  KernelPolicy,
  KernelSa,
  KernelSaId,
  KernelSaUse,
  MaybePromise,
} from "@cygnet/plugin-api";
import { IntegrityAlgorithm, TransformType } from "@cygnet/wire";
import { transformId } from "@cygnet/crypto";
import type { Proposal } from "@cygnet/crypto";
import type { LogManager } from "@cygnet/runtime";
import type { ChildSa } from "../sa/child-sa.js";
import type { Path } from "../sa/ikev2/nat-detection.js";
import { followHost } from "../config/index.js";
import type { TrafficSelector } from "../config/index.js";
import { ChildSpis } from "./child-spis.js";
import type { Reqids } from "./reqids.js";

/** Bits of `ChildSa.installed`. */
const INBOUND = 1;
const OUTBOUND = 2;
/** Policies for what comes in, and is forwarded then. */
const POLICIES_IN = 4;
/** An inbound SPI, without an SA yet. */
const SPI = 8;
/** Its reqid, unless the configuration gives one. */
const REQID = 16;
/** Policies for what goes out. */
const POLICIES_OUT = 32;
const POLICIES = POLICIES_IN | POLICIES_OUT;

/** Place of the policies among the steps of an installation. */
const POLICY_STEP = 2;

/** Number of the algorithm chosen for a transform type, 0 for none. */
const algorithm = (proposal: Proposal | undefined, type: TransformType): number => transformId(proposal?.first(type) ?? 0);

/** The algorithm that the kernel's SAs have where it is not the one that was agreed on. */
function integrityOf({ config, proposal }: ChildSa): number {
  const agreed = algorithm(proposal, TransformType.INTEGRITY_ALGORITHM);
  const { AUTH_HMAC_SHA2_256_128: usual, AUTH_HMAC_SHA2_256_96: truncated } = IntegrityAlgorithm;
  return agreed === usual && config.truncatedSha256 ? truncated : agreed;
}

/** One kernel call of an installation; a list of them is run in order and undone in reverse when one fails. */
type Step = () => MaybePromise<void>;

/** The kernel has the SAs of a CHILD_SA and refused its policies; `cause` is what it said. */
export class PolicyRefused extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

/** Use of both SAs of a CHILD_SA. */
export interface ChildUse {
  readonly inbound: KernelSaUse | undefined;
  readonly outbound: KernelSaUse | undefined;
}

/**
 * What the IKE code wants of the kernel, in terms of CHILD_SAs. Calls complete at once when the kernel plugin answers at once.
 */
export class KernelInterface {
  /** What of it is there to find; empty where the core keeps the lifetimes itself, and nothing is told by the kernel. */
  readonly spis = new ChildSpis();

  constructor(
    private readonly kernels: { readonly ipsec: KernelIpsec | undefined; readonly net: KernelNet | undefined },
    private readonly log: LogManager,
    private readonly options: { readonly replay_window: number },
    readonly reqids: Reqids,
  ) {}

  get ipsec(): KernelIpsec {
    const { ipsec } = this.kernels;
    if (!ipsec) throw new InternalError("no plugin provides CUSTOM:kernel-ipsec");
    return ipsec;
  }

  get net(): KernelNet | undefined {
    return this.kernels.net;
  }

  /** Whether packets go into tunnels here; not with a kernel that only pretends to. */
  get carriesTraffic(): boolean {
    return this.kernels.ipsec?.carriesTraffic === true;
  }

  /** Gets an SPI for our inbound SA. @throws {SystemError} what the kernel said */
  allocateSpi(child: ChildSa): MaybePromise<void> {
    const spi = this.ipsec.getSpi(child.remote, child.local, child.protocol);
    return spi instanceof Promise ? spi.then((allocated) => this.#allocated(child, allocated)) : this.#allocated(child, spi);
  }

  #allocated(child: ChildSa, spi: number): void {
    child.spiIn = spi;
    child.installed |= SPI;
    if (child.state === ChildSaState.DESTROYING) this.remove(child);
  }

  /** Gets a CPI for packets to us. Without one there is no IPComp, which is no reason to do without the CHILD_SA. */
  allocateCpi(child: ChildSa): MaybePromise<void> {
    const refused = (error: unknown): void =>
      this.log.log(LogGroup.KNL, 1, `unable to allocate a CPI from kernel, IPComp disabled: ${(error as Error).message}`);
    const allocated = (cpi: number): void => {
      child.cpiIn = cpi;
      if (child.state === ChildSaState.DESTROYING) this.releaseCpi(child);
    };
    try {
      const cpi = this.ipsec.getCpi(child.remote, child.local);
      return cpi instanceof Promise ? cpi.then(allocated, refused) : allocated(cpi);
    } catch (error) {
      refused(error);
    }
  }

  /** The peer wants no IPComp. */
  releaseCpi(child: ChildSa): void {
    const { remote, local, cpiIn } = child;
    child.cpiIn = 0;
    this.#quietly(
      "release CPI",
      this.#attempt(() => this.ipsec.releaseCpi(remote, local, cpiIn)),
    );
  }

  /**
   * Installs both SAs and the policies.
   * @param isInitiator whether we began the exchange: keys are named by who uses them to send
   * @param keys valid during the call
   * @param replaced what it rekeys. The peer that began that has our answer later than we have sent it, and cannot take packets in until
   *   then: as long as the policies of `replaced` are there, those for what goes out wait for `takeOver`
   * @throws {SystemError} what the kernel said of the SAs, `PolicyRefused` of the policies; nothing stays installed then
   */
  install(child: ChildSa, isInitiator: boolean, keys: ChildKeys, replaced?: ChildSa): MaybePromise<void> {
    if (child.reqid === 0) {
      child.reqid = this.reqids.acquire(child);
      child.installed |= REQID;
    }
    let held = keys;
    const steps: Step[] = [
      () => this.#addSa(child, true, held, !isInitiator),
      () => this.#addSa(child, false, held, isInitiator),
    ];
    const isLater = !isInitiator && replaced !== undefined && (replaced.installed & POLICIES_OUT) !== 0;
    if (child.config.installPolicy) steps.push(() => this.#addPolicies(child, isLater ? POLICIES_IN : POLICIES));
    const result = this.#run(child, steps, 0);
    if (!(result instanceof Promise)) return undefined;
    // The caller's keys are valid during the call only.
    held = copyKeys(keys);
    return result.finally(() => wipeKeys(held));
  }

  #run(child: ChildSa, steps: readonly Step[], from: number): MaybePromise<void> {
    for (let i = from; i < steps.length; i++) {
      let result: MaybePromise<void>;
      try {
        result = steps[i]!();
      } catch (error) {
        throw this.#refused(child, error, i);
      }
      if (result instanceof Promise) {
        return result.then(
          () => this.#goOn(child, steps, i + 1),
          (error: unknown) => {
            throw this.#refused(child, error, i);
          },
        );
      }
    }
  }

  /** Takes back what was installed. @returns the error, as the caller is to see it */
  #refused(child: ChildSa, error: unknown, step: number): unknown {
    this.remove(child);
    return step === POLICY_STEP ? new PolicyRefused(error as Error) : error;
  }

  /** The CHILD_SA may have been given up while the kernel was at it: what came of the last step is taken back then. */
  #goOn(child: ChildSa, steps: readonly Step[], from: number): MaybePromise<void> {
    if (child.state !== ChildSaState.DESTROYING) return this.#run(child, steps, from);
    child.installed |= INBOUND | (from > 1 ? OUTBOUND : 0) | (from > 2 ? POLICIES : 0);
    this.remove(child);
  }

  /** What goes out takes the CHILD_SA that was installed in place of another, which the peer is about to give up. */
  takeOver(child: ChildSa): void {
    if ((child.installed & (OUTBOUND | POLICIES)) !== (OUTBOUND | POLICIES_IN)) return;
    this.#quietly(
      "add policy",
      this.#attempt(() => this.#addPolicies(child, POLICIES_OUT)),
    );
  }

  /** A CHILD_SA that rekeys another has the same reqid, even if less traffic is agreed on. */
  shareReqid(child: ChildSa, replaced: ChildSa): void {
    if (!(replaced.installed & REQID)) return;
    this.reqids.share(replaced.reqid);
    child.reqid = replaced.reqid;
    child.installed |= REQID;
  }

  /** Takes everything of a CHILD_SA out of the kernel; failures are logged, since there is nobody left to care. */
  remove(child: ChildSa): void {
    this.retire(child);
    this.#removeInbound(child);
    if (!(child.installed & REQID)) return;
    child.installed &= ~REQID;
    this.reqids.release(child.reqid);
  }

  #removeInbound(child: ChildSa): void {
    if (!(child.installed & (INBOUND | SPI))) return;
    this.spis.delete(child.spiIn, child.uniqueId);
    child.installed &= ~(INBOUND | SPI);
    this.#quietly(
      "delete SA",
      this.#attempt(() => this.ipsec.deleteSa(inboundId(child))),
    );
  }

  #removeOutbound(child: ChildSa): void {
    if (!(child.installed & OUTBOUND)) return;
    this.spis.delete(child.spiOut, child.uniqueId);
    child.installed &= ~OUTBOUND;
    this.#quietly(
      "delete SA",
      this.#attempt(() => this.ipsec.deleteSa(outboundId(child))),
    );
  }

  /** Policies and outbound SA go, the inbound SA stays for packets on their way: a rekeyed CHILD_SA. */
  retire(child: ChildSa): void {
    const policies = child.installed & POLICIES;
    if (policies !== 0) {
      child.installed &= ~POLICIES;
      this.#quietly(
        "delete policy",
        this.#attempt(() => this.#deletePolicies(child, policies)),
      );
    }
    this.#removeOutbound(child);
  }

  /**
   * Moves an installed CHILD_SA to other addresses. Selectors that were one of the hosts are it at its new address.
   * @param udpEncap whether packets are in UDP there
   * @returns whether the kernel can do that; if not, it must be rekeyed
   */
  async move(child: ChildSa, { local, remote }: Path, udpEncap: boolean): Promise<boolean> {
    const policies = child.installed & POLICIES;
    const moved = await Promise.all([
      this.ipsec.updateSa(inboundId(child), remote, local, udpEncap),
      child.installed & OUTBOUND ? this.ipsec.updateSa(outboundId(child), local, remote, udpEncap) : undefined,
    ]);
    if (moved.includes("unsupported") || child.state === ChildSaState.DESTROYING) return child.state === ChildSaState.DESTROYING;
    if (policies !== 0) await this.#deletePolicies(child, policies);
    child.localTs = followHost(child.localTs, child.local, local);
    child.remoteTs = followHost(child.remoteTs, child.remote, remote);
    child.local = local;
    child.remote = remote;
    child.udpEncap = udpEncap;
    if (policies !== 0) await this.#addPolicies(child, policies);
    return true;
  }

  /** What went through it. Nothing where the kernel has no figures, or no such SA (any more). */
  use(child: ChildSa): MaybePromise<ChildUse> {
    const inbound = this.#usage(inboundId(child));
    const outbound = this.#usage(outboundId(child));
    if (inbound instanceof Promise || outbound instanceof Promise) {
      return Promise.all([inbound, outbound]).then(([i, o]) => ({ inbound: i, outbound: o }));
    }
    return { inbound, outbound };
  }

  #usage(id: KernelSaId): MaybePromise<KernelSaUse | undefined> {
    try {
      const use = this.ipsec.querySa(id);
      return use instanceof Promise ? use.catch(() => undefined) : use;
    } catch {
      return undefined;
    }
  }

  #addSa(child: ChildSa, inbound: boolean, keys: ChildKeys, byInitiator: boolean): MaybePromise<void> {
    const { config, proposal } = child;
    const encryptionKey = byInitiator ? keys.encryptionInitiator : keys.encryptionResponder;
    const integrityKey = byInitiator ? keys.integrityInitiator : keys.integrityResponder;
    const sa: KernelSa = {
      reqid: child.reqid,
      mode: child.mode,
      inbound,
      encryption: algorithm(proposal, TransformType.ENCRYPTION_ALGORITHM),
      encryptionKey,
      integrity: integrityOf(child),
      integrityKey,
      lifetime: child.lifetime,
      esn: algorithm(proposal, TransformType.EXTENDED_SEQUENCE_NUMBERS) === 1,
      replayWindow: config.replayWindow ?? this.options.replay_window,
      udpEncap: child.udpEncap,
      markIn: child.markIn,
      markOut: child.markOut,
      localTs: child.localTs,
      remoteTs: child.remoteTs,
      update: inbound,
      markInSa: config.markInSa,
      setMark: inbound ? child.setMarkIn : child.setMarkOut,
      icmp: config.icmp,
      interfaceId: inbound ? child.ifIdIn : child.ifIdOut,
      copyDscp: config.copyDscp,
      copyEcn: config.copyEcn,
      copyDf: config.copyDf,
      // More than any packet is what the kernel pads to the path's MTU.
      tfcPadding: config.tfc >>> 0,
      hwOffload: config.hwOffload,
    };
    child.installed |= inbound ? INBOUND : OUTBOUND;
    if (this.ipsec.raisesExpires) this.spis.add(inbound ? child.spiIn : child.spiOut, child.uniqueId);
    return this.ipsec.addSa(inbound ? inboundId(child) : outboundId(child), sa);
  }

  /**
   * Out, in and (for tunnels) forward policies of every pair of selectors, or none: of what the kernel refuses in part the rest is taken back.
   * Only that, as another CHILD_SA may have equal policies.
   */
  #addPolicies(child: ChildSa, which: number): MaybePromise<void> {
    child.installed |= which;
    const added: KernelPolicy[] = [];
    const pending: Promise<unknown>[] = [];
    for (const policy of policiesOf(child, which)) {
      let result: MaybePromise<void>;
      try {
        result = this.ipsec.addPolicy(policy);
      } catch (error) {
        result = Promise.reject(error as Error);
      }
      if (result instanceof Promise) pending.push(result.then(() => added.push(policy)));
      else added.push(policy);
    }
    if (pending.length === 0) return undefined;
    return Promise.allSettled(pending).then((results) => {
      const failed = results.find((result) => result.status === "rejected");
      if (!failed) return;
      this.#takeBack(child, which, added);
      throw failed.reason as Error;
    });
  }

  #takeBack(child: ChildSa, which: number, added: readonly KernelPolicy[]): void {
    // Removed meanwhile, with all its policies.
    if (!(child.installed & which)) return;
    child.installed &= ~which;
    for (const policy of added)
      this.#quietly(
        "delete policy",
        this.#attempt(() => this.ipsec.deletePolicy(policy)),
      );
  }

  #deletePolicies(child: ChildSa, which: number): MaybePromise<void> {
    const pending: Promise<void>[] = [];
    for (const policy of policiesOf(child, which)) {
      const result = this.ipsec.deletePolicy(policy);
      if (result instanceof Promise) pending.push(result);
    }
    if (pending.length > 0) return Promise.all(pending).then(() => undefined);
  }

  #attempt(call: () => MaybePromise<void>): MaybePromise<void> {
    try {
      return call();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #quietly(what: string, result: MaybePromise<void>): void {
    if (result instanceof Promise)
      result.catch((error: unknown) => this.log.log(LogGroup.KNL, 1, `unable to ${what}: ${(error as Error).message}`));
  }
}

const inboundId = (child: ChildSa): KernelSaId => ({
  source: child.remote,
  destination: child.local,
  spi: child.spiIn,
  protocol: child.protocol,
  cpi: child.cpiIn,
});
const outboundId = (child: ChildSa): KernelSaId => ({
  source: child.local,
  destination: child.remote,
  spi: child.spiOut,
  protocol: child.protocol,
  cpi: child.cpiOut,
});

function copyKeys(keys: ChildKeys): ChildKeys {
  return {
    encryptionInitiator: keys.encryptionInitiator.slice(),
    encryptionResponder: keys.encryptionResponder.slice(),
    integrityInitiator: keys.integrityInitiator.slice(),
    integrityResponder: keys.integrityResponder.slice(),
  };
}

function wipeKeys(keys: ChildKeys): void {
  for (const key of [keys.encryptionInitiator, keys.encryptionResponder, keys.integrityInitiator, keys.integrityResponder])
    key.fill(0);
}

function policiesOf(child: ChildSa, which: number): KernelPolicy[] {
  const policies: KernelPolicy[] = [];
  for (const local of child.localTs) {
    for (const remote of child.remoteTs) {
      // No packet is from one family to the other.
      if (remote.family !== local.family) continue;
      if (which & POLICIES_OUT) {
        policies.push(policy(child, "out", local, remote));
        if (child.config.policiesFwdOut && child.mode !== "transport") policies.push(forwardedOut(child, local, remote));
      }
      if (!(which & POLICIES_IN)) continue;
      policies.push(policy(child, "in", remote, local));
      if (child.mode !== "transport") policies.push(policy(child, "fwd", remote, local));
    }
  }
  return policies;
}

/** Written out rather than spread from a common part: this runs for every CHILD_SA. */
function policy(
  child: ChildSa,
  direction: KernelPolicy["direction"],
  source: TrafficSelector,
  destination: TrafficSelector,
): KernelPolicy {
  const isOut = direction === "out";
  return {
    direction,
    source,
    destination,
    type: "ipsec",
    priority: "default",
    reqid: child.reqid,
    mode: child.mode,
    protocol: child.protocol,
    tunnelSource: isOut ? child.local : child.remote,
    tunnelDestination: isOut ? child.remote : child.local,
    spi: isOut ? child.spiOut : child.spiIn,
    cpi: isOut ? child.cpiOut : child.cpiIn,
    mark: isOut ? child.markOut : child.markIn,
    manualPriority: child.config.priority,
    icmp: child.config.icmp,
    networkInterface: isOut ? child.config.interface : undefined,
    interfaceId: isOut ? child.ifIdOut : child.ifIdIn,
  };
}

/**
 * What is forwarded into the tunnel may be forwarded; the outbound policy takes it then. It gives way to the inbound FWD policy of a tunnel with the
 * same networks the other way round.
 */
function forwardedOut(child: ChildSa, source: TrafficSelector, destination: TrafficSelector): KernelPolicy {
  const { priority } = child.config;
  return {
    ...policy(child, "out", source, destination),
    direction: "fwd",
    networkInterface: undefined,
    type: "pass",
    priority: "routed",
    manualPriority: priority && priority + 1,
    reqid: 0,
  };
}
