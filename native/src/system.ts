import { loadBinding } from "./binding.js";
import { attempt } from "./native-error.js";

/** The addon's functions. A test may pass a fake. */
export interface NativeSystem {
  getAffinity(): number[];
  setAffinity(cpus: Uint32Array): void;
  setProcessAffinity(cpus: Uint32Array): void;
  onlineCpus(): number;
  residentBytes(): number;
  cpuUsage(ofThread: boolean, out: Float64Array): void;
  monotonicNs(): number;
  interfaceIndexOf(address: Uint8Array): number;
  setSocketOption(fd: number, level: number, option: number, value: Uint8Array): void;
  notify(address: string, message: string): void;
}

/** CPU time in microseconds. */
export interface CpuTime {
  readonly userUs: number;
  readonly systemUs: number;
}

/**
 * What the operating system knows about this process and thread.
 *
 * Affinity and thread time are those of the calling thread. A new thread inherits the mask of the one that starts it.
 */
export class System {
  readonly #native: NativeSystem;
  readonly #usage = new Float64Array(2);

  constructor(native: NativeSystem = loadBinding<NativeSystem>()) {
    this.#native = native;
  }

  /** Numbers of the CPUs this thread may run on, ascending; at least one. @throws {NativeError} */
  affinity(): readonly number[] {
    return attempt(() => this.#native.getAffinity());
  }

  /**
   * Restricts this thread to `cpus`. CPUs that do not exist are ignored as long as one does.
   * @throws {NativeError} EINVAL when none of them can be used
   */
  setAffinity(cpus: readonly number[]): void {
    const list = listOf(cpus);
    attempt(() => this.#native.setAffinity(list));
  }

  /**
   * As `setAffinity`, for all threads of the process, those of Node.js itself included.
   * @throws {NativeError} as `setAffinity`, then without effect, and ENOENT without /proc
   */
  setProcessAffinity(cpus: readonly number[]): void {
    const list = listOf(cpus);
    attempt(() => this.#native.setProcessAffinity(list));
  }

  /** How many CPUs are online, whether this thread may use them or not. */
  onlineCpus(): number {
    return this.#native.onlineCpus();
  }

  /** Resident memory of the process in octets; a few microseconds. @throws {NativeError} without /proc */
  residentBytes(): number {
    return attempt(() => this.#native.residentBytes());
  }

  /** CPU time of the calling thread since it began. */
  threadCpu(): CpuTime {
    return this.#cpu(true);
  }

  /** CPU time of all threads of the process, those that ended included. */
  processCpu(): CpuTime {
    return this.#cpu(false);
  }

  /** CLOCK_MONOTONIC in nanoseconds since an arbitrary start; exact to 2 ns within 200 days of uptime. Allocates nothing of note. */
  monotonicNs(): number {
    return this.#native.monotonicNs();
  }

  /** Index of the interface that has `address` (4 or 16 octets), 0 when none has. Asks the kernel each time: cache it. */
  interfaceIndexOf(address: Uint8Array): number {
    return attempt(() => this.#native.interfaceIndexOf(address));
  }

  /** setsockopt(2) on a descriptor of this process; the value's layout is the option's. @throws {NativeError} */
  setSocketOption(fd: number, level: number, option: number, value: Uint8Array): void {
    attempt(() => this.#native.setSocketOption(fd, level, option, value));
  }

  /**
   * Sends one datagram to a Unix socket, which Node.js cannot: for the service manager that $NOTIFY_SOCKET names (sd_notify(3)).
   * @param address a path, or `@` and an abstract name
   * @throws {NativeError} ECONNREFUSED or ENOENT if nobody listens, EINVAL for what is no address, EAGAIN after a second without a reader
   */
  notify(address: string, message: string): void {
    attempt(() => this.#native.notify(address, message));
  }

  #cpu(ofThread: boolean): CpuTime {
    this.#native.cpuUsage(ofThread, this.#usage);
    return { userUs: this.#usage[0], systemUs: this.#usage[1] };
  }
}

function listOf(cpus: readonly number[]): Uint32Array {
  const list = Uint32Array.from(cpus);
  if (cpus.some((cpu, i) => list[i] !== cpu)) throw new TypeError("a CPU is an integer from 0");
  return list;
}
