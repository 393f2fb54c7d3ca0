import { randomBytes } from "@cygnet/native";
import { SystemError } from "@cygnet/plugin-api";
import type { Rng, RngQuality } from "@cygnet/plugin-api";

/** OpenSSL's generator, which reseeds itself from the kernel. */
export class OpensslRng implements Rng {
  constructor(readonly quality: RngQuality) {}

  bytes(out: Uint8Array): void {
    try {
      randomBytes(out);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      throw new SystemError("CYG_RANDOM_SOURCE", "RAND_bytes", "EIO", "OpenSSL has no random octets", { cause: error });
    }
  }
}
