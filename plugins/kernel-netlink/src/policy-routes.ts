import { LogGroup } from "@cygnet/plugin-api";
import type { KernelPolicy, Logger } from "@cygnet/plugin-api";
import type { NetlinkNet } from "./route/netlink-net.js";
import type { OwnRoute, RouteVia } from "./route/route-table.js";
import type { SharedPolicy } from "./xfrm/policy-table.js";
import type { PolicyRoutes } from "./xfrm/xfrm-policies.js";
import type { SelectorSide } from "./xfrm/selector.js";

export interface SourceRouteOptions {
  readonly log: Logger;
  /** Policies of XFRM interfaces get routes, too. */
  readonly forInterfaces: boolean;
}

/**
 * Source routes for outbound policies: what goes into a tunnel is sent from an address that the tunnel takes, if this host has one. Traffic that
 * passes a tunnel by goes as if there were none.
 */
export class SourceRoutes implements PolicyRoutes {
  readonly #routes = new Map<SharedPolicy, OwnRoute>();

  constructor(
    private readonly net: NetlinkNet,
    private readonly options: SourceRouteOptions,
  ) {}

  installed(shared: SharedPolicy): void {
    const { policy } = shared.best;
    const via = this.#via(shared);
    const before = this.#routes.get(shared);
    if (via !== undefined) {
      const { family, destination } = shared.selector;
      this.#attempt("installing", policy, () => {
        const route: OwnRoute = {
          family,
          destination: destination.address,
          prefix: destination.prefix,
          via: pastGateway(via, destination),
        };
        this.net.routes.add(route);
        this.#routes.set(shared, route);
      });
    } else this.#routes.delete(shared);
    if (before) this.#attempt("removing", policy, () => this.net.routes.delete(before));
  }

  removed(shared: SharedPolicy, last: KernelPolicy, isTakenOver: boolean): void {
    const route = this.#routes.get(shared);
    this.#routes.delete(shared);
    if (!route) return;
    if (isTakenOver) this.net.routes.forget(route);
    else this.#attempt("removing", last, () => this.net.routes.delete(route));
  }

  /** Addresses or other routes have changed: ours may lead elsewhere now, or be gone. */
  refresh(): void {
    for (const shared of [...this.#routes.keys()]) this.installed(shared);
  }

  /** Where traffic of the policy goes, undefined where it needs no route of its own. */
  #via({ best, selector }: SharedPolicy): RouteVia | "throw" | undefined {
    const { policy } = best;
    // Routes cannot tell traffic apart by protocol.
    if (policy.direction !== "out" || selector.protocol !== 0) return undefined;
    if (policy.interfaceId && !this.options.forInterfaces) return undefined;
    if (policy.type === "pass") return "throw";
    if (policy.type !== "ipsec" || policy.mode === "transport") return undefined;
    const source = this.net.addressWithin(policy.source, policy.tunnelSource);
    const hop = source && this.net.nextHop(policy.tunnelDestination);
    if (!hop) return undefined;
    // A virtual IP is routed over the interface that has it.
    const interfaceIndex = (this.net.isVirtual(source) && this.net.indexOf(source)) || hop.interfaceIndex;
    // A tunnel of the other family has no router that could be named.
    const gateway = hop.gateway.family === selector.family && interfaceIndex === hop.interfaceIndex ? hop.gateway : undefined;
    return { gateway, source, interfaceIndex };
  }

  #attempt(doing: string, policy: KernelPolicy, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.options.log.log(
        LogGroup.KNL,
        1,
        `${doing} the route of an outbound policy of reqid ${policy.reqid} failed: ${(error as Error).message}`,
      );
    }
  }
}

/** A destination that is the gateway itself is reached without. */
function pastGateway(via: RouteVia | "throw", { address, prefix }: SelectorSide): RouteVia | "throw" {
  if (via === "throw" || !via.gateway || prefix !== address.length * 8) return via;
  const isItself = via.gateway.address.every((octet, i) => octet === address[i]);
  return isItself ? { ...via, gateway: undefined } : via;
}
