import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Logger, MaybePromise } from "@cygnet/plugin-api";
import type { ControlClient } from "@cygnet/ike";
import type { ControlPort } from "../link.js";

/** A shard's way to control: numbers are drawn on the shard itself, the rest crosses the link. */
export class LinkedControlClient implements ControlClient {
  requestedAttributes: readonly number[] = [];
  #nextIkeSaId: number;
  #nextChildSaId: number;

  /**
   * @param shard its index, and `shards` how many there are: numbers are unique in the daemon because each shard takes every n-th
   */
  constructor(
    private readonly control: ControlPort,
    private readonly log: Logger,
    private readonly shard: number,
    private readonly shards: number,
  ) {
    this.#nextIkeSaId = shard + 1;
    this.#nextChildSaId = shard + 1;
  }

  nextIkeSaId(): number {
    const id = this.#nextIkeSaId;
    this.#nextIkeSaId += this.shards;
    return id;
  }

  nextChildSaId(): number {
    const id = this.#nextChildSaId;
    this.#nextChildSaId += this.shards;
    return id;
  }

  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const found = this.control.acquireAddress(context, requested.address);
    return found instanceof Promise ? found.then(toHost) : toHost(found);
  }

  endDuplicates(pair: string, order: number, isInitialContact: boolean): void {
    this.#quietly(this.control.endDuplicates(this.shard, pair, order, isInitialContact));
  }

  hasDuplicate(pair: string, order: number): MaybePromise<boolean> {
    return this.control.hasDuplicate(this.shard, pair, order);
  }

  releaseAddress(context: AttributeContext, address: Host): void {
    this.#quietly(this.control.releaseAddress(context, address.address));
  }

  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    return this.control.attributes(
      context,
      virtualIps.map((host) => host.address),
    );
  }

  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    return this.control.handleAttribute(context, attribute);
  }

  releaseAttribute(context: AttributeContext, attribute: Attribute): void {
    this.#quietly(this.control.releaseAttribute(context, attribute));
  }

  async resolveHost(name: string): Promise<readonly Host[]> {
    try {
      const found = await this.control.resolveHost(name);
      return found.map((octets) => toHost(octets)!);
    } catch (error) {
      this.log.log(LogGroup.LIB, 1, `resolving '${name}' failed: ${String(error)}`);
      return [];
    }
  }

  #quietly(result: MaybePromise<void>): void {
    if (result instanceof Promise)
      result.catch((error: unknown) => this.log.log(LogGroup.CFG, 1, `giving back to control failed: ${String(error)}`));
  }
}

const toHost = (octets: Uint8Array | undefined): Host | undefined => octets && new Host(octets.length === 4 ? 4 : 6, octets, 0);
