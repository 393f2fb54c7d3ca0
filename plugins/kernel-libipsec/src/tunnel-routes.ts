import { Host, LogGroup } from "@cygnet/plugin-api";
import type { KernelNet, KernelPolicy, KernelRoute, Logger, TrafficRange } from "@cygnet/plugin-api";
import { enclosingSubnet, holds, subnetText } from "./subnet.js";

export interface TunnelRoutesParts {
  /** Of the thread, undefined while there is none. */
  readonly net: () => KernelNet | undefined;
  readonly log: Logger;
  /** The TUN device. */
  readonly device: string;
  readonly allowPeer: boolean;
}

interface Route {
  readonly route: KernelRoute;
  users: number;
}

/** Routes into the TUN device for what outbound policies want: packets get there no other way. */
export class TunnelRoutes {
  readonly #parts: TunnelRoutesParts;
  readonly #routes = new Map<string, Route>();
  /** One after the other: who adds may be overtaken by who deletes otherwise. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: TunnelRoutesParts) {
    this.#parts = parts;
  }

  /** Settles when the route is there, or the log says why not. */
  add(policy: KernelPolicy): Promise<void> {
    return (this.#last = this.#last.then(() => this.#add(policy)));
  }

  delete(policy: KernelPolicy): Promise<void> {
    return (this.#last = this.#last.then(() => this.#delete(policy)));
  }

  async #add(policy: KernelPolicy): Promise<void> {
    const key = keyOf(policy);
    const known = this.#routes.get(key);
    if (known) {
      known.users++;
      return;
    }
    const { net: netOf, log, device, allowPeer } = this.#parts;
    const { destination, source, tunnelDestination } = policy;
    const net = netOf();
    if (!net) return this.#failed(policy, "there is no plugin for routes, such as kernel-netlink");
    if (!allowPeer && tunnelDestination.family === destination.family && holds(destination, tunnelDestination.address))
      return this.#failed(
        policy,
        "it would lead IKE into the tunnel, as the peer is in the remote traffic selector (allow_peer_ts)",
      );
    const subnet = enclosingSubnet(destination);
    const own = await (net.addressWithin
      ? net.addressWithin(source, policy.tunnelSource)
      : firstWithin(await net.addresses(), source));
    const route: KernelRoute = {
      destination: subnet.address,
      prefix: subnet.prefix,
      gateway: undefined,
      source: own?.withPort(0) ?? Host.any(source.family),
      interfaceName: device,
    };
    try {
      await net.addRoute(route);
    } catch (error) {
      return this.#failed(policy, (error as Error).message);
    }
    this.#routes.set(key, { route, users: 1 });
    if (log.enabled(LogGroup.KNL, 2)) log.log(LogGroup.KNL, 2, `routing ${subnetText(subnet)} to ${device}`);
  }

  async #delete(policy: KernelPolicy): Promise<void> {
    const key = keyOf(policy);
    const known = this.#routes.get(key);
    if (!known || --known.users > 0) return;
    this.#routes.delete(key);
    try {
      await this.#parts.net()?.deleteRoute(known.route);
    } catch (error) {
      this.#parts.log.log(LogGroup.KNL, 1, `removing a route to ${this.#parts.device} failed: ${(error as Error).message}`);
    }
  }

  #failed({ destination }: KernelPolicy, why: string): void {
    this.#parts.log.log(
      LogGroup.KNL,
      1,
      `no route for ${subnetText(enclosingSubnet(destination))} to ${this.#parts.device}: ${why}`,
    );
  }
}

const firstWithin = (addresses: readonly Host[], range: TrafficRange): Host | undefined =>
  addresses.find(({ family, address }) => family === range.family && holds(range, address));

/** Policies of the same networks share a route, whatever their protocols and ports are. */
function keyOf({ source, destination }: KernelPolicy): string {
  const own = enclosingSubnet(source);
  const { address, prefix } = enclosingSubnet(destination);
  return `${own.address.join(".")}/${own.prefix} ${address.join(".")}/${prefix}`;
}
