import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Logger, MaybePromise, WaitMeter } from "@cygnet/plugin-api";
import type { ControlClient } from "@cygnet/ike";
import type { ControlPort } from "../link.js";
import type { SaNumbers } from "./sa-numbers.js";

/** Whose answers are waited for, in the profile. */
const CONTROL = "control";

/** A shard's way to control: numbers are drawn on the shard itself, the rest crosses the link. */
export class LinkedControlClient implements ControlClient {
  requestedAttributes: readonly number[] = [];

  /** @param shard its number */
  constructor(
    private readonly control: ControlPort,
    private readonly log: Logger,
    private readonly waits: WaitMeter,
    private readonly shard: number,
    private readonly numbers: SaNumbers,
  ) {}

  nextIkeSaId(): number {
    return this.numbers.nextIkeSa();
  }

  nextChildSaId(): number {
    return this.numbers.nextChildSa();
  }

  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const found = this.waits.measure(CONTROL, "acquire address", this.control.acquireAddress(context, requested.address));
    return found instanceof Promise ? found.then(toHost) : toHost(found);
  }

  endDuplicates(pair: string, order: number, isInitialContact: boolean): void {
    this.#quietly(
      this.waits.measure(CONTROL, "end duplicates", this.control.endDuplicates(this.shard, pair, order, isInitialContact)),
    );
  }

  hasDuplicate(pair: string, order: number): MaybePromise<boolean> {
    return this.waits.measure(CONTROL, "duplicate", this.control.hasDuplicate(this.shard, pair, order));
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
