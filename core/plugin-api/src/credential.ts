import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** A shared secret as plain data. No owners: it is anybody's. */
export interface SharedSecret {
  readonly type: "IKE" | "EAP" | "NTLM" | "PPK";
  /** Identities in strongSwan's notation, wildcards allowed. */
  readonly owners: readonly string[];
  readonly secret: Uint8Array;
}

/** Where credential sources put secrets. Lives on control; changes reach all shards before the call resolves. */
export interface CredentialStore {
  /** Replaces everything the named set held. @throws {DefinitionError} CYG_ID_SYNTAX for an owner that is no identity */
  replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void>;
  removeSet(set: string): Promise<void>;
  /** Owners and types without the secrets, for status output. */
  listSecrets(): readonly { readonly set: string; readonly type: SharedSecret["type"]; readonly owners: readonly string[] }[];
}

export const CredentialStore: ServiceToken<CredentialStore> = serviceToken("CredentialStore");
