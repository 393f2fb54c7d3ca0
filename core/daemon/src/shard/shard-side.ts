import {
  Bus,
  ControlLink,
  JobPriority,
  LogGroup,
  Processor,
  RedirectManager,
  RevocationChecks,
  Scheduler,
  ShardController,
  ShardCredentials,
  SocketManager,
} from "@cygnet/plugin-api";
import type { PerPriority, SteeringKey } from "@cygnet/plugin-api";
import { EventBus, JobProcessor, PluginGuard, WheelScheduler, provide } from "@cygnet/runtime";
import type { CoreFeatures } from "../built-in-plugin.js";
import type { ControlPort } from "../link.js";
import type { CharonValues } from "../options/charon-values.js";
import { ListedAddresses, NegotiationOnlyKernel } from "../services/negotiation-only-kernel.js";
import { SocketHolder } from "../services/socket-manager.js";
import type { ThreadServices } from "../services/thread-services.js";
import { UsableInterfaces, hasChoice, isUsable } from "../services/usable-interfaces.js";
import { Shard } from "./shard.js";
import type { SharedMemory } from "./shared-memory.js";

/** How long a shutdown waits for jobs that are in progress. */
const DRAIN_MS = 5000;

/** What a shard is put together from. */
export interface ShardSideParts {
  readonly thread: ThreadServices;
  readonly index: number;
  readonly shards: number;
  readonly values: CharonValues;
  /** This shard's part of the job slots and reservations. */
  readonly slots: number;
  readonly reservations: PerPriority;
  /** Slots of `slots` that stand for threads which never end in strongSwan. */
  readonly permanent: number;
  readonly control: ControlPort;
  readonly shared: SharedMemory;
  readonly steering?: SteeringKey | undefined;
}

/** A shard with its processor, scheduler and sockets, on the thread that it lives on. */
export class ShardSide {
  readonly processor: JobProcessor;
  readonly shard: Shard;
  readonly sockets = new SocketHolder();
  /** What plugins on the shard are called by. */
  readonly guard: PluginGuard;
  /** The daemon's own features on a shard. */
  readonly core: CoreFeatures = {
    ready: () => this.#ready(),
    receive: () => {
      this.shard.start();
      return () => this.shard.stop();
    },
  };
  readonly #parts: ShardSideParts;

  constructor(parts: ShardSideParts) {
    this.#parts = parts;
    const { thread, index, shards, values, slots, reservations, control } = parts;
    const { clock, timers, log, crypto, kernels, container, meter, waits } = thread;
    const limitMs = values.own.plugin_timeout * 1000;
    this.guard = new PluginGuard({ log, timers, waits, times: meter.plugins, limitMs });
    const bus = new EventBus(log, this.guard);
    this.processor = new JobProcessor({ log, clock, timers, slots, reservations });
    const { processor } = this;
    const scheduler = new WheelScheduler({ clock, timers, processor });
    processor.useScheduler(scheduler);
    thread.suspension.onResume(() => scheduler.catchUp());
    for (let i = 0; i < parts.permanent; i++) processor.occupy(JobPriority.CRITICAL);
    const { sockets } = this;
    processor.onTurnEnd(() => sockets.socket?.flush());
    const { ike, interfaces } = values;
    this.shard = new Shard({
      index,
      shards,
      options: ike,
      clock,
      log,
      bus,
      guard: this.guard,
      processor,
      scheduler,
      crypto,
      sockets,
      kernels,
      control,
      shared: parts.shared,
      steering: parts.steering,
      meter,
      waits,
      interfaces: hasChoice(interfaces) ? new UsableInterfaces(interfaces, clock) : undefined,
    });
    kernels.listen(this.shard.kernelEvents);
    provide(container, Bus, bus);
    provide(container, Processor, processor);
    provide(container, Scheduler, scheduler);
    provide(container, SocketManager, sockets);
    provide(container, RevocationChecks, this.shard.context.revocation);
    provide(container, RedirectManager, this.shard.context.redirects);
    provide(container, ShardCredentials, this.shard.context.sources);
    provide(container, ControlLink, this.shard.controlLink);
    provide(container, ShardController, this.shard.controller);
  }

  /** Ends the processor, with a line for each job that does not end by itself. */
  async drain(): Promise<void> {
    const { abandoned } = await this.processor.drain(DRAIN_MS);
    for (const job of abandoned) this.#parts.thread.log.log(LogGroup.JOB, 1, `job ${job} did not end, abandoned`);
  }

  /** All plugins that the core depends on are loaded. */
  #ready(): void {
    const { thread, values, index } = this.#parts;
    const { kernels, log } = thread;
    if (!kernels.net) kernels.addNet(new ListedAddresses((name) => isUsable(values.interfaces, name)));
    if (kernels.ipsec) return;
    kernels.addIpsec(new NegotiationOnlyKernel(() => this.shard.context.random.u32(), values.spis));
    if (index > 0) return;
    log.log(LogGroup.KNL, 1, "no plugin provides CUSTOM:kernel-ipsec: CHILD_SAs are negotiated, but no traffic is protected");
  }
}
