const PORTS = 65_536;

/**
 * How many shards have a socket on a port beside the two of IKE: memory that all of them share. A shard that died is counted for ever, which
 * costs no more than that its ports are not bound alone when they are used again.
 */
export class PortUsers {
  /** By family and port. */
  readonly #counts: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new Uint8Array(memory);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * PORTS);
  }

  has(family: 4 | 6, port: number): boolean {
    return Atomics.load(this.#counts, indexOf(family, port)) > 0;
  }

  add(family: 4 | 6, port: number): void {
    Atomics.add(this.#counts, indexOf(family, port), 1);
  }

  remove(family: 4 | 6, port: number): void {
    Atomics.sub(this.#counts, indexOf(family, port), 1);
  }
}

const indexOf = (family: 4 | 6, port: number): number => port + (family === 6 ? PORTS : 0);
