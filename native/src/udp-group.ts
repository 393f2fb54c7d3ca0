import { NativeError } from "./native-error.js";
import type { NativeUdpSocketConstructor, UdpSocketOptions } from "./native-udp-socket.js";
import type { SteeringKey } from "./steering.js";
import { UdpSocket } from "./udp-socket.js";

export interface UdpGroupOptions extends Pick<
  UdpSocketOptions,
  "family" | "address" | "scopeId" | "port" | "mark" | "receiveBufferBytes"
> {
  readonly key: SteeringKey;
  /** Whether this is the port for NAT traversal. */
  readonly natT: boolean;
}

/**
 * The sockets of one address and port, one per shard, in one SO_REUSEPORT group whose datagrams the kernel steers by SPI.
 *
 * All are bound here, in order of the shards, because that is their index in the group, and stay open until `close`: a socket that was closed
 * would have the last one move into its place. Shards adopt the descriptors, so that one that is replaced finds its place, and what arrived
 * meanwhile in the kernel's queue.
 */
export class UdpGroup {
  readonly port: number;
  /** Why the kernel does not steer but spreads by address and port; undefined when it does. */
  readonly refusal: NativeError | undefined;
  readonly #sockets: UdpSocket[] = [];

  /** Leaves nothing open when it fails. @throws {NativeError} as for `UdpSocket`: EADDRINUSE also when a foreign group has the port */
  constructor({ key, natT, ...options }: UdpGroupOptions, Native?: NativeUdpSocketConstructor) {
    const open = (more: Partial<UdpSocketOptions>): UdpSocket => {
      const socket = new UdpSocket({ ...options, ...more, slots: 0, sendQueueBytes: 0 }, Native);
      this.#sockets.push(socket);
      return socket;
    };
    try {
      // With SO_REUSEPORT from the beginning it would join a group of another daemon of the same user.
      const founder = open({});
      this.port = founder.port;
      if (key.shards === 1) return;
      founder.allowSharing();
      while (this.#sockets.length < key.shards) open({ port: this.port, reusePort: true });
      this.refusal = refusalOf(() => founder.attachSteering(key, natT));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Descriptors by shard. */
  get fds(): readonly number[] {
    return this.#sockets.map(({ fd }) => fd);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

function refusalOf(action: () => void): NativeError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof NativeError) return error;
    throw error;
  }
}
