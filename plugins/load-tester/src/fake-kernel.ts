import { SystemError } from "@cygnet/plugin-api";
import type { KernelIpsec, KernelSaUse } from "@cygnet/plugin-api";
import { uptime } from "node:os";

/** strongSwan's fake kernel says that nothing was ever used, which its status prints as used last when the machine was started. */
const NEVER_USED: KernelSaUse = { bytes: 0, packets: 0, lastUseMs: Date.now() - Math.floor(uptime() * 1000) };

/**
 * An IPsec stack that takes everything and does nothing, so that a load test measures IKE alone.
 *
 * Its SPIs count from 1 in the byte order of x86: they print as 01000000, 02000000, ... Lifetimes are up to the core, and there is no traffic.
 */
export class FakeKernel implements KernelIpsec {
  readonly requiresUdpEncap = false;
  readonly raisesExpires = false;
  #lastSpi = 0;

  getSpi(): number {
    // 0 is no SPI, so it is left out when the counter wraps.
    this.#lastSpi = (this.#lastSpi + 1) >>> 0 || 1;
    return swapOctets(this.#lastSpi);
  }

  /** @throws {SystemError} CYG_LOAD_TESTER_IPCOMP always */
  getCpi(): never {
    throw new SystemError("CYG_LOAD_TESTER_IPCOMP", "getcpi", "ENOTSUP", "the load-tester's kernel has no IPComp");
  }

  addSa(): void {}
  updateSa(): void {}
  querySa(): KernelSaUse {
    return NEVER_USED;
  }
  deleteSa(): void {}
  addPolicy(): void {}
  deletePolicy(): void {}
}

function swapOctets(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
