import type { AuthRound } from "@cygnet/plugin-api";
import type { AuthConstraints } from "../credentials/auth-constraints.js";
import type { Identification } from "../identity/index.js";

/** One authentication round of one side, compiled. */
export interface AuthConfig extends Omit<AuthRound, "id" | "eapIdentity" | "aaaIdentity" | "caNames" | "groups"> {
  /** Undefined for any (remote) or the local address (local). May have wildcards on the remote side. */
  readonly id: Identification | undefined;
  /** `%any` (from `%identity` too) where the peer is to be asked. */
  readonly eapIdentity: Identification | undefined;
  readonly aaaIdentity: Identification | undefined;
  readonly caNames: readonly Identification[];
  readonly groups: readonly Identification[];
  /** `constraints`, compiled. */
  readonly signatures: AuthConstraints;
}
