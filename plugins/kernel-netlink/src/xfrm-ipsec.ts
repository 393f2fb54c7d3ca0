import { NETLINK_XFRM } from "@cygnet/native";
import { LogGroup } from "@cygnet/plugin-api";
import type {
  Host,
  IkeSocket,
  IpsecProtocol,
  KernelEvents,
  KernelIpsec,
  KernelPolicy,
  KernelSa,
  KernelSaId,
  KernelSaUse,
  Logger,
} from "@cygnet/plugin-api";
import type { IkeSockets } from "./ike-sockets.js";
import type { OwnTags } from "./leftovers/own-tags.js";
import { NetlinkEvents } from "./netlink/netlink-events.js";
import { NetlinkRequests } from "./netlink/netlink-requests.js";
import type { RequestOptions } from "./netlink/netlink-requests.js";
import { XFRMNLGRP_ACQUIRE, XFRMNLGRP_EXPIRE, XFRMNLGRP_MAPPING, XFRMNLGRP_MIGRATE } from "./xfrm/constants.js";
import { passXfrmEvent } from "./xfrm/xfrm-events.js";
import type { XfrmListener } from "./xfrm/xfrm-events.js";
import { XfrmPolicies } from "./xfrm/xfrm-policies.js";
import type { PolicyRoutes, PolicySharers } from "./xfrm/xfrm-policies.js";
import { XfrmSas } from "./xfrm/xfrm-sas.js";
import type { SpiRange } from "./xfrm/xfrm-sas.js";

/** How XFRM is used. */
export interface XfrmIpsecOptions {
  readonly requests: Omit<RequestOptions, "protocol">;
  readonly log: Logger;
  readonly events: KernelEvents;
  readonly receiveBufferBytes: number;
  readonly spis: SpiRange;
  readonly protoPortTransport: boolean;
  readonly alwaysUpdatePolicies: boolean;
  readonly tags: OwnTags;
  readonly routes: PolicyRoutes;
  readonly sharers?: PolicySharers | undefined;
  /** Index of an interface by its name. */
  readonly interfaceIndex: (name: string) => number | undefined;
  readonly offloadInterface: (address: Host) => number | undefined;
  /** Makes what prepares sockets, from how policies are added. */
  readonly sockets: (addPolicy: (policy: KernelPolicy) => void) => IkeSockets;
}

/**
 * The kernel's IPsec, by XFRM over netlink. Each shard has sockets of its own; the kernel answers requests at once, so that no call here has to
 * be waited for. What the kernel tells goes to all shards, each of which knows its own SAs.
 */
export class XfrmIpsec implements KernelIpsec {
  readonly requiresUdpEncap = false;
  readonly raisesExpires = true;
  readonly carriesTraffic = true;
  readonly #requests: NetlinkRequests;
  readonly #events: NetlinkEvents;
  readonly #sas: XfrmSas;
  readonly #policies: XfrmPolicies;
  readonly #sockets: IkeSockets;

  /** @throws {SystemError} CYG_NETLINK_OPEN where the kernel has no XFRM, or we may not use it */
  constructor(options: XfrmIpsecOptions) {
    const { log, events, receiveBufferBytes, spis, protoPortTransport, offloadInterface, routes, tags } = options;
    const requests = (this.#requests = new NetlinkRequests({ ...options.requests, protocol: NETLINK_XFRM }));
    this.#sas = new XfrmSas({ requests, spis, protoPortTransport, tags, offloadInterface });
    this.#policies = new XfrmPolicies({
      ...{ requests, log, routes, tags },
      interfaceIndex: options.interfaceIndex,
      alwaysUpdate: options.alwaysUpdatePolicies,
      sharers: options.sharers,
    });
    const listener: XfrmListener = {
      ...events,
      migrated: (reqid, local, remote) => {
        for (const { protocol, spi, destination } of this.#policies.outboundSas(reqid))
          events.migrate(protocol, spi, destination, local, remote);
      },
    };
    this.#sockets = options.sockets((policy) => this.#policies.add(policy));
    try {
      this.#events = new NetlinkEvents({
        protocol: NETLINK_XFRM,
        groups: [XFRMNLGRP_ACQUIRE, XFRMNLGRP_EXPIRE, XFRMNLGRP_MAPPING, XFRMNLGRP_MIGRATE],
        receiveBufferBytes,
        log,
        receive: (message) => passXfrmEvent(message, listener),
        // Which ones, nobody knows: an SA whose end was missed is the peer's to notice.
        lost: () => log.log(LogGroup.KNL, 1, "events of the kernel were lost: raise receive_buffer_size"),
      });
    } catch (error) {
      requests.close();
      throw error;
    }
  }

  getSpi(source: Host, destination: Host, protocol: IpsecProtocol): number {
    return this.#sas.allocateSpi(source, destination, protocol);
  }

  getCpi(source: Host, destination: Host): number {
    return this.#sas.allocateCpi(source, destination);
  }

  releaseCpi(source: Host, destination: Host, cpi: number): void {
    this.#sas.deleteCompression({ source, destination, cpi });
  }

  addSa(id: KernelSaId, sa: KernelSa): void {
    this.#sas.add(id, sa);
  }

  updateSa(id: KernelSaId, source: Host, destination: Host, udpEncap: boolean): void | "unsupported" {
    return this.#sas.move(id, source, destination, udpEncap) ? undefined : "unsupported";
  }

  querySa(id: KernelSaId): KernelSaUse | undefined {
    const counters = this.#sas.query(id);
    if (!counters) return undefined;
    const { bytes, packets, lastUsed, reqid } = counters;
    const last = packets === 0 ? 0 : lastUsed || this.#policies.lastUse(reqid, id.destination);
    return { bytes, packets, lastUseMs: last * 1000 };
  }

  deleteSa(id: KernelSaId): void {
    this.#sas.delete(id);
  }

  addPolicy(policy: KernelPolicy): void {
    this.#policies.add(policy);
  }

  deletePolicy(policy: KernelPolicy): void {
    this.#policies.delete(policy);
  }

  /** Has the kernel load what ESP needs. @throws {SystemError} CYG_KERNEL_NO_PROTOCOL where it has none */
  requireEsp(): void {
    this.#sas.requireEsp();
  }

  prepareSocket(socket: IkeSocket): void {
    this.#sockets.prepare(socket);
  }

  /** Puts policies back that another shard has taken out of the kernel, and we want. */
  restorePolicies(keys: readonly string[]): void {
    this.#policies.restore(keys);
  }

  close(): void {
    this.#policies.close();
    this.#events.close();
    this.#requests.close();
  }
}
