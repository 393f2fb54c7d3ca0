import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** How the status of certificates is found out. */
export interface RevocationPolicy {
  /** Revocation lists are used, and fetched where they are missing or old. */
  readonly useCrl: boolean;
  /** Responders are asked, before lists are. */
  readonly useOcsp: boolean;
  /** How long something is waited for that is fetched. */
  readonly timeoutMs: number;
}

/** Whether and how the core of a shard checks if certificates of peers were revoked; without a policy it does not. */
export interface RevocationChecks {
  /** Sets the policy, undefined for no checks any more. */
  use(policy: RevocationPolicy | undefined): void;
}

export const RevocationChecks: ServiceToken<RevocationChecks> = serviceToken("RevocationChecks");

/** Keeps revocation lists that are fetched in files, so that they are there after a restart. Lives on control. */
export interface RevocationListFiles {
  /** Writes each list that is fetched from now on to this directory, named by the key of its authority; a delta CRL beside the complete list. */
  keepIn(directory: string): Undo;
}

export const RevocationListFiles: ServiceToken<RevocationListFiles> = serviceToken("RevocationListFiles");
