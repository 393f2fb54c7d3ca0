import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Host, KernelPolicy, KernelSaId, Logger } from "@cygnet/plugin-api";
import { NLM_F_CREATE, NLM_F_EXCL } from "../netlink/constants.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { OwnTags } from "../leftovers/own-tags.js";
import { POLICY_ID_BYTES, POLICY_INFO_BYTES, XfrmAttribute, XfrmMessage } from "./constants.js";
import { kernelRefusal } from "./kernel-refusal.js";
import { kernelDirection } from "./numbers.js";
import { putPolicy, putPolicyId } from "./policy-request.js";
import { PolicyTable, policyKey } from "./policy-table.js";
import type { SharedPolicy } from "./policy-table.js";
import { describeSelector } from "./selector-text.js";

/** Gets told which policies the kernel has, to add routes for them. */
export interface PolicyRoutes {
  /** The kernel has a policy now, or another user's in its place. */
  installed(shared: SharedPolicy): void;
  /** @param isTakenOver another shard has put its own in the place of ours, and keeps the route */
  removed(shared: SharedPolicy, last: KernelPolicy, isTakenOver: boolean): void;
}

/** Other shards with the same kernel. */
export interface PolicySharers {
  /** The kernel has a policy no more that they may want, too. */
  removed(key: string): void;
}

/** What `XfrmPolicies` is made of. */
export interface XfrmPoliciesOptions {
  readonly requests: NetlinkRequests;
  readonly log: Logger;
  readonly routes: PolicyRoutes;
  /** A policy that somebody else has installed is replaced without a word. */
  readonly alwaysUpdate: boolean;
  readonly tags: OwnTags;
  /** By name, undefined where there is no such interface. */
  readonly interfaceIndex: (name: string) => number | undefined;
  /** Undefined where there are none. */
  readonly sharers: PolicySharers | undefined;
}

/** What the kernel has for a policy. */
interface Current {
  readonly priority: number;
  /** 0 for shunts. */
  readonly reqid: number;
}

/**
 * Policies of the kernel. Of those that several want, the kernel has the best one's.
 *
 * Shards of a daemon share the kernel and nothing else, so that the kernel says whose policy it has, by the reqid, of which each shard has its
 * own: a shard does not replace a better one of another, nor remove one. When it removes its own, it tells the others, who put theirs in its place.
 */
export class XfrmPolicies {
  readonly #options: XfrmPoliciesOptions;
  readonly #requests: NetlinkRequests;
  readonly #table: PolicyTable;

  constructor(options: XfrmPoliciesOptions) {
    this.#options = options;
    this.#requests = options.requests;
    this.#table = new PolicyTable((name) => {
      const index = options.interfaceIndex(name);
      if (index !== undefined) return index;
      const text = `unable to add policy: there is no interface ${name}`;
      throw new SystemError("CYG_KERNEL_XFRM", "XFRM_MSG_NEWPOLICY", "ENODEV", text);
    });
  }

  /** @throws {SystemError} CYG_KERNEL_XFRM; nothing has changed then */
  add(policy: KernelPolicy): void {
    const { shared, change } = this.#table.add(policy);
    if (change === "none") return;
    try {
      this.#install(shared, policy, change === "update");
    } catch (error) {
      this.#table.remove(policy);
      throw error;
    }
    this.#options.routes.installed(shared);
  }

  /** One that is not there is as good as deleted. @throws {SystemError} CYG_KERNEL_XFRM */
  delete(policy: KernelPolicy): void {
    const removed = this.#table.remove(policy);
    if (!removed || removed.change === "none") return;
    const { shared, change } = removed;
    const { routes, sharers } = this.#options;
    if (change === "update") {
      this.#install(shared, policy, true);
      routes.installed(shared);
      return;
    }
    const isTakenOver = this.#othersPolicy(shared, policy) !== undefined;
    routes.removed(shared, policy, isTakenOver);
    if (isTakenOver) return;
    this.#remove(shared);
    sharers?.removed(shared.key);
  }

  /** Another shard has taken these policies out of the kernel: those that we want come back. */
  restore(keys: readonly string[]): void {
    for (const key of keys) {
      const shared = this.#table.byKey(key);
      if (!shared) continue;
      try {
        this.#install(shared, shared.best.policy, false);
        this.#options.routes.installed(shared);
      } catch (error) {
        this.#options.log.log(LogGroup.KNL, 1, (error as Error).message);
      }
    }
  }

  /**
   * When traffic last matched a policy of the SAs of a reqid with this destination, in seconds since the epoch.
   */
  lastUse(reqid: number, destination: Host): number {
    let last = 0;
    for (const shared of new Set(this.#table.ofReqid(reqid))) {
      const { policy } = shared.best;
      if (!policy.tunnelDestination.sameAddress(destination)) continue;
      putPolicyId(this.#requests.begin(XfrmMessage.GETPOLICY, 0, POLICY_ID_BYTES), policy, shared.selector);
      this.#requests.run((answer) => {
        if (answer.type === (XfrmMessage.NEWPOLICY as number)) last = Math.max(last, answer.u64(144));
      });
    }
    return last;
  }

  /** SAs that packets of the policies of this reqid leave by. */
  *outboundSas(reqid: number): Iterable<Pick<KernelSaId, "protocol" | "spi" | "destination">> {
    for (const { best } of new Set(this.#table.ofReqid(reqid))) {
      const { direction, spi, protocol, tunnelDestination } = best.policy;
      if (direction === "out" && spi !== 0) yield { protocol, spi, destination: tunnelDestination };
    }
  }

  /** Removes all that is left. */
  close(): void {
    for (const shared of this.#table.all()) {
      const { policy } = shared.best;
      const isTakenOver = this.#othersPolicy(shared, policy) !== undefined;
      this.#options.routes.removed(shared, policy, isTakenOver);
      if (isTakenOver) continue;
      try {
        this.#remove(shared);
      } catch (error) {
        this.#options.log.log(LogGroup.KNL, 1, (error as Error).message);
      }
    }
    this.#table.clear();
  }

  /** @param own whose reqid is ours, beside those of the users */
  #install(shared: SharedPolicy, own: KernelPolicy, isUpdate: boolean): void {
    const { alwaysUpdate, log, sharers } = this.#options;
    const isThere = isUpdate || alwaysUpdate;
    if (!isThere) {
      this.#put(shared, false);
      if (this.#requests.refusal() === undefined) return;
    }
    if (isThere || this.#requests.refusal() === "EEXIST") {
      const others = this.#othersPolicy(shared, own);
      if (others && others.priority < shared.best.priority) return;
      if (!isThere && !sharers) log.log(LogGroup.KNL, 1, `policy ${describe(shared)} already exists, try to update it`);
      this.#put(shared, true);
    }
    if (this.#requests.refusal() === undefined) return;
    const what = `unable to add policy ${describe(shared)}`;
    throw kernelRefusal(this.#requests, { message: isThere ? "XFRM_MSG_UPDPOLICY" : "XFRM_MSG_NEWPOLICY", what });
  }

  /** What the kernel has of another shard, undefined where it has ours, or nothing. */
  #othersPolicy(shared: SharedPolicy, own: KernelPolicy): Current | undefined {
    if (!this.#options.sharers) return undefined;
    let current: Current | undefined;
    putPolicyId(this.#requests.begin(XfrmMessage.GETPOLICY, 0, POLICY_ID_BYTES), own, shared.selector);
    this.#requests.run((answer) => {
      if (answer.type !== (XfrmMessage.NEWPOLICY as number)) return;
      const priority = answer.u32(152);
      const reqid = answer.find(XfrmAttribute.TMPL, POLICY_INFO_BYTES) ? answer.u32(44) : 0;
      current = { priority, reqid };
    });
    if (!current || current.reqid === own.reqid) return undefined;
    const { reqid } = current;
    return shared.users.some(({ policy }) => policy.reqid === reqid) ? undefined : current;
  }

  #put(shared: SharedPolicy, isUpdate: boolean): void {
    const { policy, priority } = shared.best;
    const type = isUpdate ? XfrmMessage.UPDPOLICY : XfrmMessage.NEWPOLICY;
    const tag = this.#options.tags.policy(policyKey(policy, shared.selector), kernelDirection(policy.direction));
    const writer = this.#requests.begin(type, NLM_F_CREATE | NLM_F_EXCL, POLICY_INFO_BYTES);
    putPolicy(writer, policy, shared.selector, { priority, tag });
    this.#requests.run();
  }

  #remove(shared: SharedPolicy): void {
    putPolicyId(this.#requests.begin(XfrmMessage.DELPOLICY, 0, POLICY_ID_BYTES), shared.best.policy, shared.selector);
    this.#requests.run();
    const refusal = this.#requests.refusal();
    if (refusal === undefined || refusal === "ENOENT") return;
    throw kernelRefusal(this.#requests, { message: "XFRM_MSG_DELPOLICY", what: `unable to delete policy ${describe(shared)}` });
  }
}

const describe = ({ selector, best }: SharedPolicy): string => `${describeSelector(selector)} ${best.policy.direction}`;
