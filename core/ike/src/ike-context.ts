import type { Clock, CryptoRegistry, Host, MessageCounts, Processor, SocketManager } from "@cygnet/plugin-api";
import type { EventBus, LogManager, WheelScheduler } from "@cygnet/runtime";
import type { IkeAuth, IkeKeymat, IkeSuites } from "@cygnet/crypto";
import type { ConfigSet } from "./config/index.js";
import type { CertificateStore, CredentialSources, RevocationSettings, SecretStore } from "./credentials/index.js";
import type { IkeOptions } from "./ike-options.js";
import type { KernelInterface } from "./kernel/kernel-interface.js";
import type { Sender } from "./network/sender.js";
import type { ControlClient } from "./control/control-client.js";
import type { BackendLookup } from "./sa/backend-lookup.js";
import type { RedirectProviders } from "./sa/redirect-providers.js";
import type { IkeSaManager } from "./sa/ike-sa-manager.js";
import type { ResponseTimes } from "./sa/response-times.js";
import type { MessageCodec } from "./sa/ikev2/message-codec.js";
import type { OctetArena } from "./octet-arena.js";
import type { RandomPool } from "./random-pool.js";

/** Some of the addresses of this host. */
export interface LocalAddresses {
  has(address: Host): boolean;
}

/** How the memory of this shard is. */
export interface MemoryState {
  /** There is none for more IKE_SAs. */
  readonly isShort: boolean;
}

/**
 * What the IKE code of one shard works with. One object per shard; everything in it is either the shard's own or a way over the link.
 */
export interface IkeContext {
  /** Replaced as a whole by a reload. */
  options: IkeOptions;
  readonly clock: Clock;
  readonly scheduler: WheelScheduler;
  readonly processor: Processor;
  readonly log: LogManager;
  readonly bus: EventBus;
  readonly crypto: CryptoRegistry;
  readonly suites: IkeSuites;
  readonly keymat: IkeKeymat;
  readonly auth: IkeAuth;
  readonly random: RandomPool;
  /** For octets that are gone after an exchange or two: keys and messages of IKE_SAs that are awake, nonces, key exchanges. */
  readonly octets: OctetArena;
  readonly sockets: SocketManager;
  readonly sender: Sender;
  /** Incremented wherever a received message is given up. */
  readonly counters: MessageCounts;
  readonly responses: ResponseTimes;
  readonly memory: MemoryState;
  /** Addresses that messages may be sent to; unset for all. */
  readonly interfaces: LocalAddresses | undefined;
  readonly codec: MessageCodec;
  readonly kernel: KernelInterface;
  readonly configs: ConfigSet;
  readonly secrets: SecretStore;
  readonly certificates: CertificateStore;
  /** Who makes certificates of ours that were not loaded. */
  readonly sources: CredentialSources;
  readonly revocation: RevocationSettings;
  /** Address pools, attributes and identifiers, which the control thread owns. */
  readonly control: ControlClient;
  /** What plugins have beside `configs` and `secrets`. */
  readonly backends: BackendLookup;
  /** Who sends clients to other gateways. */
  readonly redirects: RedirectProviders;
  readonly manager: IkeSaManager;
}
