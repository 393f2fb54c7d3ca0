import { Processor, Scheduler, StreamServices } from "@cygnet/plugin-api";
import type {
  Job,
  JobPriority,
  JobRequeue,
  MaybePromise,
  ProcessorStatus,
  ServiceToken,
  StreamServiceOptions,
  TimerId,
} from "@cygnet/plugin-api";
import type { PluginGuard } from "./plugin-guard.js";
import { WRAPPED_PROVIDERS } from "./plugin-providers.js";

/**
 * Services as one plugin gets them: what it has called by them later (jobs, timers, connections of control sockets, commands, fetchers, kernels, log
 * sinks) is known to be its. All other services are handed on as they are.
 */
export class PluginServices {
  /** By what was resolved, so that a plugin finds the same object each time. */
  readonly #known = new Map<unknown, unknown>();

  constructor(
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {}

  of<S>(token: ServiceToken<S>, service: S): S {
    const wrap = WRAPPED.get(token);
    if (!wrap) return service;
    let own = this.#known.get(service);
    if (own === undefined) this.#known.set(service, (own = wrap(service, this.plugin, this.guard)));
    return own as S;
  }
}

export type Wrap = (service: unknown, plugin: string, guard: PluginGuard) => unknown;

const WRAPPED = new Map<unknown, Wrap>([
  [Processor, (service, ...owner) => new PluginProcessor(service as Processor, ...owner)],
  [Scheduler, (service, ...owner) => new PluginScheduler(service as Scheduler, ...owner)],
  [StreamServices, (service, ...owner) => new PluginStreams(service as StreamServices, ...owner)],
  ...WRAPPED_PROVIDERS,
]);

/** A job with the plugin that it is of. */
class PluginJob implements Job {
  readonly name: string;
  readonly priority: JobPriority;
  readonly #what: string;

  constructor(
    private readonly job: Job,
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {
    this.name = job.name;
    this.priority = job.priority;
    this.#what = `job ${job.name}`;
  }

  execute(): MaybePromise<JobRequeue> {
    return this.guard.watch(this.plugin, this.#what, () => this.job.execute());
  }

  cancel(): void {
    this.job.cancel?.();
  }
}

class PluginProcessor implements Processor {
  constructor(
    private readonly processor: Processor,
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {}

  queue(job: Job): void {
    this.processor.queue(new PluginJob(job, this.plugin, this.guard));
  }

  execute(job: Job): void {
    this.processor.execute(new PluginJob(job, this.plugin, this.guard));
  }

  occupySpare(priority: JobPriority): () => void {
    return this.processor.occupySpare(priority);
  }

  get load(): number {
    return this.processor.load;
  }

  queued(priority: JobPriority): number {
    return this.processor.queued(priority);
  }

  status(): ProcessorStatus {
    return this.processor.status();
  }
}

class PluginScheduler implements Scheduler {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {}

  schedule(job: Job, delayMs: number): TimerId {
    return this.scheduler.schedule(new PluginJob(job, this.plugin, this.guard), delayMs);
  }

  cancel(id: TimerId): boolean {
    return this.scheduler.cancel(id);
  }

  get pending(): number {
    return this.scheduler.pending;
  }
}

class PluginStreams implements StreamServices {
  constructor(
    private readonly streams: StreamServices,
    private readonly plugin: string,
    private readonly guard: PluginGuard,
  ) {}

  get pidDir(): string {
    return this.streams.pidDir;
  }

  occupy(): () => void {
    return this.streams.occupy();
  }

  listen(options: StreamServiceOptions): Promise<() => Promise<void>> {
    const { plugin, guard } = this;
    const onConnection: StreamServiceOptions["onConnection"] = (connection) => {
      // What it listens to there is its code as well, and events are told by this alone.
      const emit = connection.emit.bind(connection) as (...event: readonly unknown[]) => boolean;
      connection.emit = (...event: readonly unknown[]): boolean => guard.watch(plugin, CONTROL_SOCKET, () => emit(...event));
      return guard.watch(plugin, CONTROL_SOCKET, () => options.onConnection(connection));
    };
    return this.streams.listen({ ...options, onConnection });
  }
}

const CONTROL_SOCKET = "control socket";
