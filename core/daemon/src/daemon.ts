import { randomBytes } from "node:crypto";
import {
  AttributeManager,
  BackendManager,
  ConnectionStore,
  ControlCommands,
  Controller,
  CredentialStore,
  CygnetError,
  InternalError,
  DefinitionNotation,
  Fetchers,
  LoadedPlugins,
  LogGroup,
  LogSinks,
  RevocationListFiles,
  ShardLinks,
  StreamServices,
} from "@cygnet/plugin-api";
import type { DaemonStatus, MaybePromise } from "@cygnet/plugin-api";
import {
  AttributeManagerImpl,
  BackendManagerImpl,
  ConnectionStoreImpl,
  CredentialStoreImpl,
  LeaseFilter,
  StatusFetcher,
} from "@cygnet/ike";
import {
  ControlCommandTable,
  NetStreamServices,
  PackageSource,
  PluginGuard,
  PluginHost,
  SystemSyslog,
  configureLog,
  fixedChanges,
  formatProfile,
  logTroubles,
  provide,
  readOptions,
  readReservations,
  readStreamOwner,
  reservationWarnings,
} from "@cygnet/runtime";
import type { PoolShards } from "@cygnet/ike";
import type { LevelTable, LogTroubles, PluginSource, StreamOwner, LogManager } from "@cygnet/runtime";
import { withNamespace } from "@cygnet/settings";
import type { Settings, SettingsView } from "@cygnet/settings";
import { builtInPlugin } from "./built-in-plugin.js";
import { withCoreParts } from "./core-parts.js";
import { ClockWatch } from "./control/clock-watch.js";
import { ControlSide } from "./control/control-side.js";
import { DaemonController } from "./control/daemon-controller.js";
import { DaemonProfiler } from "./control/daemon-profiler.js";
import { notation } from "./control/definition-notation.js";
import { runScripts } from "./control/scripts.js";
import type { ScriptOccasion } from "./control/scripts.js";
import { FetcherTable } from "./control/fetcher-table.js";
import { systemLookup } from "./control/host-lookup.js";
import type { HostLookup } from "./control/host-lookup.js";
import { HostNames } from "./control/host-names.js";
import { combineReports } from "./control/plugin-reports.js";
import { LinkedShards } from "./control/linked-shards.js";
import { ListFiles } from "./control/list-files.js";
import { sumProcessors } from "./control/processor-sum.js";
import { LocalShard } from "./control/shard-set.js";
import type { ShardSet } from "./control/shard-set.js";
import type { ShardPort } from "./link.js";
import { MAX_SHARDS, charonGroups, daemonOptions } from "./options/charon-options.js";
import { checkOptions } from "./options/option-check.js";
import { readCharon } from "./options/charon-values.js";
import { DEFAULT_PLUGINS, LATER_PLUGINS } from "./plugin-names.js";
import { applyAffinity, usableCpus } from "./services/cpu-affinity.js";
import type { SetProcessAffinity } from "./services/cpu-affinity.js";
import { ListedAddresses } from "./services/negotiation-only-kernel.js";
import { ThreadServices } from "./services/thread-services.js";
import { sharedMemory } from "./shard/shared-memory.js";
import { ShardThreads } from "./threads/shard-threads.js";
import { compileEnv } from "./shard/shard.js";
import type { Shard } from "./shard/shard.js";
import { COMPATIBLE_VERSION, systemText } from "./version.js";

/** Job slots that receiver, sender, scheduler and watcher hold for good in strongSwan, and in `statusall`. */
const PERMANENT_SLOTS = 4;
/** How long a shutdown waits for its scripts. */
const SCRIPT_LIMIT_MS = 10_000;

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly settings: Settings;
  /** The section of the settings that is the daemon's; `charon` by default. */
  readonly namespace?: string;
  /** Folder of pid file and control sockets, `/var/run` by default. */
  readonly pidDir?: string;
  /** Folders that plugin packages are looked for in, beside the daemon's own installation. */
  readonly pluginFolders?: readonly string[];
  /** In place of packages, for tests; one shard then, if the settings do not say otherwise. */
  readonly pluginSource?: PluginSource;
  /** In place of the system's, for tests. */
  readonly hostLookup?: HostLookup;
  readonly commandLineLevels?: LevelTable;
  readonly useSyslog?: boolean;
  /** For `charon.cpu_affinity`. */
  readonly setAffinity?: SetProcessAffinity;
  /** Reads strongswan.conf anew, for reloads. */
  readonly readSettings?: () => Settings;
  /** All is open that needs privileges: a pid file can be made, and privileges can be given up. */
  readonly onLoaded?: (daemon: Daemon) => void;
  /** A reload begins, whoever asked for it. @returns what is called when it is over, also when it failed */
  readonly onReload?: () => () => void;
  /** The daemon asks to be stopped (a plugin did, say). */
  readonly onShutdown?: (reason: string) => void;
  /** Gets the profile as text, with `charon.profile = yes`, when the daemon ends. */
  readonly onProfile?: (text: string) => void;
}

/**
 * The daemon: control and its shards, put together from settings and plugins. A single shard is on the thread of control; all that crosses
 * between the two goes through the ports of `link.ts` wherever they are.
 */
export class Daemon {
  readonly log: LogManager;
  readonly controller: DaemonController;
  readonly plugins: PluginHost;
  /** User and group of the settings. */
  readonly owner: StreamOwner;
  readonly #options: DaemonOptions;
  readonly #thread: ThreadServices;
  readonly #logTroubles: LogTroubles;
  readonly #attributes: AttributeManagerImpl;
  readonly #backends: BackendManagerImpl;
  readonly #shards: ShardSet;
  readonly #connections: ConnectionStoreImpl;
  readonly #credentials: CredentialStoreImpl;
  readonly #names: HostNames;
  readonly #profiler: DaemonProfiler;
  /** Plugins and shards are loaded: who has connected to a control socket may be served. */
  #beReady: () => void = () => undefined;
  readonly #ready = new Promise<void>((resolve) => (this.#beReady = resolve));
  #stopMeter: (() => void) | undefined;
  #clockWatch: ClockWatch | undefined;
  readonly #startedMs = Date.now();
  #charon: SettingsView;
  readonly #stopsScripts = new AbortController();
  #startScripts: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws {OptionError} CYG_OPTION_VALUE for an unusable option of the `charon` section */
  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#charon = this.#section(options.settings);
    const charon = this.#charon;
    const warnings: string[] = [];
    const values = readCharon(charon, (message) => void warnings.push(message));
    const { threads, reservations } = values;
    // Before there are threads, and before shards are counted.
    const otherCpus = applyAffinity(values.cpus, options.setAffinity);
    if (otherCpus !== undefined) warnings.push(otherCpus);
    this.owner = readStreamOwner(charon);
    const pidDir = options.pidDir ?? "/var/run";
    this.#thread = new ThreadServices(values.own["crypto_test.required"], { pidDir, namespace: this.#namespace });
    const { log, crypto, container, timers } = this.#thread;
    this.log = log;
    this.#logTroubles = logTroubles(log);
    this.#configureLog(true);

    const guard = new PluginGuard({
      log,
      timers,
      waits: this.#thread.waits,
      times: this.#thread.meter.plugins,
      limitMs: values.own.plugin_timeout * 1000,
    });
    this.#attributes = new AttributeManagerImpl(log, guard);
    this.#backends = new BackendManagerImpl(guard, (kinds) => {
      for (const shard of this.#shards.ports) void shard.setBackends(kinds);
    });
    this.#names = new HostNames({
      lookup: options.hostLookup ?? systemLookup,
      maxLookups: values.own["host_resolver.max_threads"],
      timers,
      log,
      connections: () => this.#connections,
    });
    const fetchers = new FetcherTable();
    const statusFetcher = new StatusFetcher({
      fetchers,
      credentials: () => this.#credentials,
      keys: () => crypto.keyProvider(),
      wallMs: () => this.#thread.clock.wallMs,
      random: (octets) => new Uint8Array(randomBytes(octets)),
    });
    const side = new ControlSide(this.#attributes, this.#backends, this.#names, statusFetcher);
    const count = Math.min(values.own.shards ?? this.#defaultShards, threads);
    const permanent = Math.min(PERMANENT_SLOTS, threads - count);
    const shared = sharedMemory(count);
    this.#shards =
      count === 1
        ? new LocalShard({ thread: this.#thread, values, slots: threads, reservations, permanent, control: side, shared })
        : new ShardThreads({
            count,
            shared,
            settings: options.settings,
            namespace: this.#namespace,
            pidDir,
            values,
            permanent,
            pluginFolders: this.#pluginFolders,
            log,
            logTroubles: this.#logTroubles,
            container,
            control: side,
            waits: this.#thread.waits,
            initialize: (shard) => this.#initialize(shard),
            // Numbers of IKE_SAs go round the shards.
            lost: (shard) => side.shardLost(shard, (ikeSaId) => (ikeSaId - 1) % count === shard),
          });
    const { ports } = this.#shards;
    if (shared.leases) this.#attributes.useShards(poolShards(ports), new LeaseFilter(shared.leases, count));
    side.useShards(ports);
    this.#profiler = new DaemonProfiler({ shards: ports, thread: this.#thread });
    const toAll = async (tell: (shard: ShardPort) => MaybePromise<void>): Promise<void> =>
      void (await Promise.all(ports.map(tell)));
    // The shards read the same, and say nothing.
    const env = compileEnv(crypto, (text, why) => log.log(LogGroup.CFG, 1, `proposal '${text}' is left out: ${why}`));
    this.#connections = new ConnectionStoreImpl(env, (change) => toAll((shard) => shard.applyConfig(change)));
    this.#credentials = new CredentialStoreImpl(
      (change) => toAll((shard) => shard.applySecret(change)),
      () => crypto.keyProvider(),
    );
    this.controller = new DaemonController({
      shards: ports,
      side,
      connections: this.#connections,
      log,
      status: () => this.status(),
      profile: () => this.#profiler.profile(),
      plugins: async () => combineReports(this.plugins.report(), await this.#shards.pluginReports()),
      reloadSettings: () => this.reload(),
      shutdown: (reason) => this.#options.onShutdown?.(reason),
    });

    side.useTraps((connection, child) => this.controller.installTrap(connection, child));
    provide(container, ConnectionStore, this.#names.resolving(this.#connections));
    provide(container, CredentialStore, this.#credentials);
    provide(container, RevocationListFiles, new ListFiles(this.#credentials, log));
    provide(container, AttributeManager, this.#attributes);
    provide(container, BackendManager, this.#backends);
    provide(container, Fetchers, fetchers);
    provide(container, DefinitionNotation, notation);
    provide(container, Controller, this.controller);
    provide(container, ControlCommands, new ControlCommandTable(guard));
    provide(container, LogSinks, { add: (sink) => log.attach(sink) });
    provide(container, ShardLinks, new LinkedShards(ports, side, guard));
    provide(
      container,
      StreamServices,
      new NetStreamServices({
        log,
        owner: this.owner,
        pidDir,
        occupy: () => this.#shards.occupy(),
        ready: this.#ready,
      }),
    );
    this.plugins = new PluginHost({
      locations: this.#shards.locations,
      source: withCoreParts(options.pluginSource ?? new PackageSource({ folders: this.#pluginFolders })),
      container,
      log,
      guard,
      charon,
      builtIn: [builtInPlugin(this.#shards.core)],
      defaultList: DEFAULT_PLUGINS,
      later: LATER_PLUGINS,
    });
    provide(container, LoadedPlugins, this.plugins);
    this.#sayHello(threads, reservationWarnings(threads, reservations, [permanent, 0, 0, 0]));
    for (const warning of warnings) log.log(LogGroup.CFG, 1, warning);
  }

  /** The shard where there is one only, on the thread of control. @throws {InternalError} where there are more */
  get shard(): Shard {
    if (!(this.#shards instanceof LocalShard)) throw new InternalError("the shards have threads of their own");
    return this.#shards.side.shard;
  }

  /**
   * Loads the plugins and begins to serve.
   * @throws {PluginError} CYG_PLUGIN_CRITICAL when something essential is missing, after it was logged; what `onLoaded` throws
   */
  async start(): Promise<void> {
    this.#stopMeter = this.#thread.meter.start();
    this.#clockWatch = new ClockWatch(this.#thread);
    this.#thread.suspension.start();
    await this.plugins.load();
    await this.#shards.load();
    if (!this.#thread.kernels.net) this.#thread.kernels.addNet(new ListedAddresses());
    this.#options.onLoaded?.(this);
    this.#checkOptions(this.#options.settings);
    await Promise.all(this.#shards.ports.map((shard) => shard.setRequestedAttributes(this.#attributes.requests())));
    this.#beReady();
    const { threads } = readReservations(this.#charon);
    this.log.log(LogGroup.JOB, 1, `spawning ${threads} worker threads`);
    this.log.flush();
    // Nobody waits for scripts: what they do, such as `ipsec status`, may need the daemon.
    this.#startScripts = runScripts("start", this.#scripts("start"), this.log, this.#stopsScripts.signal);
  }

  /** Tells the peers, unloads the plugins, closes the logs. Doing it twice waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#tellProfile();
    this.#stopMeter?.();
    this.#clockWatch?.stop();
    this.#thread.suspension.stop();
    this.#names.close();
    await this.plugins.unload();
    await this.#shards.stop();
    this.#stopsScripts.abort();
    await this.#startScripts;
    // Only what was started is stopped.
    if (this.#startScripts) await runScripts("stop", this.#scripts("stop"), this.log, AbortSignal.timeout(SCRIPT_LIMIT_MS));
    await this.log.close();
  }

  /** Before anything is closed that was measured, and whatever hangs then. */
  async #tellProfile(): Promise<void> {
    if (!this.#startScripts || !readOptions(daemonOptions, this.#charon).profile) return;
    const lines = formatProfile(await this.#profiler.profile());
    for (const line of lines) if (line !== "") this.log.log(LogGroup.JOB, 1, line);
    this.#options.onProfile?.(`${lines.join("\n")}\n`);
  }

  /** Rereads the settings: loggers, reloadable options of the core and of plugins. @throws with the old settings still in force */
  async reload(): Promise<void> {
    const { readSettings, onReload } = this.#options;
    if (!readSettings) throw new CygnetError("CYG_DAEMON_RELOAD", "this daemon was started without a file to reload");
    const reloaded = onReload?.();
    try {
      await this.#reload(readSettings);
    } finally {
      reloaded?.();
    }
  }

  async #reload(readSettings: () => Settings): Promise<void> {
    const settings = readSettings();
    const charon = this.#section(settings);
    const warnings: string[] = [];
    const values = readCharon(charon, (message) => void warnings.push(message));
    this.#charon = charon;
    await this.#shards.reload(settings, values);
    this.#configureLog(false);
    for (const warning of warnings) this.log.log(LogGroup.CFG, 1, warning);
    await this.plugins.reload(charon);
    const [own] = charonGroups;
    const start = this.#section(this.#options.settings);
    for (const key of fixedChanges(own!.options, start, charon))
      this.log.log(LogGroup.CFG, 1, `${key} changed, which takes effect after a restart`);
    this.#checkOptions(settings);
  }

  async status(): Promise<DaemonStatus> {
    const [{ up, connecting }, processors, listening = []] = await Promise.all([
      this.controller.count(),
      Promise.all(this.#shards.ports.map((shard) => shard.processorStatus())),
      this.#thread.kernels.net?.addresses(),
    ]);
    return {
      version: COMPATIBLE_VERSION,
      uptimeSeconds: Math.floor(this.#thread.clock.nowMs / 1000),
      startedMs: this.#startedMs,
      processor: sumProcessors(processors, this.#shards.controlSlots),
      plugins: this.plugins.list().map(({ name }) => name),
      listening: listening.map(String),
      ikeSas: up + connecting,
      halfOpen: connecting,
    };
  }

  #scripts(occasion: ScriptOccasion): SettingsView | undefined {
    return readOptions(daemonOptions, this.#charon)[`${occasion}-scripts`];
  }

  /** One per CPU that may be used. Shards on threads of their own load their plugins from packages. */
  get #defaultShards(): number {
    return this.#options.pluginSource ? 1 : Math.min(usableCpus().usable.length, MAX_SHARDS);
  }

  get #namespace(): string {
    return this.#options.namespace ?? "charon";
  }

  get #pluginFolders(): readonly string[] {
    return this.#options.pluginFolders ?? [process.cwd()];
  }

  #section(settings: Settings): SettingsView {
    return withNamespace(settings, this.#namespace).section(this.#namespace);
  }

  /** What a shard that starts now has to know. */
  async #initialize(shard: ShardPort): Promise<void> {
    this.#attributes.initialize((change) => void shard.applyAttributes(change));
    await this.#connections.initialize((change) => shard.applyConfig(change));
    await this.#credentials.initialize((change) => shard.applySecret(change));
    await shard.setRequestedAttributes(this.#attributes.requests());
    await shard.setBackends(this.#backends.kinds);
    await this.controller.restorePolicies(shard);
  }

  #checkOptions(settings: Settings): void {
    const groups = [...charonGroups, ...this.plugins.optionGroups()];
    for (const line of checkOptions({ settings, charon: this.#charon, groups })) this.log.log(LogGroup.CFG, 1, line);
  }

  #configureLog(isStart: boolean): void {
    const { commandLineLevels, useSyslog } = this.#options;
    const closed = configureLog({
      log: this.log,
      charon: this.#charon,
      timers: this.#thread.timers,
      owner: this.owner,
      troubles: this.#logTroubles,
      syslog: (identifier) =>
        new SystemSyslog({
          identifier,
          timers: this.#thread.timers,
          onTrouble: (message) => process.stderr.write(`${message}\n`),
        }),
      ...(commandLineLevels && { commandLine: commandLineLevels }),
      ...(useSyslog !== undefined && { useSyslog }),
    });
    if (!isStart)
      closed.catch((error: unknown) => this.log.log(LogGroup.DMN, 1, `closing the old logs failed: ${String(error)}`));
  }

  #sayHello(threads: number, warnings: readonly string[]): void {
    const { log } = this;
    log.log(LogGroup.DMN, 1, `Starting IKE charon daemon (strongSwan ${COMPATIBLE_VERSION}, ${systemText()})`);
    const { usable, online } = usableCpus();
    const idle = usable.length < online.length ? ", the others will be idle" : "";
    log.log(LogGroup.DMN, 1, `the CPU affinity mask allows ${usable.length} of ${online.length} online CPUs${idle}`);
    for (const warning of warnings) log.log(LogGroup.JOB, 1, warning);
    if (threads <= PERMANENT_SLOTS)
      log.log(LogGroup.JOB, 1, `charon.threads = ${threads} leaves one job slot beside receiver, sender, scheduler and watcher`);
  }
}

/** The ports as pools use them; a shard that is replaced has another one. */
function poolShards(ports: readonly ShardPort[]): PoolShards {
  return {
    tell: (shard, change) => void ports[shard]!.applyAttributes(change),
    recall: (shard, pool) => ports[shard]!.recallAddresses(pool),
  };
}
