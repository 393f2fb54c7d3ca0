import { Host, LogGroup } from "@cygnet/plugin-api";
import type { KernelManager, KernelPolicy, LocalSubnet, Logger, TrafficRange } from "@cygnet/plugin-api";

/** What the policies depend on. */
export interface BypassOptions {
  readonly kernels: Pick<KernelManager, "ipsec" | "net">;
  readonly log: Logger;
  /** Whether the networks of an interface stay out of tunnels. */
  readonly isWanted: (interfaceName: string) => boolean;
}

const NO_MARK = { value: 0, mask: 0 };

/** Policies that let traffic within each local network pass. They follow the networks. */
export class BypassPolicies {
  readonly #options: BypassOptions;
  /** By network, as the log names it. */
  readonly #installed = new Map<string, readonly KernelPolicy[]>();
  /** One after the other: changes may come while the kernel is at it. */
  #working: Promise<void> = Promise.resolve();

  constructor(options: BypassOptions) {
    this.#options = options;
  }

  /** Looks which networks there are now. Never rejects: what the kernel refuses is logged, and tried again with the next change. */
  update(): Promise<void> {
    return this.#inTurn(async () => {
      const { kernels, isWanted } = this.#options;
      const subnets = (await kernels.net?.localSubnets?.()) ?? [];
      const wanted = new Map(
        subnets.filter((subnet) => isWanted(subnet.interfaceName)).map((subnet) => [nameOf(subnet), subnet]),
      );
      for (const name of [...this.#installed.keys()]) if (!wanted.has(name)) await this.#remove(name);
      for (const [name, subnet] of wanted) if (!this.#installed.has(name)) await this.#install(name, subnet);
    });
  }

  /** Removes all. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const name of [...this.#installed.keys()]) await this.#remove(name);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(work).catch((error: unknown) => this.#say(`bypass policies: ${(error as Error).message}`));
    return this.#working;
  }

  async #install(name: string, subnet: LocalSubnet): Promise<void> {
    const { ipsec } = this.#options.kernels;
    if (!ipsec) return;
    const done: KernelPolicy[] = [];
    try {
      for (const policy of policiesOf(subnet)) {
        await ipsec.addPolicy(policy);
        done.push(policy);
      }
    } catch (error) {
      this.#say(`installing bypass policy for ${name} failed: ${(error as Error).message}`);
      for (const policy of done) await ipsec.deletePolicy(policy);
      return;
    }
    this.#installed.set(name, done);
    this.#say(`installed bypass policy for ${name}`);
  }

  async #remove(name: string): Promise<void> {
    const policies = this.#installed.get(name)!;
    this.#installed.delete(name);
    for (const policy of policies) await this.#options.kernels.ipsec?.deletePolicy(policy);
    this.#say(`uninstalled bypass policy for ${name}`);
  }

  #say(line: string): void {
    this.#options.log.log(LogGroup.KNL, 1, line);
  }
}

const nameOf = ({ address, prefix }: LocalSubnet): string => `${address}/${prefix}`;

function policiesOf({ address, prefix }: LocalSubnet): KernelPolicy[] {
  const network = rangeOf(address, prefix);
  const any = Host.any(address.family);
  return (["out", "in", "fwd"] as const).map((direction) => ({
    direction,
    source: network,
    destination: network,
    type: "pass",
    priority: "pass",
    reqid: 0,
    mode: "pass",
    protocol: 3,
    tunnelSource: any,
    tunnelDestination: any,
    spi: 0,
    mark: NO_MARK,
  }));
}

function rangeOf({ family, address }: Host, prefix: number): TrafficRange {
  const [startAddress, endAddress] = [address.slice(), address.slice()];
  for (let i = 0; i < address.length; i++) {
    const host = 0xff >> Math.max(0, Math.min(8, prefix - i * 8));
    startAddress[i]! &= ~host;
    endAddress[i]! |= host;
  }
  return { family, protocol: 0, startPort: 0, endPort: 0xffff, startAddress, endAddress };
}
