import { CygnetError } from "@cygnet/plugin-api";
import type { Host, KernelIpsec, KernelNet, MaybePromise } from "@cygnet/plugin-api";
import { networkInterfaces } from "node:os";
import { Host as HostValue } from "@cygnet/plugin-api";
import { IpAddresses } from "./ip-addresses.js";

/** SPIs to choose from, both ends included. */
export interface SpiRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Stands in when no plugin provides `CUSTOM:kernel-ipsec`: CHILD_SAs are negotiated and kept, but nothing is installed and no traffic is
 * protected. The daemon says so at start.
 */
export class NegotiationOnlyKernel implements KernelIpsec {
  readonly requiresUdpEncap = false;
  readonly raisesExpires = false;

  constructor(
    private readonly random32: () => number,
    private readonly spis: SpiRange,
  ) {}

  getSpi(): number {
    const { min, max } = this.spis;
    return min + (this.random32() % (max - min + 1));
  }

  getCpi(): number {
    throw new CygnetError("CYG_KERNEL_UNSUPPORTED", "IPComp needs a kernel-ipsec plugin");
  }

  releaseCpi(): void {}
  addSa(): void {}
  updateSa(): void {}
  querySa(): undefined {}
  deleteSa(): void {}
  addPolicy(): void {}
  deletePolicy(): void {}
}

/**
 * Addresses as the operating system lists them, where no plugin provides `CUSTOM:kernel-net`. Those that are added go through `ip`; routes are
 * beyond it.
 */
export class ListedAddresses implements KernelNet {
  readonly #own = new IpAddresses();
  /** @param isUsable whether an interface may be used, by its name */
  constructor(private readonly isUsable: (name: string) => boolean = () => true) {}

  sourceAddress(destination: Host, preferred?: Host): Host | undefined {
    const candidates = this.#list(true).filter(({ host }) => host.family === destination.family);
    const kept = preferred && candidates.find(({ host }) => host.sameAddress(preferred));
    if (kept) return kept.host;
    // The longest subnet that holds the destination, else any address that leads outside.
    const near = candidates
      .filter(({ host, prefix }) => isInSubnet(host, destination, prefix))
      .sort((a, b) => b.prefix - a.prefix)[0];
    if (near) return near.isInternal ? destination.withPort(0) : near.host;
    return candidates.find(({ isInternal }) => !isInternal)?.host;
  }

  interfaceOf(address: Host): string | undefined {
    return this.#list(true).find(({ host }) => host.sameAddress(address))?.name;
  }

  addresses(): readonly Host[] {
    return this.#list(false).map(({ host }) => host);
  }

  #list(withInternal: boolean): Listed[] {
    return list(withInternal).filter(({ name }) => this.isUsable(name));
  }

  /** One that is there already is taken as it is, and stays. @throws {SystemError} CYG_KERNEL_ADDRESS */
  addVirtualIp(address: Host, prefix: number, interfaceName: string): MaybePromise<void> {
    return this.interfaceOf(address) === undefined ? this.#own.add(address, prefix, interfaceName) : undefined;
  }

  deleteVirtualIp(address: Host, prefix: number): Promise<void> {
    return this.#own.delete(address, prefix);
  }

  addRoute(): never {
    throw unsupported();
  }

  deleteRoute(): never {
    throw unsupported();
  }
}

const unsupported = (): CygnetError => new CygnetError("CYG_KERNEL_UNSUPPORTED", "routes need a kernel-net plugin");

interface Listed {
  readonly host: HostValue;
  readonly prefix: number;
  readonly name: string;
  readonly isInternal: boolean;
}

function list(withInternal: boolean): Listed[] {
  const found: Listed[] = [];
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, cidr, internal } of addresses ?? []) {
      const host = HostValue.parse(address);
      const isLinkLocal = host?.family === 6 && host.address[0] === 0xfe && (host.address[1]! & 0xc0) === 0x80;
      if (!host || isLinkLocal || (internal && !withInternal)) continue;
      found.push({ host, prefix: Number(cidr?.split("/")[1] ?? (host.family === 4 ? 32 : 128)), name, isInternal: internal });
    }
  }
  return found;
}

function isInSubnet(a: Host, b: Host, prefix: number): boolean {
  const whole = prefix >> 3;
  for (let i = 0; i < whole; i++) if (a.address[i] !== b.address[i]) return false;
  const mask = (0xff00 >> (prefix & 7)) & 0xff;
  return mask === 0 || (a.address[whole]! & mask) === (b.address[whole]! & mask);
}
