import type { CertificateInfo } from "./credential.js";
import type { Identity } from "./ike-sa.js";
import type { MaybePromise } from "./job.js";
import type { SigningKey } from "./key-provider.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** A certificate of ours with the private key that goes with it. */
export interface OwnCertificate {
  readonly certificate: CertificateInfo;
  readonly key: SigningKey;
}

/** Makes certificates of ours when they are needed, beside those of `CredentialStore`. */
export interface CredentialSource {
  /** That of its plugin, for log lines and the profile. */
  readonly name: string;
  /**
   * A certificate for an identity that we are about to prove and that no loaded certificate with a private key vouches for. It is for this one
   * proof: the next time it is asked for again. The sources are asked in the order they were added, until one has an answer; a source that
   * fails, or has not answered within 10 s, has none.
   * @returns DER, whose private key is one of `CredentialStore`; one that was read lately is not read again. Undefined for none
   */
  certificateFor(id: Identity): MaybePromise<Uint8Array | undefined>;
}

/** What a shard proves our identities with. Lives on each shard. */
export interface ShardCredentials {
  /** The certificates with private keys that a set of `CredentialStore` has at the moment, in the order they were loaded. */
  ownCertificates(set: string): readonly OwnCertificate[];
  addSource(source: CredentialSource): Undo;
}

export const ShardCredentials: ServiceToken<ShardCredentials> = serviceToken("ShardCredentials");
