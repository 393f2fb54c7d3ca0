import type { ChildDefinition, PeerDefinition } from "./config.js";
import type { ChildSaState, IkeSaState, IkeSaView } from "./ike-sa.js";
import type { IpsecMode, IpsecProtocol, KernelMark } from "./kernel.js";
import type { MaybePromise, ProcessorStatus } from "./job.js";
import type { LogGroup } from "./log.js";
import type { MessageCounts } from "./message-counts.js";
import type { PluginReport } from "./plugin-report.js";
import type { DaemonProfile } from "./profile.js";
import type { Undo } from "./plugin.js";
import type { LinkTopic } from "./shard-link.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** Follows one operation: log lines of the IKE_SA at hand up to `level`, as `stroke up` prints them. */
export interface OperationObserver {
  readonly level: number;
  log(group: LogGroup, level: number, message: string): void;
  /** The operation's IKE_SA exists now. */
  started?(ikeSaId: number): void;
}

/** How an operation ended. `timeout`: it goes on, but the caller's patience is over. */
export type OperationResult = "done" | "failed" | "timeout";

/** What was agreed on for an SA, by strongSwan's names of the algorithms. Plain data; SAs with the same algorithms share one object. */
export interface SelectedAlgorithms {
  /** Empty where there is none, these and the next. */
  readonly encryption: string;
  /** Bits, 0 where the algorithm has one size only. */
  readonly encryptionKeyBits: number;
  readonly integrity: string;
  readonly integrityKeyBits: number;
  readonly prf: string;
  readonly keyExchange: string;
  /** RFC 9370, in order. */
  readonly additionalKeyExchanges: readonly string[];
  readonly esn: boolean;
}

/** An IKE_SA at one moment, as status commands print it. Plain data. */
export interface IkeSaStatus {
  readonly uniqueId: number;
  readonly name: string;
  readonly version: 1 | 2;
  readonly state: IkeSaState;
  readonly isInitiator: boolean;
  readonly initiatorSpi: string;
  readonly responderSpi: string;
  readonly local: string;
  readonly localPort: number;
  readonly localId: string;
  readonly remote: string;
  readonly remotePort: number;
  readonly remoteId: string;
  /** EAP or XAuth identity of the peer where there is one. */
  readonly remoteEapId: string | undefined;
  /** Seconds since it was established; undefined before. */
  readonly establishedSeconds: number | undefined;
  /** Seconds until then; undefined for never. */
  readonly rekeySeconds: number | undefined;
  readonly reauthSeconds: number | undefined;
  /** `pre-shared key`, `public key+EAP`: what reauthentication will use. */
  readonly reauthMethods: string;
  /** `AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768`, empty before it was selected. */
  readonly proposal: string;
  /** Undefined before they were selected. */
  readonly algorithms: SelectedAlgorithms | undefined;
  /** Our address is translated on the way, the peer's is, and it is pretended to enforce UDP encapsulation. */
  readonly natLocal: boolean;
  readonly natRemote: boolean;
  readonly natFake: boolean;
  readonly localVirtualIps: readonly string[];
  readonly remoteVirtualIps: readonly string[];
  /** Task names as strongSwan prints them, for example `IKE_INIT`. */
  readonly tasksQueued: readonly string[];
  readonly tasksActive: readonly string[];
  readonly tasksPassive: readonly string[];
  readonly children: readonly ChildSaStatus[];
}

/** A CHILD_SA at one moment. Plain data. */
export interface ChildSaStatus {
  readonly uniqueId: number;
  readonly name: string;
  readonly state: ChildSaState;
  readonly mode: IpsecMode;
  /** Transport mode proxy (MIPv6). */
  readonly proxyMode: boolean;
  /** Security label (RFC 9478), undefined for none. */
  readonly label: string | undefined;
  readonly reqid: number;
  readonly protocol: IpsecProtocol;
  readonly udpEncap: boolean;
  readonly spiIn: number;
  readonly spiOut: number;
  readonly cpiIn: number;
  readonly cpiOut: number;
  /** A mask of 0 is no mark. */
  readonly markIn: KernelMark;
  readonly markOut: KernelMark;
  /** XFRM interfaces, 0 for none. */
  readonly ifIdIn: number;
  readonly ifIdOut: number;
  /** `AES_CBC_128/HMAC_SHA1_96`, empty before it was installed. */
  readonly proposal: string;
  readonly algorithms: SelectedAlgorithms | undefined;
  /** Undefined when the kernel keeps no such figures. `idleSeconds` undefined for never used. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly idleInSeconds: number | undefined;
  readonly idleOutSeconds: number | undefined;
  readonly rekeySeconds: number | undefined;
  readonly expireSeconds: number | undefined;
  readonly installedSeconds: number | undefined;
  readonly localTs: string;
  readonly remoteTs: string;
}

/** The policies of a child without SAs: a trap (mode of its CHILD_SA), or a PASS or DROP shunt. Plain data. */
export interface InstalledPolicy {
  readonly name: string;
  /** The connection that the child is of. */
  readonly ikeName: string;
  /** Of the CHILD_SA that stands for a trap; 0 for shunts. */
  readonly uniqueId: number;
  readonly state: ChildSaState.ROUTED;
  readonly mode: IpsecMode;
  /** 0 for shunts. */
  readonly reqid: number;
  /** Security label (RFC 9478) of the child, undefined for none. */
  readonly label: string | undefined;
  readonly localTs: string;
  readonly remoteTs: string;
}

/** Which SAs an operation is for. All given fields must hold. */
export interface SaSelector {
  readonly ikeName?: string;
  readonly ikeId?: number;
  readonly childName?: string;
  readonly childId?: number;
  /** Peer's virtual IP or, for terminate-srcip, range of them. */
  readonly virtualIpFrom?: string;
  readonly virtualIpTo?: string;
}

/** Where the client of a gateway is to go, RFC 5685. Plain data. */
export interface RedirectGateway {
  readonly type: "ipv4" | "ipv6" | "fqdn";
  /** For the log. */
  readonly name: string;
  /** 4 or 16 octets, or up to 255 of a name. */
  readonly data: Uint8Array;
}

/** Message counters by name, as `listcounters` prints them. */
export type CounterValues = Readonly<Record<string, number>>;

/** The whole daemon at one moment. */
export interface DaemonStatus {
  /** `cygnet 0.1.0`'s compatible version string that status lines carry. */
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly startedMs: number;
  readonly processor: ProcessorStatus;
  readonly plugins: readonly string[];
  readonly listening: readonly string[];
  readonly ikeSas: number;
  readonly halfOpen: number;
}

/**
 * What control sockets can make the daemon do. Lives on control and speaks to the shards over their links, so everything is asynchronous
 * and nothing here can stall an exchange.
 */
export interface Controller {
  /**
   * Sets up a CHILD_SA of a configured connection, and its IKE_SA where needed. With an observer the promise waits for the outcome, at most
   * `timeoutMs` (0 for ever); without one it resolves once the initiation was handed over.
   */
  initiate(
    peer: PeerDefinition,
    child: ChildDefinition | undefined,
    observer?: OperationObserver,
    timeoutMs?: number,
  ): Promise<OperationResult>;
  /** Installs the trap of a child, or the shunt that it is, in place of what is there under its name. @returns whether it could be done */
  install(peer: PeerDefinition, child: ChildDefinition): Promise<boolean>;
  /** @returns what was there under the child's name, undefined where nothing was */
  uninstall(childName: string): Promise<"trap" | "shunt" | undefined>;
  installedPolicies(): Promise<readonly InstalledPolicy[]>;
  /** @param force sends the DELETE and waits for no answer */
  terminateIke(uniqueId: number, observer?: OperationObserver, timeoutMs?: number, force?: boolean): Promise<OperationResult>;
  terminateChild(uniqueId: number, observer?: OperationObserver, timeoutMs?: number): Promise<OperationResult>;
  /** @param reauth authenticates anew in place of rekeying */
  rekeyIke(uniqueId: number, reauth?: boolean): Promise<boolean>;
  rekeyChild(uniqueId: number): Promise<boolean>;
  /** Asks the client of an IKE_SA to go to another gateway. @returns false where there is none, or it cannot be asked */
  redirectIke(uniqueId: number, gateway: RedirectGateway): Promise<boolean>;
  /**
   * Streams the selected IKE_SAs in pieces of some hundred, which may be empty; a slow reader holds nothing up. `withUse` asks the kernel for
   * octet counts.
   */
  ikeSas(selector: SaSelector, withUse: boolean): AsyncIterable<readonly IkeSaStatus[]>;
  /**
   * The same as text, which the plugin's feature on each shard makes there (`ShardController.addText`): for long lists, as one string costs
   * the link a tenth of what IKE_SAs do.
   * @param how goes along to that; plain data
   */
  ikeSaTexts<How>(selector: SaSelector, withUse: boolean, topic: LinkTopic<How, string>, how: How): AsyncIterable<string>;
  /** Numbers of IKE_SAs that are up and that are connecting. */
  count(): Promise<{ readonly up: number; readonly connecting: number }>;
  /** Received messages that came to nothing, on all shards. */
  messageCounts(): Promise<MessageCounts>;
  status(): Promise<DaemonStatus>;
  /** Where the time went, since the start of the daemon. A shard that does not answer in time is left out. */
  profile(): Promise<DaemonProfile>;
  /** The plugins that were to be loaded, in their order, and what became of them on all threads. */
  plugins(): Promise<readonly PluginReport[]>;
  /** Sets the level of a group (undefined: all groups) of the sinks that follow `loglevel`. */
  setLogLevel(group: LogGroup | undefined, level: number): void;
  /** Rereads strongswan.conf. @throws {ConfigError} with the old settings still in force */
  reloadSettings(): Promise<void>;
  /** Ends the daemon as SIGTERM does. */
  shutdown(reason: string): void;
}

export const Controller: ServiceToken<Controller> = serviceToken("Controller");

/** What a feature on a shard can make that shard do, at once and without a link: `Controller`, for the shard's own IKE_SAs. */
export interface ShardController {
  /** As `Controller.initiate`; the connection goes along and need not be configured. It waits for the outcome only with an observer. */
  initiate(peer: PeerDefinition, child: ChildDefinition | undefined, observer?: OperationObserver): Promise<OperationResult>;
  terminateIke(uniqueId: number): Promise<OperationResult>;
  /**
   * What status commands print of an IKE_SA that a listener is called with.
   * @param withUse asks the kernel for octet counts; a promise only where the kernel answers later
   */
  statusOf(ikeSa: IkeSaView, withUse: boolean): MaybePromise<IkeSaStatus>;
  /** Makes the text of `Controller.ikeSaTexts`, of one IKE_SA; empty for none. One per topic. */
  addText<How>(topic: LinkTopic<How, string>, text: (ikeSa: IkeSaStatus, how: How) => string): Undo;
  count(): { readonly up: number; readonly connecting: number };
}

export const ShardController: ServiceToken<ShardController> = serviceToken("ShardController");
