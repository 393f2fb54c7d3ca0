import { Host, LogGroup } from "@cygnet/plugin-api";
import type {
  Attribute,
  AttributeContext,
  IkeConfigQuery,
  IkeDefinition,
  Logger,
  MaybePromise,
  PeerConfigQuery,
  PeerDefinition,
  SecretQuery,
  SharedSecret,
  WaitMeter,
} from "@cygnet/plugin-api";
import { ShardLeases } from "@cygnet/ike";
import type { ControlClient, FetchAttempt, LeaseFilter, Offered, StatusQuestion } from "@cygnet/ike";
import type { ControlPort } from "../link.js";
import type { SaNumbers } from "./sa-numbers.js";

/** Whose answers are waited for, in the profile. */
const CONTROL = "control";

/** What the way to control is made from. */
export interface LinkedControlClientParts {
  readonly control: ControlPort;
  readonly log: Logger;
  readonly waits: WaitMeter;
  /** The shard's. */
  readonly index: number;
  readonly numbers: SaNumbers;
  /** Where shards lease addresses by themselves. */
  readonly filter: LeaseFilter | undefined;
  /** Has something called a little later. */
  readonly defer: (callback: () => void) => void;
}

/**
 * A shard's way to control: numbers are drawn on the shard itself, addresses and attributes come from what was granted and told where there are
 * several shards, the rest crosses the link.
 */
export class LinkedControlClient implements ControlClient {
  requestedAttributes: readonly number[] = [];
  readonly leases: ShardLeases | undefined;
  readonly #control: ControlPort;
  readonly #parts: LinkedControlClientParts;

  constructor(parts: LinkedControlClientParts) {
    this.#parts = parts;
    this.#control = parts.control;
    const { control, index, filter, log, defer } = parts;
    if (!filter) return;
    this.leases = new ShardLeases({
      shard: index,
      control: {
        acquireAddress: (context, requested) => this.#askForAddress(context, requested),
        attributes: (context, virtualIps) => this.#askForAttributes(context, virtualIps),
        noticeLeases: (notices) => void this.#quietly(control.noticeLeases(index, notices)),
      },
      filter,
      log,
      defer,
    });
  }

  nextIkeSaId(): number {
    return this.#parts.numbers.nextIkeSa();
  }

  nextChildSaId(): number {
    return this.#parts.numbers.nextChildSa();
  }

  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    return this.leases ? this.leases.acquire(context, requested) : this.#askForAddress(context, requested);
  }

  endDuplicates(pair: string, order: number, isInitialContact: boolean): MaybePromise<void> {
    const { index } = this.#parts;
    return this.#quietly(this.#wait("end duplicates", this.#control.endDuplicates(index, pair, order, isInitialContact)));
  }

  hasDuplicate(pair: string, order: number): MaybePromise<boolean> {
    return this.#wait("duplicate", this.#control.hasDuplicate(this.#parts.index, pair, order));
  }

  releaseAddress(context: AttributeContext, address: Host): void {
    if (this.leases) return this.leases.release(context, address);
    void this.#quietly(this.#wait("release address", this.#control.releaseAddress(context, address.address)));
  }

  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    return this.leases ? this.leases.attributes(context, virtualIps) : this.#askForAttributes(context, virtualIps);
  }

  handleAttribute(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    return this.#wait("handle attribute", this.#control.handleAttribute(context, attribute));
  }

  releaseAttribute(context: AttributeContext, attribute: Attribute): void {
    void this.#quietly(this.#wait("release attribute", this.#control.releaseAttribute(context, attribute)));
  }

  installTrap(connection: string, child: string): void {
    void this.#quietly(this.#control.installTrap(connection, child));
  }

  ikeConfigs(query: IkeConfigQuery): MaybePromise<readonly Offered<IkeDefinition>[]> {
    return this.#offered(this.#wait("ike configs", this.#control.ikeConfigs(query)));
  }

  peerConfigs(query: PeerConfigQuery): MaybePromise<readonly Offered<PeerDefinition>[]> {
    return this.#offered(this.#wait("peer configs", this.#control.peerConfigs(query)));
  }

  sharedSecrets(query: SecretQuery): MaybePromise<readonly Offered<SharedSecret>[]> {
    return this.#offered(this.#wait("shared secrets", this.#control.sharedSecrets(query)));
  }

  async resolveHost(name: string): Promise<readonly Host[]> {
    try {
      const found = await this.#wait("resolve host", this.#control.resolveHost(name));
      return found.map((octets) => Host.fromOctets(octets));
    } catch (error) {
      this.#parts.log.log(LogGroup.LIB, 1, `resolving '${name}' failed: ${String(error)}`);
      return [];
    }
  }

  async fetchStatus(question: StatusQuestion): Promise<readonly FetchAttempt[]> {
    try {
      return await this.#wait("fetch status", this.#control.fetchStatus(question));
    } catch (error) {
      return question.uris.slice(0, 1).map((uri) => ({ uri, problem: `asking control failed: ${String(error)}` }));
    }
  }

  async fetchCertificate(uri: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#wait("fetch certificate", this.#control.fetchCertificate(uri, timeoutMs));
    } catch {
      return undefined;
    }
  }

  #askForAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const found = this.#wait("acquire address", this.#control.acquireAddress(this.#parts.index, context, requested.address));
    return found instanceof Promise ? found.then(toHost) : toHost(found);
  }

  #askForAttributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    const octets = virtualIps.map((host) => host.address);
    return this.#wait("attributes", this.#control.attributes(context, octets));
  }

  /** An answer of control, with the time until it comes measured. */
  #wait<R extends MaybePromise<unknown>>(name: string, answer: R): R {
    return this.#parts.waits.measure(CONTROL, name, answer);
  }

  /** Nothing where control cannot be asked. */
  #offered<T>(offers: MaybePromise<readonly Offered<T>[]>): MaybePromise<readonly Offered<T>[]> {
    if (!(offers instanceof Promise)) return offers;
    return offers.catch((error: unknown) => {
      this.#parts.log.log(LogGroup.CFG, 1, `asking control failed: ${String(error)}`);
      return [];
    });
  }

  #quietly(result: MaybePromise<void>): MaybePromise<void> {
    if (result instanceof Promise)
      return result.catch((error: unknown) => this.#parts.log.log(LogGroup.CFG, 1, `telling control failed: ${String(error)}`));
  }
}

const toHost = (octets: Uint8Array | undefined): Host | undefined => octets && Host.fromOctets(octets);
