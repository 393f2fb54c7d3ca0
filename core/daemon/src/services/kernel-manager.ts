import type { KernelEvents, KernelIpsec, KernelManager, KernelNet } from "@cygnet/plugin-api";

/** Holds the kernel interfaces in use: of each kind, the first one registered that is still there. */
export class KernelInterfaces implements KernelManager {
  readonly #ipsec: KernelIpsec[] = [];
  readonly #net: KernelNet[] = [];

  #listener: KernelEvents | undefined;
  readonly #roamListeners = new Set<() => void>();

  /** Passes on what the kernel tells, as long as somebody listens. */
  readonly events: KernelEvents = {
    acquire: (reqid, source, destination) => this.#listener?.acquire(reqid, source, destination),
    expire: (protocol, spi, destination, hard) => this.#listener?.expire(protocol, spi, destination, hard),
    mapping: (protocol, spi, destination, remote) => this.#listener?.mapping(protocol, spi, destination, remote),
    migrate: (protocol, spi, destination, local, remote) => this.#listener?.migrate(protocol, spi, destination, local, remote),
    roam: (addressChanged) => {
      this.#listener?.roam(addressChanged);
      for (const listener of this.#roamListeners) listener();
    },
  };

  /** The shard of this thread. */
  listen(listener: KernelEvents): void {
    this.#listener = listener;
  }

  onRoam(listener: () => void): () => void {
    // An entry of its own, as one may be added twice.
    const entry = (): void => listener();
    this.#roamListeners.add(entry);
    return () => void this.#roamListeners.delete(entry);
  }

  addIpsec(kernel: KernelIpsec): () => void {
    return add(this.#ipsec, kernel);
  }

  addNet(net: KernelNet): () => void {
    return add(this.#net, net);
  }

  get ipsec(): KernelIpsec | undefined {
    return this.#ipsec[0];
  }

  get net(): KernelNet | undefined {
    return this.#net[0];
  }
}

function add<T>(list: T[], item: T): () => void {
  list.push(item);
  return () => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  };
}
