import {
  AttributeManager,
  BackendManager,
  Bus,
  Clock,
  ConnectionStore,
  ControlCommands,
  ControlLink,
  Controller,
  CredentialStore,
  RedirectManager,
  RevocationListFiles,
  CryptoRegistry,
  DefinitionNotation,
  KernelManager,
  LoadedPlugins,
  Logger,
  LogSinks,
  PLUGIN_API,
  Processor,
  RunFiles,
  Scheduler,
  ShardController,
  ShardCredentials,
  ShardLinks,
  SocketManager,
  StreamServices,
  WaitMeter,
  custom,
  definePlugin,
} from "@cygnet/plugin-api";
import type { DaemonStatus, Job, KernelIpsec, KernelNet, Plugin, ServiceToken, Socket, TimerId } from "@cygnet/plugin-api";
import {
  DaemonController,
  DaemonProfiler,
  LinkedShards,
  ListFiles,
  builtInPlugin,
  compileEnv,
  notation,
} from "@cygnet/daemon/testing";
import type { ControlSide, KernelInterfaces, Shard, SocketHolder } from "@cygnet/daemon/testing";
import type { AlgorithmRegistry } from "@cygnet/crypto";
import { ConnectionStoreImpl } from "@cygnet/ike";
import type { AttributeManagerImpl, BackendManagerImpl, CredentialStoreImpl } from "@cygnet/ike";
import {
  ControlCommandTable,
  NetStreamServices,
  NodeTimers,
  PluginHost,
  ThreadMeter,
  createContainer,
  provide,
} from "@cygnet/runtime";
import type { EventBus, JobProcessor, LogManager, PluginGuard, WaitTimes } from "@cygnet/runtime";
import { MemoryPluginSource } from "@cygnet/runtime/testing";
import type { VirtualClock } from "@cygnet/runtime/testing";
import type { SettingsView } from "@cygnet/settings";
import { USUAL_ALGORITHMS } from "../pair/algorithms.js";
import { RunFolder } from "./run-folder.js";
import { UndoLedger } from "./undo-ledger.js";

/** What stands in for a socket plugin. */
export const MEMORY_PLUGIN = "testkit";

/** The daemon in memory that plugins are loaded into. */
export interface PluginSideParts {
  readonly plugins: readonly Plugin[];
  readonly charon: SettingsView;
  readonly clock: VirtualClock;
  readonly log: LogManager;
  readonly bus: EventBus;
  readonly processor: JobProcessor;
  readonly scheduler: Scheduler;
  readonly crypto: AlgorithmRegistry;
  readonly sockets: SocketHolder;
  readonly kernels: KernelInterfaces;
  readonly shard: Shard;
  readonly control: ControlSide;
  readonly attributes: AttributeManagerImpl;
  readonly backends: BackendManagerImpl;
  readonly credentials: CredentialStoreImpl;
  readonly waits: WaitTimes;
  readonly guard: PluginGuard;
  /** What is used where no plugin provides one. */
  readonly socket: Socket;
  readonly kernel: KernelIpsec;
  readonly net: KernelNet;
}

/** Plugins of a daemon in memory: the real host, and all services that a daemon of one shard has for them. */
export class PluginSide {
  readonly host: PluginHost;
  readonly connections: ConnectionStoreImpl;
  readonly credentials: CredentialStoreImpl;
  readonly controller: DaemonController;
  /** Why a plugin asked the daemon to stop. */
  shutdownReason: string | undefined;
  readonly #parts: PluginSideParts;
  readonly #ledger = new UndoLedger();
  readonly #container = createContainer();
  readonly #folder = new RunFolder();
  readonly #jobs: ScheduledJobs;

  constructor(parts: PluginSideParts) {
    this.#parts = parts;
    this.#jobs = new ScheduledJobs(parts.scheduler);
    const { plugins, charon, log, shard, control, crypto, waits, attributes } = parts;
    const ports = [shard];
    control.useShards(ports);
    this.connections = new ConnectionStoreImpl(compileEnv(crypto), async (change) => shard.applyConfig(change));
    this.credentials = parts.credentials;
    const profiler = new DaemonProfiler({ shards: ports, thread: { meter: new ThreadMeter(), waits, timers: new NodeTimers() } });
    this.controller = new DaemonController({
      shards: ports,
      side: control,
      connections: this.connections,
      log,
      status: () => this.#status(),
      profile: () => profiler.profile(),
      plugins: async () => this.host.report(),
      reloadSettings: () => this.host.reload(charon),
      shutdown: (reason) => (this.shutdownReason = reason),
    });
    control.useTraps((connection, child) => this.controller.installTrap(connection, child));
    this.#offer();
    const usual = USUAL_ALGORITHMS.filter(({ name }) => !plugins.some((plugin) => plugin.name === name));
    const all = [...plugins, ...usual, this.#memory()];
    this.host = new PluginHost({
      locations: ["control", "shard"],
      source: new MemoryPluginSource(all),
      container: this.#container,
      log,
      guard: parts.guard,
      charon,
      builtIn: [builtInPlugin({ ready: () => this.#ready(), receive: () => this.#receive() })],
      defaultList: all.map(({ name }) => name),
    });
    this.#offerOne("LoadedPlugins", LoadedPlugins, this.host);
    attributes.initialize((change) => shard.applyAttributes(change));
  }

  /** @throws {PluginError} where a plugin is not loaded, or has a feature that is not */
  async load(): Promise<void> {
    await this.host.load();
    this.#parts.shard.setRequestedAttributes(this.#parts.attributes.requests());
  }

  /** Unloads all plugins, in reverse order. */
  async unload(): Promise<void> {
    await this.host.unload();
    this.#folder.remove();
  }

  /** What plugins left, after `unload`: registrations that were not undone, and what they gave the daemon and did not take back. */
  leftovers(): readonly string[] {
    const { attributes } = this.#parts;
    return [
      ...this.#ledger.open,
      ...this.#jobs.armed(),
      ...this.connections.list().map(({ name }) => `connection '${name}'`),
      ...this.credentials.listSecrets().map(({ set, type }) => `${type} secret in '${set}'`),
      ...this.credentials.listCertificates().map(({ set, subject }) => `certificate '${subject}' in '${set}'`),
      ...attributes.pools().map(({ name }) => `pool '${name}'`),
    ];
  }

  /** As a plugin finds it. @throws {PluginError} CYG_PLUGIN_SERVICE */
  resolve<S>(token: ServiceToken<S>): S {
    return this.#container.resolve(token);
  }

  #offer(): void {
    const { bus, clock, log, processor, crypto, sockets, kernels, shard, control, attributes, backends, waits } = this.#parts;
    const streams = new LazyStreams(log, this.#folder);
    this.#offerOne("Bus", Bus, bus);
    this.#offerOne("Processor", Processor, processor);
    this.#offerOne("CryptoRegistry", CryptoRegistry, crypto);
    this.#offerOne("SocketManager", SocketManager, sockets);
    this.#offerOne("KernelManager", KernelManager, kernels);
    this.#offerOne("ControlLink", ControlLink, shard.controlLink);
    this.#offerOne("RedirectManager", RedirectManager, shard.context.redirects);
    this.#offerOne("ShardCredentials", ShardCredentials, shard.context.sources);
    this.#offerOne("ShardLinks", ShardLinks, new LinkedShards([shard], control, this.#parts.guard));
    this.#offerOne("AttributeManager", AttributeManager, attributes);
    this.#offerOne("BackendManager", BackendManager, backends);
    this.#offerOne("ControlCommands", ControlCommands, new ControlCommandTable(this.#parts.guard));
    this.#offerOne("StreamServices", StreamServices, streams);
    this.#offerOne("LogSinks", LogSinks, { add: (sink) => log.attach(sink) });
    provide(this.#container, Scheduler, this.#jobs);
    provide(this.#container, Clock, clock);
    provide(this.#container, Logger, log);
    provide(this.#container, WaitMeter, waits);
    provide(this.#container, ShardController, shard.controller);
    provide(this.#container, ConnectionStore, this.connections);
    provide(this.#container, CredentialStore, this.credentials);
    this.#offerOne("RevocationListFiles", RevocationListFiles, new ListFiles(this.credentials, log));
    provide(this.#container, DefinitionNotation, notation);
    provide(this.#container, Controller, this.controller);
    provide(this.#container, RunFiles, { path: (name: string) => `${this.#folder.path}/charon.${name}` });
  }

  #offerOne<S extends object>(name: string, token: ServiceToken<S>, service: S): void {
    provide(this.#container, token, this.#ledger.track(name, service));
  }

  /** A socket for where no plugin has one: the first that is added counts. */
  #memory(): Plugin {
    return definePlugin({
      name: MEMORY_PLUGIN,
      api: PLUGIN_API,
      features: () => [
        { provides: custom("socket"), register: ({ resolve }) => resolve(SocketManager).add(() => this.#parts.socket) },
      ],
    });
  }

  #ready(): void {
    const { kernels, kernel, net } = this.#parts;
    if (!kernels.net) kernels.addNet(net);
    if (!kernels.ipsec) kernels.addIpsec(kernel);
  }

  #receive(): () => Promise<void> {
    const { shard } = this.#parts;
    shard.start();
    return () => shard.stop();
  }

  async #status(): Promise<DaemonStatus> {
    const { clock, processor } = this.#parts;
    const { up, connecting } = await this.controller.count();
    return {
      version: "testkit",
      uptimeSeconds: Math.floor(clock.nowMs / 1000),
      startedMs: clock.wallMs - clock.nowMs,
      processor: processor.status(),
      plugins: this.host.list().map(({ name }) => name),
      listening: [],
      ikeSas: up + connecting,
      halfOpen: connecting,
    };
  }
}

/** Control sockets below a folder that is made for the first of them. */
class LazyStreams implements StreamServices {
  readonly #services: NetStreamServices;

  constructor(
    log: Logger,
    private readonly folder: RunFolder,
  ) {
    this.#services = new NetStreamServices({ log });
  }

  get pidDir(): string {
    return this.folder.path;
  }

  listen: StreamServices["listen"] = (options) => this.#services.listen(options);
  occupy = (): (() => void) => this.#services.occupy();
}

/** The shard's timers, and which of them plugins have armed. */
class ScheduledJobs implements Scheduler {
  readonly #armed = new Map<TimerId, string>();

  constructor(private readonly scheduler: Scheduler) {}

  get pending(): number {
    return this.scheduler.pending;
  }

  schedule(job: Job, delayMs: number): TimerId {
    const id = this.scheduler.schedule(job, delayMs);
    this.#armed.set(id, job.name);
    return id;
  }

  cancel(id: TimerId): boolean {
    this.#armed.delete(id);
    return this.scheduler.cancel(id);
  }

  /** Disarms those that are left, and names them. */
  armed(): readonly string[] {
    return [...this.#armed].filter(([id]) => this.scheduler.cancel(id)).map(([, job]) => `Scheduler.schedule of job '${job}'`);
  }
}
