import type { Xof } from "@cygnet/plugin-api";
import { createHash } from "node:crypto";

/** SHAKE, FIPS 202. Nothing that a message waits for needs it, so it may come from `node:crypto`. */
export class ShakeXof implements Xof {
  constructor(private readonly algorithm: "shake128" | "shake256") {}

  expand(seed: Uint8Array, out: Uint8Array): void {
    // OpenSSL takes no output of nothing.
    if (out.length > 0) out.set(createHash(this.algorithm, { outputLength: out.length }).update(seed).digest());
  }
}
