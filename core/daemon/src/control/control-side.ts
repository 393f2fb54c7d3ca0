import { Host } from "@cygnet/plugin-api";
import type {
  Attribute,
  AttributeContext,
  IkeConfigQuery,
  IkeDefinition,
  LogGroup,
  MaybePromise,
  OperationObserver,
  PeerConfigQuery,
  PeerDefinition,
  SecretQuery,
  SharedSecret,
} from "@cygnet/plugin-api";
import type {
  AttributeManagerImpl,
  BackendManagerImpl,
  FetchAttempt,
  LeaseNotice,
  Offered,
  StatusFetcher,
  StatusQuestion,
} from "@cygnet/ike";
import type { ControlPort, ShardPort } from "../link.js";
import { Topics } from "../topics.js";
import type { HostNames } from "./host-names.js";

/** Control's half of the link: address pools and attributes, the observers of operations that run on shards, and what plugins listen to. */
export class ControlSide implements ControlPort {
  readonly topics = new Topics<[shard: number, message: unknown]>();
  readonly #operations = new Map<number, OperationObserver>();
  #nextOperation = 1;
  #installTrap: ((connection: string, child: string) => Promise<void>) | undefined;
  #shards: readonly ShardPort[] = [];
  /** How often each shard was lost, if it was. */
  readonly #losses = new Map<number, number>();

  constructor(
    private readonly attributeManager: AttributeManagerImpl,
    private readonly backends: Pick<BackendManagerImpl, "ikeConfigs" | "peerConfigs" | "sharedSecrets">,
    private readonly hostNames: Pick<HostNames, "resolve">,
    private readonly statusFetcher: Pick<StatusFetcher, "fetch" | "fetchCertificate">,
  ) {}

  /** The shards, for what one of them asks the others. Those that are replaced later are replaced in the array. */
  useShards(shards: readonly ShardPort[]): void {
    this.#shards = shards;
  }

  /** Registers an observer for one operation. @returns its number, and what forgets it */
  follow(observer: OperationObserver): { readonly operation: number; readonly end: () => void } {
    const operation = this.#nextOperation++;
    this.#operations.set(operation, observer);
    return { operation, end: () => void this.#operations.delete(operation) };
  }

  acquireAddress(shard: number, context: AttributeContext, requested: Uint8Array): MaybePromise<Uint8Array | undefined> {
    const found = this.attributeManager.acquireAddress(context, Host.fromOctets(requested), shard);
    if (!(found instanceof Promise)) return found?.address;
    const losses = this.#losses.get(shard);
    return found.then((address) => {
      if (this.#losses.get(shard) === losses) return address?.address;
      // Nobody is there any more to give it back.
      if (address) return Promise.resolve(this.attributeManager.releaseAddress(context, address)).then(() => undefined);
    });
  }

  noticeLeases(shard: number, notices: readonly LeaseNotice[]): void {
    this.attributeManager.noticeLeases(shard, notices);
  }

  /** A shard is gone, with the IKE_SAs of these numbers. */
  shardLost(shard: number, isLost: (ikeSaId: number) => boolean): void {
    this.#losses.set(shard, (this.#losses.get(shard) ?? 0) + 1);
    this.attributeManager.shardLost(shard, isLost);
  }

  releaseAddress(context: AttributeContext, address: Uint8Array): MaybePromise<void> {
    const released = this.attributeManager.releaseAddress(context, Host.fromOctets(address));
    if (released instanceof Promise) return released.then(() => undefined);
  }

  attributes(context: AttributeContext, virtualIps: readonly Uint8Array[]): MaybePromise<readonly Attribute[]> {
    return this.attributeManager.attributes(
      context,
      virtualIps.map((octets) => Host.fromOctets(octets)),
    );
  }

  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    return this.attributeManager.handle(context, attribute);
  }

  releaseAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<void> {
    return this.attributeManager.release(context, attribute);
  }

  /** Has `install` called for a child that is to have a trap; it does not reject. */
  useTraps(install: (connection: string, child: string) => Promise<void>): void {
    this.#installTrap = install;
  }

  installTrap(connection: string, child: string): void {
    void this.#installTrap?.(connection, child);
  }

  askControl(shard: number, topic: string, request: unknown): MaybePromise<unknown> {
    return this.topics.call(topic, shard, request);
  }

  tell(shard: number, topic: string, message: unknown): void {
    if (this.topics.has(topic)) void this.topics.call(topic, shard, message);
  }

  ikeConfigs(query: IkeConfigQuery): MaybePromise<readonly Offered<IkeDefinition>[]> {
    return this.backends.ikeConfigs(query);
  }

  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly Offered<PeerDefinition>[]> {
    return this.backends.peerConfigs(query);
  }

  sharedSecrets(query: SecretQuery): MaybePromise<readonly Offered<SharedSecret>[]> {
    return this.backends.sharedSecrets(query);
  }

  async resolveHost(name: string): Promise<readonly Uint8Array[]> {
    const hosts = await this.hostNames.resolve(name);
    return hosts.map((found) => found.address);
  }

  fetchStatus(question: StatusQuestion): Promise<readonly FetchAttempt[]> {
    return this.statusFetcher.fetch(question);
  }

  fetchCertificate(uri: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    return this.statusFetcher.fetchCertificate(uri, timeoutMs);
  }

  async endDuplicates(shard: number, pair: string, order: number, isInitialContact: boolean): Promise<void> {
    // One that dies meanwhile has none any more.
    await Promise.allSettled(this.#othersThan(shard).map((other) => other.endDuplicates(pair, order, isInitialContact)));
  }

  async hasDuplicate(shard: number, pair: string, order: number): Promise<boolean> {
    const answers = await Promise.all(this.#othersThan(shard).map((other) => other.hasDuplicate(pair, order)));
    return answers.includes(true);
  }

  operationStarted(operation: number, ikeSaId: number): void {
    this.#operations.get(operation)?.started?.(ikeSaId);
  }

  operationLog(operation: number, group: LogGroup, level: number, message: string): void {
    this.#operations.get(operation)?.log(group, level, message);
  }

  #othersThan(shard: number): readonly ShardPort[] {
    return this.#shards.filter((_, index) => index !== shard);
  }
}
