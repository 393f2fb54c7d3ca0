import { LogGroup } from "@cygnet/plugin-api";
import type { Host, KernelPolicy, Logger } from "@cygnet/plugin-api";
import { NLM_F_CREATE, NLM_F_EXCL } from "../netlink/constants.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import { POLICY_ID_BYTES, POLICY_INFO_BYTES, XfrmMessage } from "./constants.js";
import { kernelRefusal } from "./kernel-refusal.js";
import { putPolicy, putPolicyId } from "./policy-request.js";
import { PolicyTable } from "./policy-table.js";
import type { SharedPolicy } from "./policy-table.js";
import { describeSelector } from "./selector-text.js";

/** Gets told which policies the kernel has, to add routes for them. */
export interface PolicyRoutes {
  /** The kernel has a policy now, or another user's in its place. */
  installed(shared: SharedPolicy): void;
  removed(shared: SharedPolicy, last: KernelPolicy): void;
}

/** What `XfrmPolicies` is made of. */
export interface XfrmPoliciesOptions {
  readonly requests: NetlinkRequests;
  readonly log: Logger;
  readonly routes: PolicyRoutes;
  /** A policy that somebody else has installed is replaced without a word. */
  readonly alwaysUpdate: boolean;
}

/** Policies of the kernel. Of those that several want, the kernel has the best one's. */
export class XfrmPolicies {
  readonly #options: XfrmPoliciesOptions;
  readonly #requests: NetlinkRequests;
  readonly #table = new PolicyTable();

  constructor(options: XfrmPoliciesOptions) {
    this.#options = options;
    this.#requests = options.requests;
  }

  /** @throws {SystemError} CYG_KERNEL_XFRM; nothing has changed then */
  add(policy: KernelPolicy): void {
    const { shared, change } = this.#table.add(policy);
    if (change === "none") return;
    try {
      this.#install(shared, change === "update");
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
    if (change === "update") {
      this.#install(shared, true);
      this.#options.routes.installed(shared);
    } else {
      this.#options.routes.removed(shared, policy);
      this.#remove(shared);
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

  /** Removes all that is left. */
  close(): void {
    for (const shared of this.#table.all()) {
      this.#options.routes.removed(shared, shared.best.policy);
      try {
        this.#remove(shared);
      } catch (error) {
        this.#options.log.log(LogGroup.KNL, 1, (error as Error).message);
      }
    }
    this.#table.clear();
  }

  #install(shared: SharedPolicy, isUpdate: boolean): void {
    const { alwaysUpdate, log } = this.#options;
    this.#put(shared, isUpdate || alwaysUpdate);
    if (this.#requests.refusal() === "EEXIST") {
      log.log(LogGroup.KNL, 1, `policy ${describe(shared)} already exists, try to update it`);
      this.#put(shared, true);
    }
    if (this.#requests.refusal() === undefined) return;
    const what = `unable to add policy ${describe(shared)}`;
    throw kernelRefusal(this.#requests, { message: isUpdate ? "XFRM_MSG_UPDPOLICY" : "XFRM_MSG_NEWPOLICY", what });
  }

  #put(shared: SharedPolicy, isUpdate: boolean): void {
    const { policy, priority } = shared.best;
    const type = isUpdate ? XfrmMessage.UPDPOLICY : XfrmMessage.NEWPOLICY;
    putPolicy(this.#requests.begin(type, NLM_F_CREATE | NLM_F_EXCL, POLICY_INFO_BYTES), policy, shared.selector, priority);
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
