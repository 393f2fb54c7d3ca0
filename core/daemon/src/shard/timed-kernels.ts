import type {
  Host,
  KernelIpsec,
  KernelNet,
  KernelPolicy,
  KernelRoute,
  KernelSa,
  KernelSaId,
  WaitMeter,
} from "@cygnet/plugin-api";
import type { KernelInterfaces } from "../services/kernel-manager.js";

const KERNEL = "kernel";

/** The kernels in use as the shard sees them: how long answers take that do not come at once is measured. */
export class TimedKernels {
  #ipsec: TimedIpsec | undefined;
  #net: TimedNet | undefined;

  constructor(
    private readonly kernels: Pick<KernelInterfaces, "ipsec" | "net">,
    private readonly waits: WaitMeter,
  ) {}

  get ipsec(): KernelIpsec | undefined {
    const { ipsec } = this.kernels;
    if (this.#ipsec?.kernel !== ipsec) this.#ipsec = ipsec && new TimedIpsec(ipsec, this.waits);
    return this.#ipsec;
  }

  get net(): KernelNet | undefined {
    const { net } = this.kernels;
    if (this.#net?.kernel !== net) this.#net = net && new TimedNet(net, this.waits);
    return this.#net;
  }
}

/** Written out, as this runs several times for each CHILD_SA. */
class TimedIpsec implements KernelIpsec {
  constructor(
    readonly kernel: KernelIpsec,
    private readonly waits: WaitMeter,
  ) {}

  get requiresUdpEncap(): boolean {
    return this.kernel.requiresUdpEncap;
  }

  get carriesTraffic(): boolean {
    return this.kernel.carriesTraffic === true;
  }

  get raisesExpires(): boolean {
    return this.kernel.raisesExpires;
  }

  getSpi(source: Host, destination: Host, protocol: KernelSaId["protocol"]) {
    return this.waits.measure(KERNEL, "get SPI", this.kernel.getSpi(source, destination, protocol));
  }

  getCpi(source: Host, destination: Host) {
    return this.waits.measure(KERNEL, "get CPI", this.kernel.getCpi(source, destination));
  }

  releaseCpi(source: Host, destination: Host, cpi: number) {
    return this.waits.measure(KERNEL, "release CPI", this.kernel.releaseCpi(source, destination, cpi));
  }

  addSa(id: KernelSaId, sa: KernelSa) {
    return this.waits.measure(KERNEL, "add SA", this.kernel.addSa(id, sa));
  }

  updateSa(id: KernelSaId, source: Host, destination: Host, udpEncap: boolean) {
    return this.waits.measure(KERNEL, "update SA", this.kernel.updateSa(id, source, destination, udpEncap));
  }

  querySa(id: KernelSaId) {
    return this.waits.measure(KERNEL, "query SA", this.kernel.querySa(id));
  }

  deleteSa(id: KernelSaId) {
    return this.waits.measure(KERNEL, "delete SA", this.kernel.deleteSa(id));
  }

  addPolicy(policy: KernelPolicy) {
    return this.waits.measure(KERNEL, "add policy", this.kernel.addPolicy(policy));
  }

  deletePolicy(policy: KernelPolicy) {
    return this.waits.measure(KERNEL, "delete policy", this.kernel.deletePolicy(policy));
  }
}

class TimedNet implements KernelNet {
  constructor(
    readonly kernel: KernelNet,
    private readonly waits: WaitMeter,
  ) {}

  sourceAddress(destination: Host, preferred?: Host) {
    return this.waits.measure(KERNEL, "source address", this.kernel.sourceAddress(destination, preferred));
  }

  interfaceOf(address: Host) {
    return this.waits.measure(KERNEL, "interface", this.kernel.interfaceOf(address));
  }

  addresses() {
    return this.waits.measure(KERNEL, "addresses", this.kernel.addresses());
  }

  localSubnets() {
    return this.waits.measure(KERNEL, "local subnets", this.kernel.localSubnets?.() ?? []);
  }

  addVirtualIp(address: Host, prefix: number, interfaceName: string) {
    return this.waits.measure(KERNEL, "add virtual IP", this.kernel.addVirtualIp(address, prefix, interfaceName));
  }

  deleteVirtualIp(address: Host, prefix: number) {
    return this.waits.measure(KERNEL, "delete virtual IP", this.kernel.deleteVirtualIp(address, prefix));
  }

  addRoute(route: KernelRoute) {
    return this.waits.measure(KERNEL, "add route", this.kernel.addRoute(route));
  }

  deleteRoute(route: KernelRoute) {
    return this.waits.measure(KERNEL, "delete route", this.kernel.deleteRoute(route));
  }
}
