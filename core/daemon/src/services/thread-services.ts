import { Clock, CryptoRegistry, KernelManager, Logger, RunFiles, WaitMeter } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import {
  LogManager,
  NodeTimers,
  SuspensionWatch,
  SystemClock,
  ThreadMeter,
  WaitTimes,
  createContainer,
  provide,
} from "@cygnet/runtime";
import { join } from "node:path";
import { KernelInterfaces } from "./kernel-manager.js";

/** Which daemon of this machine it is. */
export interface DaemonPlace {
  readonly pidDir: string;
  readonly namespace: string;
}

/** What each thread of the daemon has for itself, and the container from which its plugins get it. */
export class ThreadServices {
  readonly container = createContainer();
  readonly clock = new SystemClock();
  readonly timers = new NodeTimers();
  readonly suspension = new SuspensionWatch({ clock: this.clock, timers: this.timers });
  readonly log: LogManager;
  readonly meter = new ThreadMeter();
  readonly waits = new WaitTimes();
  readonly crypto: AlgorithmRegistry;
  readonly kernels = new KernelInterfaces();

  /** @param requireVectors refuse algorithms that no test vector exists for; @param slotsBefore job slots of the daemon's threads before this one */
  constructor(requireVectors: boolean, daemon: DaemonPlace, slotsBefore = 0) {
    this.log = new LogManager(this.clock, slotsBefore);
    this.crypto = new AlgorithmRegistry({ vectors: testVectors, requireVectors, logger: this.log });
    provide(this.container, Clock, this.clock);
    provide(this.container, Logger, this.log);
    provide(this.container, CryptoRegistry, this.crypto);
    provide(this.container, KernelManager, this.kernels);
    provide(this.container, WaitMeter, this.waits);
    provide(this.container, RunFiles, { path: (name) => join(daemon.pidDir, `${daemon.namespace}.${name}`) });
  }
}
