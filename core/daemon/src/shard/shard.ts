import type { CryptoRegistry, IkeSaStatus, MaybePromise, OperationResult, SaSelector } from "@cygnet/plugin-api";
import { InternalError, RngQuality } from "@cygnet/plugin-api";
import { IkeAuth, IkeKeymat, IkeSuites, defaultProposals, parseProposal } from "@cygnet/crypto";
import type { AlgorithmRegistry } from "@cygnet/crypto";
import {
  ConfigSet,
  HalfOpenCounts,
  IkeSaManager,
  KernelInterface,
  MessageCodec,
  OctetArena,
  RandomPool,
  Receiver,
  Reqids,
  SecretStore,
  Sender,
  ShardControl,
} from "@cygnet/ike";
import type { CompileEnv, ConfigChange, IkeContext, IkeOptions, Initiation, SecretChange, ShardObserver } from "@cygnet/ike";
import type { EventBus, JobProcessor, LogManager, PreciseClock, WheelScheduler } from "@cygnet/runtime";
import type { ControlPort, FollowedOperation, ShardPort } from "../link.js";
import type { KernelInterfaces } from "../services/kernel-manager.js";
import type { SocketHolder } from "../services/socket-manager.js";
import { LinkedControlClient } from "./linked-control-client.js";

/** IKE_SAs handed over per piece of a listing. */
const LIST_PIECE = 50;

/** What a shard is made from. */
export interface ShardParts {
  readonly index: number;
  readonly shards: number;
  readonly options: IkeOptions;
  readonly clock: PreciseClock;
  readonly log: LogManager;
  readonly bus: EventBus;
  readonly processor: JobProcessor;
  readonly scheduler: WheelScheduler;
  readonly crypto: AlgorithmRegistry;
  readonly sockets: SocketHolder;
  readonly kernels: KernelInterfaces;
  readonly control: ControlPort;
}

/** How proposals are read with the algorithms that are loaded. */
export function compileEnv(crypto: AlgorithmRegistry): CompileEnv {
  return {
    parseProposal: (protocol, text) => parseProposal(protocol, text),
    defaultProposals: (protocol) => defaultProposals(protocol, crypto.supported()),
  };
}

/**
 * A share-nothing unit of the daemon: the IKE_SAs with all they need, and the shard's half of the link to control.
 */
export class Shard implements ShardPort {
  readonly context: IkeContext;
  readonly receiver: Receiver;
  readonly #commands: ShardControl;
  readonly #client: LinkedControlClient;
  readonly #lists = new Map<number, AsyncGenerator<IkeSaStatus>>();
  #nextList = 1;

  constructor(private readonly parts: ShardParts) {
    const { options, clock, log, bus, processor, scheduler, crypto, sockets, kernels } = parts;
    const env = compileEnv(crypto);
    const random = new RandomPool(crypto);
    const halfOpen = new HalfOpenCounts();
    this.#client = new LinkedControlClient(parts.control, log, parts.index, parts.shards);
    // Codec and manager refer back to the context that they are part of, so they come last.
    const base = {
      options,
      clock,
      log,
      bus,
      processor,
      scheduler,
      crypto,
      suites: new IkeSuites(crypto),
      keymat: new IkeKeymat(poolAsRng(random)),
      auth: new IkeAuth(),
      random,
      octets: new OctetArena(),
      transient: new OctetArena(),
      sockets,
      sender: new Sender(sockets, log),
      kernel: new KernelInterface(
        kernels,
        log,
        options,
        new Reqids({ base: options.reqid_base, shard: parts.index, shards: parts.shards }),
      ),
      configs: new ConfigSet(env),
      secrets: new SecretStore(),
      control: this.#client,
    };
    const context = withBackReferences(base, (whole) => ({
      codec: new MessageCodec(whole),
      manager: new IkeSaManager(whole, halfOpen),
    }));
    this.context = context;
    this.receiver = new Receiver(context, halfOpen);
    this.#commands = new ShardControl(context, env);
  }

  /** Begins to receive. */
  start(): void {
    const { socket } = this.parts.sockets;
    if (!socket) throw new InternalError("there is no socket to receive from");
    const { processor } = this.parts;
    socket.start((packets, count) => {
      this.receiver.receive(packets, count);
      processor.run();
    });
  }

  /** Ends all IKE_SAs and tells the peers. */
  async stop(): Promise<void> {
    await this.#commands.closeAll();
    this.parts.sockets.socket?.flush();
    this.context.secrets.clear();
  }

  // --- what control asks ---

  applyConfig(change: ConfigChange): void {
    this.context.configs.apply(change);
  }

  applySecret(change: SecretChange): void {
    this.context.secrets.apply(change);
  }

  setRequestedAttributes(types: readonly number[]): void {
    this.#client.requestedAttributes = types;
  }

  initiate(initiation: Initiation, follow: FollowedOperation | undefined): Promise<OperationResult> {
    return this.#commands.initiate(initiation, this.#observer(follow));
  }

  terminateIke(uniqueId: number, follow: FollowedOperation | undefined): Promise<OperationResult> {
    return this.#commands.terminateIke(uniqueId, this.#observer(follow));
  }

  terminateChild(uniqueId: number, follow: FollowedOperation | undefined): Promise<OperationResult> {
    return this.#commands.terminateChild(uniqueId, this.#observer(follow));
  }

  rekeyIke(uniqueId: number): boolean {
    return this.#commands.rekeyIke(uniqueId);
  }

  rekeyChild(uniqueId: number): boolean {
    return this.#commands.rekeyChild(uniqueId);
  }

  openList(selector: SaSelector, withUse: boolean): number {
    const list = this.#nextList++;
    this.#lists.set(list, this.#commands.list(selector, withUse));
    return list;
  }

  async nextListed(list: number): Promise<readonly IkeSaStatus[]> {
    const generator = this.#lists.get(list);
    const piece: IkeSaStatus[] = [];
    while (generator && piece.length < LIST_PIECE) {
      const { value, done } = await generator.next();
      if (done) break;
      piece.push(value);
    }
    if (piece.length === 0) this.#lists.delete(list);
    return piece;
  }

  closeList(list: number): void {
    this.#lists.delete(list);
  }

  count(): { readonly up: number; readonly connecting: number } {
    return this.#commands.count();
  }

  #observer(follow: FollowedOperation | undefined): ShardObserver | undefined {
    if (!follow) return undefined;
    const { control } = this.parts;
    const { operation, level } = follow;
    return {
      level,
      log: (group, messageLevel, message) => ignore(control.operationLog(operation, group, messageLevel, message)),
      started: (ikeSaId) => ignore(control.operationStarted(operation, ikeSaId)),
    };
  }
}

/** Completes a context by members that are made with the complete one. They may keep it, but not use it while they are made. */
function withBackReferences<B extends object>(base: B, make: (whole: IkeContext) => Omit<IkeContext, keyof B>): IkeContext {
  const whole = base as unknown as IkeContext;
  return Object.assign(whole, make(whole));
}

/** Keys are derived long after start; the pool asks the registry for its source each time it needs one. */
function poolAsRng(random: RandomPool): NonNullable<ReturnType<CryptoRegistry["rng"]>> {
  return { quality: RngQuality.STRONG, bytes: (out) => random.fill(out) };
}

/** Control is not there any more when the daemon ends; nobody misses the line. */
function ignore(result: MaybePromise<void>): void {
  if (result instanceof Promise) result.catch(() => undefined);
}
