import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Logger, MaybePromise, WaitMeter } from "@cygnet/plugin-api";
import type { ControlClient } from "@cygnet/ike";
import type { ControlPort } from "../link.js";

/** Whose answers are waited for, in the profile. */
const CONTROL = "control";

/** A shard's way to control: numbers are drawn on the shard itself, the rest crosses the link. */
export class LinkedControlClient implements ControlClient {
  requestedAttributes: readonly number[] = [];
  #nextIkeSaId: number;
  #nextChildSaId: number;

  /**
   * @param place which shard of how many: numbers are unique in the daemon because each shard takes every n-th
   */
  constructor(
    private readonly control: ControlPort,
    private readonly log: Logger,
    private readonly waits: WaitMeter,
    private readonly place: { readonly index: number; readonly shards: number },
  ) {
    this.#nextIkeSaId = place.index + 1;
    this.#nextChildSaId = place.index + 1;
  }

  nextIkeSaId(): number {
    const id = this.#nextIkeSaId;
    this.#nextIkeSaId += this.place.shards;
    return id;
  }

  nextChildSaId(): number {
    const id = this.#nextChildSaId;
    this.#nextChildSaId += this.place.shards;
    return id;
  }

  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const found = this.waits.measure(CONTROL, "acquire address", this.control.acquireAddress(context, requested.address));
    return found instanceof Promise ? found.then(toHost) : toHost(found);
  }

  endDuplicates(pair: string, order: number, isInitialContact: boolean): void {
    const { index } = this.place;
    this.#quietly(
      this.waits.measure(CONTROL, "end duplicates", this.control.endDuplicates(index, pair, order, isInitialContact)),
    );
  }

  hasDuplicate(pair: string, order: number): MaybePromise<boolean> {
    return this.waits.measure(CONTROL, "duplicate", this.control.hasDuplicate(this.place.index, pair, order));
  }

  releaseAddress(context: AttributeContext, address: Host): void {
    this.#quietly(this.waits.measure(CONTROL, "release address", this.control.releaseAddress(context, address.address)));
  }

  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    const octets = virtualIps.map((host) => host.address);
    return this.waits.measure(CONTROL, "attributes", this.control.attributes(context, octets));
  }

  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    return this.waits.measure(CONTROL, "handle attribute", this.control.handleAttribute(context, attribute));
  }

  releaseAttribute(context: AttributeContext, attribute: Attribute): void {
    this.#quietly(this.waits.measure(CONTROL, "release attribute", this.control.releaseAttribute(context, attribute)));
  }

  async resolveHost(name: string): Promise<readonly Host[]> {
    try {
      const found = await this.waits.measure(CONTROL, "resolve host", this.control.resolveHost(name));
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
