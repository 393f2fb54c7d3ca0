import { randomBytes } from "@cygnet/native";
import { SystemError } from "@cygnet/plugin-api";
import type { Rng, RngQuality } from "@cygnet/plugin-api";

/**
 * The generator of the node process: seeded by the kernel, drawn by the page, 50 ns for a nonce where a read of /dev/urandom takes 1,000.
 * The kernel's two devices have been the same generator since Linux 5.6.
 */
export class PooledRng implements Rng {
  constructor(readonly quality: RngQuality) {}

  bytes(out: Uint8Array): void {
    try {
      randomBytes(out);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      throw new SystemError("CYG_RANDOM_SOURCE", "RAND_bytes", "EIO", "the random number generator has no entropy", {
        cause: error,
      });
    }
  }
}
