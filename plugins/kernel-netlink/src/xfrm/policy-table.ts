import type { KernelPolicy } from "@cygnet/plugin-api";
import { policyPriority } from "./priority.js";
import { selectorOf } from "./selector.js";
import type { Selector } from "./selector.js";

/** One who wants a policy: a CHILD_SA, a trap or a shunt. */
export interface PolicyUser {
  readonly policy: KernelPolicy;
  readonly priority: number;
}

/** A policy as the kernel names it, by direction, selector, mark and interface, with all who want it. */
export class SharedPolicy {
  /** The best first, of equal ones the newest: it is the one that the kernel has. Never empty while it is in the table. */
  readonly users: PolicyUser[] = [];

  constructor(
    readonly key: string,
    readonly selector: Selector,
  ) {}

  get best(): PolicyUser {
    return this.users[0]!;
  }
}

const NONE: readonly SharedPolicy[] = [];

/** What has to happen in the kernel. */
export type PolicyChange = "add" | "update" | "delete" | "none";

/**
 * The policies of a shard, and who wants them. The kernel has one policy for each direction, selector, mark and interface; CHILD_SAs with the same
 * traffic, their predecessors while they are rekeyed, and traps share it.
 */
export class PolicyTable {
  readonly #policies = new Map<string, SharedPolicy>();
  readonly #byReqid = new Map<number, SharedPolicy[]>();

  /** @param indexOf of an interface, by name; throws where there is none */
  constructor(private readonly indexOf: (networkInterface: string) => number) {}

  get size(): number {
    return this.#policies.size;
  }

  all(): Iterable<SharedPolicy> {
    return this.#policies.values();
  }

  /** Those that SAs of this reqid want. */
  ofReqid(reqid: number): readonly SharedPolicy[] {
    return this.#byReqid.get(reqid) ?? NONE;
  }

  /** @returns the policy, and what the kernel has to be told of it */
  add(policy: KernelPolicy): { readonly shared: SharedPolicy; readonly change: PolicyChange } {
    const selector = selectorOf(policy.source, policy.destination);
    const key = tableKey(policy, selector);
    let shared = this.#policies.get(key);
    if (!shared) {
      const { networkInterface } = policy;
      const full = networkInterface === undefined ? selector : { ...selector, interfaceIndex: this.indexOf(networkInterface) };
      this.#policies.set(key, (shared = new SharedPolicy(key, full)));
    }
    const user = { policy, priority: policy.manualPriority || policyPriority(shared.selector, policy.priority) };
    const { users } = shared;
    let at = 0;
    while (at < users.length && users[at]!.priority < user.priority) at++;
    users.splice(at, 0, user);
    this.#index(policy.reqid, shared);
    return { shared, change: users.length === 1 ? "add" : at === 0 ? "update" : "none" };
  }

  /** Takes one user away. @returns undefined where there is no such one */
  remove(policy: KernelPolicy): { readonly shared: SharedPolicy; readonly change: PolicyChange } | undefined {
    const shared = this.find(policy);
    if (!shared) return undefined;
    const at = shared.users.findIndex(({ policy: other }) => isSameUse(other, policy));
    if (at < 0) return undefined;
    this.#unindex(policy.reqid, shared);
    if (shared.users.length === 1) {
      this.#policies.delete(shared.key);
      return { shared, change: "delete" };
    }
    shared.users.splice(at, 1);
    return { shared, change: at === 0 ? "update" : "none" };
  }

  byKey(key: string): SharedPolicy | undefined {
    return this.#policies.get(key);
  }

  find(policy: KernelPolicy): SharedPolicy | undefined {
    return this.#policies.get(tableKey(policy, selectorOf(policy.source, policy.destination)));
  }

  clear(): void {
    this.#policies.clear();
    this.#byReqid.clear();
  }

  #index(reqid: number, shared: SharedPolicy): void {
    const list = this.#byReqid.get(reqid);
    if (list) list.push(shared);
    else this.#byReqid.set(reqid, [shared]);
  }

  /** Once for each user: it is in the list as often. */
  #unindex(reqid: number, shared: SharedPolicy): void {
    const list = this.#byReqid.get(reqid)!;
    list.splice(list.indexOf(shared), 1);
    if (list.length === 0) this.#byReqid.delete(reqid);
  }
}

/** CHILD_SAs of one reqid differ in their SPIs. */
function isSameUse(a: KernelPolicy, b: KernelPolicy): boolean {
  return a.reqid === b.reqid && a.spi === b.spi && a.type === b.type && a.priority === b.priority;
}

/** Interfaces by name: one may be gone when its policy goes. */
const tableKey = (policy: KernelPolicy, selector: Selector): string => {
  const key = policyKey(policy, selector);
  return policy.networkInterface === undefined ? key : `${policy.networkInterface} ${key}`;
};

/** Names a policy as the kernel does. */
export function policyKey(
  { direction, mark, interfaceId = 0 }: Pick<KernelPolicy, "direction" | "mark" | "interfaceId">,
  { family, protocol, source, destination, interfaceIndex = 0 }: Selector,
): string {
  let key = `${direction} ${family} ${protocol} ${interfaceId} ${interfaceIndex} ${mark.value}/${mark.mask}`;
  for (const { address, prefix, port, portMask } of [source, destination]) {
    key += ` ${prefix} ${port}/${portMask} `;
    for (let i = 0; i < address.length; i++) key += String.fromCharCode(address[i]!);
  }
  return key;
}
