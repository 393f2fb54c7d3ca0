import { SystemError } from "@cygnet/plugin-api";
import type { KernelIpsec, KernelSaUse } from "@cygnet/plugin-api";
import { uptime } from "node:os";
import { ONLY_SHARD } from "./shard-share.js";
import type { ShardPlace } from "./shard-share.js";

const MAX_SPI = 0xffff_ffff;

/** strongSwan's fake kernel says that nothing was ever used, which its status prints as used last when the machine was started. */
const NEVER_USED: KernelSaUse = { bytes: 0, packets: 0, lastUseMs: Date.now() - Math.floor(uptime() * 1000) };

/**
 * An IPsec stack that takes everything and does nothing, so that a load test measures IKE alone.
 *
 * Its SPIs count from 1 in the byte order of x86: they print as 01000000, 02000000, ... Each of several shards has others, in steps of their
 * number. Lifetimes are up to the core, and there is no traffic.
 */
export class FakeKernel implements KernelIpsec {
  readonly requiresUdpEncap = false;
  readonly raisesExpires = false;
  #lastSpi: number;

  constructor(private readonly place: ShardPlace = ONLY_SHARD) {
    this.#lastSpi = place.shard + 1 - place.shards;
  }

  getSpi(): number {
    const { shard, shards } = this.place;
    this.#lastSpi += shards;
    // Again from the beginning; 0 is no SPI.
    if (this.#lastSpi > MAX_SPI) this.#lastSpi = shard + 1;
    return swapOctets(this.#lastSpi);
  }

  /** @throws {SystemError} CYG_LOAD_TESTER_IPCOMP always */
  getCpi(): never {
    throw new SystemError("CYG_LOAD_TESTER_IPCOMP", "getcpi", "ENOTSUP", "the load-tester's kernel has no IPComp");
  }

  releaseCpi(): void {}
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
