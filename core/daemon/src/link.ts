import type {
  Attribute,
  AttributeContext,
  IkeConfigQuery,
  IkeDefinition,
  IkeSaStatus,
  InstalledPolicy,
  LogGroup,
  MaybePromise,
  MessageCounts,
  OperationResult,
  PeerConfigQuery,
  PeerDefinition,
  ProcessorStatus,
  RedirectGateway,
  SaSelector,
  SecretQuery,
  ShardProfile,
  SharedSecret,
} from "@cygnet/plugin-api";
import type {
  AddressRange,
  AttributeChange,
  BackendKinds,
  ConfigChange,
  IkeOptions,
  Initiation,
  LeaseNotice,
  CredentialChange,
  FetchAttempt,
  Offered,
  StatusQuestion,
} from "@cygnet/ike";

/**
 * The two halves of a link between control and a shard. Everything that crosses is plain data that survives structured cloning, and every
 * answer may be a promise, so that a link over a thread boundary is one too. Where both live on one thread each half is called directly.
 */

/** An operation that control wants to follow: log lines up to `level` come back as `operationLog` with its number. */
export interface FollowedOperation {
  readonly operation: number;
  readonly level: number;
}

/** What control asks of a shard. */
export interface ShardPort {
  applyConfig(change: ConfigChange): MaybePromise<void>;
  applySecret(change: CredentialChange): MaybePromise<void>;
  applyOptions(options: IkeOptions): MaybePromise<void>;
  /** Pools and attributes, where there are several shards: `ShardLeases`. */
  applyAttributes(change: AttributeChange): MaybePromise<void>;
  recallAddresses(pool: number): MaybePromise<readonly AddressRange[]>;
  /** Attribute types that handlers want; replaces what was said before. */
  setRequestedAttributes(types: readonly number[]): MaybePromise<void>;
  /** What backends of plugins can be asked for: `BackendLookup`. */
  setBackends(kinds: BackendKinds): MaybePromise<void>;
  initiate(initiation: Initiation, follow: FollowedOperation | undefined): MaybePromise<OperationResult>;
  /** Installs the trap of a child, or the shunt that it is. @returns whether it could be done */
  install(initiation: Initiation): MaybePromise<boolean>;
  /** @returns what was there under the child's name */
  uninstall(childName: string): MaybePromise<"trap" | "shunt" | undefined>;
  installedPolicies(): MaybePromise<readonly InstalledPolicy[]>;
  terminateIke(uniqueId: number, follow: FollowedOperation | undefined, force?: boolean): MaybePromise<OperationResult>;
  terminateChild(uniqueId: number, follow: FollowedOperation | undefined): MaybePromise<OperationResult>;
  rekeyIke(uniqueId: number, reauth?: boolean): MaybePromise<boolean>;
  rekeyChild(uniqueId: number): MaybePromise<boolean>;
  redirectIke(uniqueId: number, gateway: RedirectGateway): MaybePromise<boolean>;
  endDuplicates(pair: string, order: number, isInitialContact: boolean): MaybePromise<void>;
  hasDuplicate(pair: string, order: number): MaybePromise<boolean>;
  /** Begins a listing of a number that is control's to choose; `nextListed` gives it piece by piece, some of them empty, and undefined at its end. */
  openList(list: number, selector: SaSelector, withUse: boolean): MaybePromise<void>;
  nextListed(list: number): MaybePromise<readonly IkeSaStatus[] | undefined>;
  /** As `nextListed`, as the text that a plugin makes on the shard. */
  nextText(list: number, topic: string, how: unknown): MaybePromise<string | undefined>;
  closeList(list: number): MaybePromise<void>;
  count(): MaybePromise<{ readonly up: number; readonly connecting: number }>;
  messageCounts(): MaybePromise<MessageCounts>;
  processorStatus(): MaybePromise<ProcessorStatus>;
  /** What it measured since its start. */
  profile(): MaybePromise<ShardProfile>;
  /** A question of a plugin's feature on control to one on the shard: `ShardLinks`. */
  ask(topic: string, request: unknown): MaybePromise<unknown>;
}

/** What a shard asks of control. Addresses are octets, `shard` is the number of the one that asks. */
export interface ControlPort {
  acquireAddress(shard: number, context: AttributeContext, requested: Uint8Array): MaybePromise<Uint8Array | undefined>;
  releaseAddress(context: AttributeContext, address: Uint8Array): MaybePromise<void>;
  /** What the shard did with addresses that it leases by itself. */
  noticeLeases(shard: number, notices: readonly LeaseNotice[]): MaybePromise<void>;
  attributes(context: AttributeContext, virtualIps: readonly Uint8Array[]): MaybePromise<readonly Attribute[]>;
  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean>;
  releaseAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<void>;
  /** As `ControlClient`. */
  installTrap(connection: string, child: string): MaybePromise<void>;
  /** As `ControlClient`, this and the next two. */
  ikeConfigs(query: IkeConfigQuery): MaybePromise<readonly Offered<IkeDefinition>[]>;
  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly Offered<PeerDefinition>[]>;
  sharedSecrets(query: SecretQuery): MaybePromise<readonly Offered<SharedSecret>[]>;
  /** Looks a host name up, now. */
  resolveHost(name: string): MaybePromise<readonly Uint8Array[]>;
  /** As `ControlClient`, this and the next. */
  fetchStatus(question: StatusQuestion): MaybePromise<readonly FetchAttempt[]>;
  fetchCertificate(uri: string, timeoutMs: number): MaybePromise<Uint8Array | undefined>;
  /** As `ControlClient`, this and the next. */
  endDuplicates(shard: number, pair: string, order: number, isInitialContact: boolean): MaybePromise<void>;
  hasDuplicate(shard: number, pair: string, order: number): MaybePromise<boolean>;
  operationStarted(operation: number, ikeSaId: number): MaybePromise<void>;
  operationLog(operation: number, group: LogGroup, level: number, message: string): MaybePromise<void>;
  /** From a plugin's feature on the shard to one on control, this and the next: `ControlLink`. */
  tell(shard: number, topic: string, message: unknown): MaybePromise<void>;
  askControl(shard: number, topic: string, request: unknown): MaybePromise<unknown>;
}

/** What is told, in either direction: over threads it crosses without an answer. */
export const TOLD: ReadonlySet<string> = new Set<keyof ShardPort | keyof ControlPort | "logged" | "logTrouble">([
  "applyAttributes",
  "closeList",
  "installTrap",
  "noticeLeases",
  "openList",
  "operationStarted",
  "operationLog",
  "setBackends",
  "tell",
  "logged",
  "logTrouble",
]);
