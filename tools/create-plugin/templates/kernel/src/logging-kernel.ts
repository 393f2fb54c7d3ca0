import { randomInt } from "node:crypto";
import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type {
  Host,
  IpsecProtocol,
  KernelIpsec,
  KernelPolicy,
  KernelSa,
  KernelSaId,
  KernelSaUse,
  Logger,
} from "@cygnet/plugin-api";

/** SPIs up to 255 are reserved (RFC 4303 section 2.1). */
const FIRST_SPI = 0x100;
const END_SPI = 2 ** 32;

/** All methods answer at once here. A stack that takes its time returns promises: only the IKE_SA concerned waits. */
export class LoggingKernel implements KernelIpsec {
  readonly requiresUdpEncap = false;
  /** Nobody here watches lifetimes, so the daemon does. */
  readonly raisesExpires = false;
  readonly #allocated = new Set<string>();
  readonly #sas = new Map<string, KernelSa>();

  constructor(private readonly log: Logger) {}

  getSpi(source: Host, destination: Host, protocol: IpsecProtocol): number {
    for (;;) {
      const spi = randomInt(FIRST_SPI, END_SPI);
      const name = nameOf({ source, destination, protocol, spi });
      if (this.#allocated.has(name) || this.#sas.has(name)) continue;
      this.#allocated.add(name);
      return spi;
    }
  }

  /** @throws {SystemError} always: there is no IPComp here */
  getCpi(): never {
    throw new SystemError("ACME_IPCOMP", "getcpi", "ENOTSUP", "this stack has no IPComp");
  }

  releaseCpi(): void {}

  addSa(id: KernelSaId, sa: KernelSa): void {
    const name = nameOf(id);
    this.#allocated.delete(name);
    this.#sas.set(name, sa);
    this.#say(`${sa.inbound ? "inbound" : "outbound"} SA ${name}: ${sa.mode}, encryption ${sa.encryption}`);
  }

  updateSa(id: KernelSaId, source: Host, destination: Host): void {
    const sa = this.#sas.get(nameOf(id));
    if (!sa) return;
    this.#sas.delete(nameOf(id));
    this.#sas.set(nameOf({ ...id, source, destination }), sa);
  }

  querySa(id: KernelSaId): KernelSaUse | undefined {
    return this.#sas.has(nameOf(id)) ? { bytes: 0, packets: 0, lastUseMs: 0 } : undefined;
  }

  deleteSa(id: KernelSaId): void {
    const name = nameOf(id);
    this.#allocated.delete(name);
    if (this.#sas.delete(name)) this.#say(`SA ${name} is gone`);
  }

  addPolicy(policy: KernelPolicy): void {
    this.#say(`policy ${policy.direction}, reqid ${policy.reqid}`);
  }

  deletePolicy(policy: KernelPolicy): void {
    this.#say(`policy ${policy.direction}, reqid ${policy.reqid} is gone`);
  }

  #say(message: string): void {
    this.log.log(LogGroup.KNL, 1, message);
  }
}

function nameOf({ protocol, spi, destination }: KernelSaId): string {
  return `${protocol === 3 ? "ESP" : "AH"} ${spi.toString(16).padStart(8, "0")} to ${destination.toString()}`;
}
