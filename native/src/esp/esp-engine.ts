import { attempt } from "../native-error.js";
import type { SteeringKey } from "../steering.js";
import { espBinding } from "./esp-binding.js";
import type { EspCounters, EspEndpoint, EspEngineOptions, EspEvent, EspPolicy, EspSa, NativeEspEngine } from "./esp-binding.js";

/** How long an SA is used, from its addition on; 0 for ever. */
export interface EspLifetime {
  readonly softMs: number;
  readonly hardMs: number;
}

/**
 * ESP in user space: packets between a TUN device and sockets, on a thread of its own that no JavaScript holds up.
 *
 * Several threads of the process may have an engine of the same name: they share device, thread and sockets. What one of them installs is its
 * own; its events come to it, and what it leaves behind goes when it is closed, or its thread ends. Changes take effect in their order,
 * before the next packet.
 */
export class EspEngine {
  readonly #native: NativeEspEngine;

  /** @throws {NativeError} EACCES or EPERM without CAP_NET_ADMIN, ENOENT without /dev/net/tun, EBUSY for a device that another program has */
  constructor(options: EspEngineOptions, listener: (event: EspEvent) => void) {
    this.#native = attempt(() => new (espBinding().EspEngine)(options, listener));
  }

  /** Name of the TUN device. */
  get device(): string {
    return this.#native.device;
  }

  /** Octets of the largest packet inside. */
  get mtu(): number {
    return this.#native.mtu;
  }

  /**
   * ESP goes in and out by a socket of its own on the port of this bound one, which is for IKE in UDP with the non-ESP marker: the kernel tells the two
   * apart. Does nothing where an engine of the name has such a socket of the family.
   * @param key of the socket's SO_REUSEPORT group, which has `shards` sockets; `{ shards: 1 }` for one that is alone
   * @throws {NativeError} where the kernel does not steer so
   */
  joinPort(fd: number, family: 4 | 6, key: Pick<SteeringKey, "shards"> & Partial<SteeringKey>): void {
    attempt(() => this.#native.joinPort(fd, family, key));
  }

  /**
   * ESP that is not in UDP goes in and out by a raw socket of the family of this one, which has its address and mark. Does nothing where an engine of the
   * name has such a socket of the family.
   * @throws {NativeError} EPERM without CAP_NET_RAW
   */
  openRaw(fd: number, family: 4 | 6): void {
    attempt(() => this.#native.openRaw(fd, family));
  }

  /** The SA is the engine's from now on. @throws {TypeError} when one has it already */
  addSa(sa: EspSa, { softMs, hardMs }: EspLifetime): void {
    attempt(() => this.#native.addSa(sa, softMs, hardMs));
  }

  removeSa(sa: EspSa): void {
    attempt(() => this.#native.removeSa(sa));
  }

  /** Its packets go from and to elsewhere. */
  moveSa(sa: EspSa, source: EspEndpoint, destination: EspEndpoint, inUdp = true): void {
    attempt(() => this.#native.moveSa(sa, { source, destination, inUdp }));
  }

  /** Of equal policies the one added last is used: the CHILD_SA that rekeys another. */
  addPolicy(policy: EspPolicy): void {
    attempt(() => this.#native.addPolicy(policy));
  }

  removePolicy(policy: EspPolicy): void {
    attempt(() => this.#native.removePolicy(policy));
  }

  counters(): EspCounters {
    return attempt(() => this.#native.counters());
  }

  /** More calls do nothing. No event comes after it. */
  close(): void {
    this.#native.close();
  }
}
