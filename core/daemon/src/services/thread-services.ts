import { Clock, CryptoRegistry, KernelManager, Logger, WaitMeter } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { LogManager, NodeTimers, SystemClock, ThreadMeter, WaitTimes, createContainer, provide } from "@cygnet/runtime";
import { KernelInterfaces } from "./kernel-manager.js";

/** What each thread of the daemon has for itself, and the container from which its plugins get it. */
export class ThreadServices {
  readonly container = createContainer();
  readonly clock = new SystemClock();
  readonly timers = new NodeTimers();
  readonly log = new LogManager(this.clock);
  readonly meter = new ThreadMeter();
  readonly waits = new WaitTimes();
  readonly crypto: AlgorithmRegistry;
  readonly kernels = new KernelInterfaces();

  /** @param requireVectors refuse algorithms that no test vector exists for */
  constructor(requireVectors: boolean) {
    this.crypto = new AlgorithmRegistry({ vectors: testVectors, requireVectors, logger: this.log });
    provide(this.container, Clock, this.clock);
    provide(this.container, Logger, this.log);
    provide(this.container, CryptoRegistry, this.crypto);
    provide(this.container, KernelManager, this.kernels);
    provide(this.container, WaitMeter, this.waits);
  }
}
