import {
  AttributeManager,
  Bus,
  Clock,
  ConnectionStore,
  Controller,
  CredentialStore,
  CryptoRegistry,
  CygnetError,
  DefinitionNotation,
  JobPriority,
  KernelManager,
  LoadedPlugins,
  LogGroup,
  Logger,
  Processor,
  Scheduler,
  SocketManager,
  StreamServices,
} from "@cygnet/plugin-api";
import type { DaemonStatus } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { AttributeManagerImpl, ConnectionStoreImpl, CredentialStoreImpl, ikeOptions } from "@cygnet/ike";
import {
  EventBus,
  JobProcessor,
  LogManager,
  NetStreamServices,
  NodeTimers,
  PackageSource,
  PluginHost,
  SystemClock,
  SystemSyslog,
  WheelScheduler,
  configureLog,
  createContainer,
  provide,
  readOptions,
  readReservations,
  readStreamOwner,
  reservationWarnings,
} from "@cygnet/runtime";
import type { LevelTable, PluginSource } from "@cygnet/runtime";
import { withNamespace } from "@cygnet/settings";
import type { Settings, SettingsView } from "@cygnet/settings";
import { availableParallelism, cpus } from "node:os";
import { builtInPlugin } from "./built-in-plugin.js";
import { daemonOptions } from "./charon-options.js";
import { ControlSide } from "./control/control-side.js";
import { DaemonController } from "./control/daemon-controller.js";
import { notation } from "./control/definition-notation.js";
import { systemLookup } from "./control/host-lookup.js";
import type { HostLookup } from "./control/host-lookup.js";
import { HostNames } from "./control/host-names.js";
import { DEFAULT_PLUGINS, LATER_PLUGINS } from "./plugin-names.js";
import { KernelInterfaces } from "./services/kernel-manager.js";
import { ListedAddresses, NegotiationOnlyKernel } from "./services/negotiation-only-kernel.js";
import { SocketHolder } from "./services/socket-manager.js";
import { Shard, compileEnv } from "./shard/shard.js";
import { COMPATIBLE_VERSION, systemText } from "./version.js";

/** Job slots that receiver, sender, scheduler and watcher hold for good in strongSwan, and in `statusall`. */
const PERMANENT_SLOTS = 4;
/** How long a shutdown waits for jobs that are in progress. */
const DRAIN_MS = 5000;

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly settings: Settings;
  /** The section of the settings that is the daemon's; `charon` by default. */
  readonly namespace?: string;
  /** Folder of pid file and control sockets, `/var/run` by default. */
  readonly pidDir?: string;
  /** Folders that plugin packages are looked for in, beside the daemon's own installation. */
  readonly pluginFolders?: readonly string[];
  /** In place of packages, for tests. */
  readonly pluginSource?: PluginSource;
  /** In place of the system's, for tests. */
  readonly hostLookup?: HostLookup;
  readonly commandLineLevels?: LevelTable;
  readonly useSyslog?: boolean;
  /** Reads strongswan.conf anew, for reloads. */
  readonly readSettings?: () => Settings;
  /** The daemon asks to be stopped (a plugin did, say). */
  readonly onShutdown?: (reason: string) => void;
}

/**
 * The daemon: control and its shards, put together from settings and plugins. This release runs one shard, on the thread of control; all that
 * crosses between the two goes through the ports of `link.ts`.
 */
export class Daemon {
  readonly log: LogManager;
  readonly processor: JobProcessor;
  readonly shard: Shard;
  readonly controller: DaemonController;
  readonly plugins: PluginHost;
  readonly #options: DaemonOptions;
  readonly #clock = new SystemClock();
  readonly #timers = new NodeTimers();
  readonly #attributes: AttributeManagerImpl;
  readonly #kernels: KernelInterfaces;
  readonly #names: HostNames;
  readonly #startedMs = Date.now();
  #charon: SettingsView;
  #stopping: Promise<void> | undefined;

  /** @throws {OptionError} CYG_OPTION_VALUE for an unusable option of the `charon` section */
  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#charon = this.#section(options.settings);
    const charon = this.#charon;
    const ike = readOptions(ikeOptions, charon);
    const own = readOptions(daemonOptions, charon);
    const { threads, reservations } = readReservations(charon);

    this.log = new LogManager(this.#clock);
    const { log } = this;
    this.#configureLog(true);
    const bus = new EventBus(log);
    this.processor = new JobProcessor({ log, clock: this.#clock, timers: this.#timers, slots: threads, reservations });
    const scheduler = new WheelScheduler({ clock: this.#clock, timers: this.#timers, processor: this.processor });
    this.processor.useScheduler(scheduler);
    const permanent = Math.min(PERMANENT_SLOTS, threads - 1);
    for (let i = 0; i < permanent; i++) this.processor.occupy(JobPriority.CRITICAL);
    const crypto = new AlgorithmRegistry({ vectors: testVectors, requireVectors: own["crypto_test.required"], logger: log });
    const sockets = new SocketHolder();
    this.#kernels = new KernelInterfaces({
      acquire: () => undefined,
      expire: () => undefined,
      mapping: () => undefined,
      roam: () => undefined,
    });

    this.#attributes = new AttributeManagerImpl(log);
    this.#names = new HostNames({
      lookup: options.hostLookup ?? systemLookup,
      maxLookups: own["host_resolver.max_threads"],
      timers: this.#timers,
      log,
      connections: () => connections,
    });
    const side = new ControlSide(this.#attributes, this.#names);
    this.shard = new Shard({
      index: 0,
      shards: 1,
      options: ike,
      clock: this.#clock,
      log,
      bus,
      processor: this.processor,
      scheduler,
      crypto,
      sockets,
      kernels: this.#kernels,
      control: side,
    });
    const shards = [this.shard];
    const toAll = async (tell: (shard: Shard) => void): Promise<void> => shards.forEach(tell);
    const connections = new ConnectionStoreImpl(compileEnv(crypto), (change) => toAll((shard) => shard.applyConfig(change)));
    const credentials = new CredentialStoreImpl((change) => toAll((shard) => shard.applySecret(change)));
    this.controller = new DaemonController({
      shards,
      side,
      connections,
      log,
      status: () => this.status(),
      reloadSettings: () => this.reload(),
      shutdown: (reason) => this.#options.onShutdown?.(reason),
    });
    this.processor.onTurnEnd(() => sockets.socket?.flush());

    const container = createContainer();
    provide(container, Logger, log);
    provide(container, Bus, bus);
    provide(container, Processor, this.processor);
    provide(container, Scheduler, scheduler);
    provide(container, Clock, this.#clock);
    provide(container, CryptoRegistry, crypto);
    provide(container, SocketManager, sockets);
    provide(container, KernelManager, this.#kernels);
    provide(container, ConnectionStore, this.#names.resolving(connections));
    provide(container, CredentialStore, credentials);
    provide(container, AttributeManager, this.#attributes);
    provide(container, DefinitionNotation, notation);
    provide(container, Controller, this.controller);
    provide(
      container,
      StreamServices,
      new NetStreamServices({
        log,
        owner: readStreamOwner(charon),
        pidDir: options.pidDir ?? "/var/run",
        occupy: () => this.processor.occupySpare(JobPriority.CRITICAL),
      }),
    );
    this.plugins = new PluginHost({
      locations: ["control", "shard"],
      source: options.pluginSource ?? new PackageSource({ folders: options.pluginFolders ?? [process.cwd()] }),
      container,
      log,
      charon,
      builtIn: [builtInPlugin({ ready: () => this.#coreReady(), receive: () => this.#receive() })],
      defaultList: DEFAULT_PLUGINS,
      later: LATER_PLUGINS,
    });
    provide(container, LoadedPlugins, this.plugins);
    this.#sayHello(threads, reservationWarnings(threads, reservations, [permanent, 0, 0, 0]));
  }

  /**
   * Loads the plugins and begins to serve.
   * @throws {PluginError} CYG_PLUGIN_CRITICAL when something essential is missing, after it was logged
   */
  async start(): Promise<void> {
    await this.plugins.load();
    this.shard.setRequestedAttributes(this.#attributes.requests());
    const { threads } = readReservations(this.#charon);
    this.log.log(LogGroup.JOB, 1, `spawning ${threads} worker threads`);
    this.log.flush();
  }

  /** Tells the peers, unloads the plugins, closes the logs. Doing it twice waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#names.close();
    await this.plugins.unload();
    const { abandoned } = await this.processor.drain(DRAIN_MS);
    for (const job of abandoned) this.log.log(LogGroup.JOB, 1, `job ${job} did not end, abandoned`);
    await this.log.close();
  }

  /** Rereads the settings: loggers, reloadable options of the core and of plugins. @throws with the old settings still in force */
  async reload(): Promise<void> {
    const { readSettings } = this.#options;
    if (!readSettings) throw new CygnetError("CYG_DAEMON_RELOAD", "this daemon was started without a file to reload");
    const charon = this.#section(readSettings());
    const fresh = readOptions(ikeOptions, charon);
    this.#charon = charon;
    this.shard.context.options = fresh;
    this.#configureLog(false);
    await this.plugins.reload(charon);
  }

  async status(): Promise<DaemonStatus> {
    const { up, connecting } = await this.controller.count();
    const listening = (await this.#kernels.net?.addresses()) ?? [];
    return {
      version: COMPATIBLE_VERSION,
      uptimeSeconds: Math.floor(this.#clock.nowMs / 1000),
      startedMs: this.#startedMs,
      processor: this.processor.status(),
      plugins: this.plugins.list().map(({ name }) => name),
      listening: listening.map(String),
      ikeSas: up + connecting,
      halfOpen: connecting,
    };
  }

  #section(settings: Settings): SettingsView {
    const namespace = this.#options.namespace ?? "charon";
    return withNamespace(settings, namespace).section(namespace);
  }

  #configureLog(isStart: boolean): void {
    const { commandLineLevels, useSyslog } = this.#options;
    const closed = configureLog({
      log: this.log,
      charon: this.#charon,
      timers: this.#timers,
      syslog: (identifier) =>
        new SystemSyslog({ identifier, timers: this.#timers, onTrouble: (message) => process.stderr.write(`${message}\n`) }),
      ...(commandLineLevels && { commandLine: commandLineLevels }),
      ...(useSyslog !== undefined && { useSyslog }),
    });
    if (!isStart)
      closed.catch((error: unknown) => this.log.log(LogGroup.DMN, 1, `closing the old logs failed: ${String(error)}`));
  }

  #sayHello(threads: number, warnings: readonly string[]): void {
    const { log } = this;
    log.log(LogGroup.DMN, 1, `Starting IKE charon daemon (strongSwan ${COMPATIBLE_VERSION}, ${systemText()})`);
    const online = cpus().length;
    const usable = availableParallelism();
    if (usable < online) log.log(LogGroup.DMN, 1, `the CPU affinity mask allows ${usable} of ${online} online CPUs`);
    for (const warning of warnings) log.log(LogGroup.JOB, 1, warning);
    if (threads <= PERMANENT_SLOTS)
      log.log(LogGroup.JOB, 1, `charon.threads = ${threads} leaves one job slot beside receiver, sender, scheduler and watcher`);
  }

  /** All plugins that the core depends on are loaded. */
  #coreReady(): void {
    if (!this.#kernels.net) this.#kernels.addNet(new ListedAddresses());
    if (this.#kernels.ipsec) return;
    this.#kernels.addIpsec(new NegotiationOnlyKernel(() => this.shard.context.random.u32()));
    this.log.log(
      LogGroup.KNL,
      1,
      "no plugin provides CUSTOM:kernel-ipsec: CHILD_SAs are negotiated, but no traffic is protected",
    );
  }

  #receive(): () => Promise<void> {
    this.shard.start();
    return () => this.shard.stop();
  }
}
