import type { PeerDefinition } from "./config.js";
import type { SharedSecret } from "./credential.js";
import type { MaybePromise } from "./job.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** A peer that has sent its first message. Addresses are without ports. Plain data. */
export interface IkeConfigQuery {
  /** Of IKE. */
  readonly version: 1 | 2;
  readonly local: string;
  readonly remote: string;
}

/** A peer that has said who it is. Identities are as the log prints them. Plain data. */
export interface PeerConfigQuery extends IkeConfigQuery {
  /** Whom the peer expects us to be, undefined where it did not say. */
  readonly localId: string | undefined;
  readonly remoteId: string;
}

/** Two identities that are to have a secret in common, ours and the peer's, as the log prints them. Plain data. */
export interface SecretQuery {
  readonly type: SharedSecret["type"];
  readonly localId: string;
  readonly remoteId: string;
}

/** What of a connection counts before the peer has said who it is. A `PeerDefinition` is one, too. */
export type IkeDefinition = Pick<
  PeerDefinition,
  | "name"
  | "version"
  | "localAddresses"
  | "remoteAddresses"
  | "localPort"
  | "remotePort"
  | "proposals"
  | "aggressive"
  | "forceEncap"
  | "fragmentation"
  | "childless"
  | "sendCertRequest"
  | "dscp"
>;

/**
 * Has connections that are not loaded, and is asked for them while a peer waits: where no connection of `ConnectionStore` fits. Lives on control.
 *
 * All backends are asked at a time, and may take up to `charon.plugin_timeout`; only the IKE_SA concerned waits. Of all that they answer what
 * fits best is taken, as of loaded connections: an answer may have more in it than the peer's own. Host names among the addresses are not
 * looked up. What an IKE_SA was set up with remains its own; nothing is kept for the next one.
 *
 * A backend that throws, or takes too long, has nothing; a definition that cannot be used is passed over. The log names both.
 */
export interface ConfigBackend {
  /** Shown when it fails or takes its time, and in the profile: the plugin's name. */
  readonly name: string;
  /**
   * Asked at a first message from and to addresses that no loaded connection has: the proposals of all that fit are what may be agreed on.
   * Anybody can send a first message. Without this method, peers from all addresses are let in as far as to say who they are, with the
   * default proposals.
   */
  ikeConfigs?(query: IkeConfigQuery): MaybePromise<readonly IkeDefinition[]>;
  /** Asked at a first IKE_AUTH with identities that no loaded connection has. The peer has not proved yet that it is who it says. */
  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly PeerDefinition[]>;
}

/**
 * Has secrets that are not loaded, and is asked for them while a peer waits: where no secret of `CredentialStore` names the peer among its
 * owners. Lives on control; time and faults are as with `ConfigBackend`. Secrets without owners are for the two identities in question.
 */
export interface CredentialSet {
  /** Shown when it fails or takes its time, and in the profile: the plugin's name. */
  readonly name: string;
  sharedSecrets(query: SecretQuery): MaybePromise<readonly SharedSecret[]>;
}

/** What is asked while a peer waits. Lives on control. */
export interface BackendManager {
  /** Each returns the undo. */
  addBackend(backend: ConfigBackend): Undo;
  addCredentialSet(set: CredentialSet): Undo;
}

export const BackendManager: ServiceToken<BackendManager> = serviceToken("BackendManager");
