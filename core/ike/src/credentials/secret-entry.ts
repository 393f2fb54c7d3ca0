import type { SharedSecret } from "@cygnet/plugin-api";
import type { Identification } from "../identity/index.js";

/** Something derived from a secret that is worth keeping, such as the PRF state of prf(PSK, "Key Pad for IKEv2"). */
export interface PreparedKey {
  /** Zeroes what it holds. Called once, when the secret goes. */
  wipe(): void;
}

/**
 * One secret of this shard.
 *
 * `secret` is the entry's own memory and is zeroed when the secret is removed or replaced: use it during the call, do not keep it.
 */
export class SecretEntry {
  readonly secret: Uint8Array;
  /** This entry as a list, the answer to a lookup that finds nothing else. */
  readonly alone: readonly SecretEntry[] = Object.freeze([this]);
  #prepared: Map<number, PreparedKey> | undefined;
  #wiped = false;

  /** @param secret is copied */
  constructor(
    readonly type: SharedSecret["type"],
    /** Whom it may be used with or by; empty for anybody. */
    readonly owners: readonly Identification[],
    secret: Uint8Array,
    /** Order of addition within the store. */
    readonly sequence: number,
  ) {
    this.secret = new Uint8Array(secret);
  }

  /** What was kept under a number, the PRF's for PSKs. */
  prepared(id: number): PreparedKey | undefined {
    return this.#prepared?.get(id);
  }

  /**
   * Keeps a prepared key until the secret goes; one that was kept under this number before is wiped.
   * @returns false when the secret is gone already, and the key remains the caller's to wipe
   */
  keep(id: number, prepared: PreparedKey): boolean {
    if (this.#wiped) return false;
    const before = this.#prepared?.get(id);
    if (before !== undefined && before !== prepared) before.wipe();
    (this.#prepared ??= new Map()).set(id, prepared);
    return true;
  }

  /** Zeroes the secret and all that was prepared from it. */
  wipe(): void {
    this.#wiped = true;
    this.secret.fill(0);
    for (const prepared of this.#prepared?.values() ?? []) prepared.wipe();
    this.#prepared = undefined;
  }
}
