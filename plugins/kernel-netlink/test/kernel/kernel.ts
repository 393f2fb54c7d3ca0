import { execFileSync } from "node:child_process";
import type { KernelEvents, Logger } from "@cygnet/plugin-api";
import { IkeSockets } from "../../src/ike-sockets.js";
import { SourceRoutes } from "../../src/policy-routes.js";

import { OwnTags } from "../../src/leftovers/own-tags.js";
import { NetlinkNet } from "../../src/route/netlink-net.js";
import { XfrmIpsec } from "../../src/xfrm-ipsec.js";

/** Runs `ip`. @returns what it prints */
export const ip = (line: string): string => execFileSync("ip", line.split(" "), { encoding: "utf8" });

/** Both ends of a cable, ours up with 192.0.2.1/24, and a network of ours behind it. */
export function cable(): void {
  ip("link set lo up");
  ip("link add cyg0 type veth peer name cyg1");
  ip("link set cyg1 up");
  ip("address add 192.0.2.1/24 dev cyg0");
  ip("address add 10.71.0.1/32 dev cyg0");
  ip("link set cyg0 up");
  ip("route add default via 192.0.2.254");
}

export function uncable(): void {
  ip("link delete cyg0");
}

/** Of the tags of all threads here. */
export const SEED = 0x5eed5eed;

/** The kernel as a shard has it, with what it logs and tells. */
export class Thread {
  readonly lines: string[] = [];
  readonly events: string[] = [];
  readonly net: NetlinkNet;
  readonly kernel: XfrmIpsec;

  constructor(
    options: Partial<ConstructorParameters<typeof NetlinkNet>[0]> = {},
    sharers?: ConstructorParameters<typeof XfrmIpsec>[0]["sharers"],
    shard = 0,
  ) {
    const log: Logger = { enabled: () => true, log: (_group, _level, message) => void this.lines.push(message) };
    this.net = new NetlinkNet({
      requests: {},
      log,
      isInterfaceUsable: () => true,
      table: 220,
      tablePriority: 220,
      ignoredTables: [],
      fwmark: undefined,
      mtu: 0,
      mss: 0,
      preferTemporary: false,
      receiveBufferBytes: 0,
      roamOn: { any: true, routes: true, rules: true },
      roam: (addressChanged) => void this.events.push(`roam ${addressChanged ? "addresses" : "routes"}`),
      ...options,
    });
    const events: KernelEvents = {
      acquire: (reqid, source, destination) =>
        void this.events.push(`acquire ${reqid} ${source?.startAddress.join(".")} ${destination?.startAddress.join(".")}`),
      expire: (protocol, spi, destination, hard) =>
        void this.events.push(`expire ${protocol} ${spi.toString(16)} ${destination} ${hard ? "hard" : "soft"}`),
      mapping: () => undefined,
      migrate: () => undefined,
      roam: () => undefined,
    };
    this.kernel = new XfrmIpsec({
      requests: {},
      log,
      events,
      receiveBufferBytes: 0,
      spis: { min: 0xc0000000, max: 0xcfffffff },
      protoPortTransport: false,
      alwaysUpdatePolicies: false,
      tags: new OwnTags(SEED, shard),
      routes: new SourceRoutes(this.net, { log, forInterfaces: false }),
      interfaceIndex: (name) => this.net.interfaceIndex(name),
      offloadInterface: () => undefined,
      sharers,
      sockets: () => new IkeSockets({ log, byPort: undefined }),
    });
  }

  /** Waits until an event comes that begins so. */
  async heard(start: string): Promise<string> {
    for (;;) {
      const found = this.events.find((event) => event.startsWith(start));
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): void {
    this.kernel.close();
    this.net.close();
  }
}

/** Whether the kernel has ESP. */
export function hasEsp(): boolean {
  const thread = new Thread();
  try {
    thread.kernel.requireEsp();
    return true;
  } catch {
    return false;
  } finally {
    thread.close();
  }
}
