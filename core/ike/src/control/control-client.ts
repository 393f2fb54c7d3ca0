import type {
  Attribute,
  AttributeContext,
  Host,
  IkeConfigQuery,
  IkeDefinition,
  MaybePromise,
  PeerConfigQuery,
  PeerDefinition,
  SecretQuery,
  SharedSecret,
} from "@cygnet/plugin-api";
import type { Offered } from "../config/index.js";
import type { FetchAttempt, StatusQuestion } from "../credentials/index.js";

/**
 * What a shard asks of the control thread, over its link. Answers are values where control lives on the same thread, promises otherwise.
 */
export interface ControlClient {
  /** Numbers IKE_SAs and CHILD_SAs, unique in the daemon. */
  nextIkeSaId(): number;
  nextChildSaId(): number;
  /** An address of the connection's pools for the peer, or undefined when there is none. */
  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined>;
  releaseAddress(context: AttributeContext, address: Host): void;
  /** Attributes to serve the peer. */
  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]>;
  /**
   * Has other shards end the IKE_SAs of a pair of identities that were there before the one with this number.
   * @returns when they have begun to; with INITIAL_CONTACT, when they are gone with their addresses. Never rejects
   */
  endDuplicates(pair: string, order: number, isInitialContact: boolean): MaybePromise<void>;
  /** Whether another shard has such an IKE_SA. */
  hasDuplicate(pair: string, order: number): MaybePromise<boolean>;
  /** Attribute types that handlers want to be asked for. */
  readonly requestedAttributes: readonly number[];
  /** Hands a received attribute to the handlers. @returns whether one took it */
  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean>;
  releaseAttribute(context: AttributeContext, attribute: Attribute): void;
  /** Has a trap installed for a child of a connection, by their names, which is without an SA now. */
  installTrap(connection: string, child: string): void;
  /** What backends have for the sender of a first message. @returns nothing where control cannot be asked, as the next two; never rejects */
  ikeConfigs(query: IkeConfigQuery): MaybePromise<readonly Offered<IkeDefinition>[]>;
  /** What backends have for a peer that has said who it is. */
  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly Offered<PeerDefinition>[]>;
  /** What credential sets have for two identities. */
  sharedSecrets(query: SecretQuery): MaybePromise<readonly Offered<SharedSecret>[]>;
  /** Looks a host name up, now. @returns its addresses, none when it has none; never rejects */
  resolveHost(name: string): MaybePromise<readonly Host[]>;
  /** Fetches what tells the status of a certificate. @returns what was tried; never rejects */
  fetchStatus(question: StatusQuestion): Promise<readonly FetchAttempt[]>;
  /** Fetches a certificate of a hash-and-URL payload. @returns its DER, undefined where it cannot be fetched; never rejects */
  fetchCertificate(uri: string, timeoutMs: number): Promise<Uint8Array | undefined>;
}
