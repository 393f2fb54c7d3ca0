import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, LogGroup, MaybePromise, OperationObserver } from "@cygnet/plugin-api";
import type { AttributeManagerImpl } from "@cygnet/ike";
import type { ControlPort, ShardPort } from "../link.js";
import { Topics } from "../topics.js";
import type { HostNames } from "./host-names.js";

/** Control's half of the link: address pools and attributes, the observers of operations that run on shards, and what plugins listen to. */
export class ControlSide implements ControlPort {
  readonly topics = new Topics<[shard: number, message: unknown]>();
  readonly #operations = new Map<number, OperationObserver>();
  #nextOperation = 1;
  #shards: readonly ShardPort[] = [];

  constructor(
    private readonly attributeManager: AttributeManagerImpl,
    private readonly hostNames: Pick<HostNames, "resolve">,
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

  acquireAddress(context: AttributeContext, requested: Uint8Array): MaybePromise<Uint8Array | undefined> {
    const found = this.attributeManager.acquireAddress(context, host(requested));
    return found instanceof Promise ? found.then((address) => address?.address) : found?.address;
  }

  releaseAddress(context: AttributeContext, address: Uint8Array): MaybePromise<void> {
    const released = this.attributeManager.releaseAddress(context, host(address));
    if (released instanceof Promise) return released.then(() => undefined);
  }

  attributes(context: AttributeContext, virtualIps: readonly Uint8Array[]): MaybePromise<readonly Attribute[]> {
    return this.attributeManager.attributes(context, virtualIps.map(host));
  }

  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    return this.attributeManager.handle(context, attribute);
  }

  releaseAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<void> {
    return this.attributeManager.release(context, attribute);
  }

  tell(shard: number, topic: string, message: unknown): void {
    if (this.topics.has(topic)) void this.topics.call(topic, shard, message);
  }

  async resolveHost(name: string): Promise<readonly Uint8Array[]> {
    const hosts = await this.hostNames.resolve(name);
    return hosts.map((found) => found.address);
  }

  endDuplicates(shard: number, pair: string, order: number, isInitialContact: boolean): void {
    for (const other of this.#othersThan(shard)) void other.endDuplicates(pair, order, isInitialContact);
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

const host = (octets: Uint8Array): Host => new Host(octets.length === 4 ? 4 : 6, octets, 0);
