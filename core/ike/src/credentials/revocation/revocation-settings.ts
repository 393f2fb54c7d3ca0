import type { RevocationChecks, RevocationPolicy } from "@cygnet/plugin-api";

/** How certificates are checked, as a plugin set it. */
export class RevocationSettings implements RevocationChecks {
  #policy: RevocationPolicy | undefined;

  /** Undefined where nothing is checked. */
  get policy(): RevocationPolicy | undefined {
    return this.#policy;
  }

  use(policy: RevocationPolicy | undefined): void {
    this.#policy = policy;
  }
}
