import { loadBinding } from "./binding.js";
import type { InboxHandle } from "./datagram-inbox.js";
import { attempt } from "./native-error.js";
import * as at from "./udp-layout.js";

/** The addon's class. */
export interface NativeDatagramOutbox {
  push(shard: number, header: Uint8Array, payload: Uint8Array): boolean;
  flush(): void;
  forwarded(shard: number): number;
  dropped(shard: number): number;
  close(): void;
}

type NativeDatagramOutboxConstructor = new (memoryFds: Int32Array, wakeFds: Int32Array, lane: number) => NativeDatagramOutbox;

/** A datagram that is handed to another shard: as its receiver will see it. */
export interface ForwardedDatagram {
  readonly data: Uint8Array;
  /** 4 or 16 octets, both addresses alike. */
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly destination: Uint8Array;
  readonly destinationPort: number;
}

/**
 * The way of one thread to the inboxes of all shards. Sockets push into it what is not theirs (`UdpSocket.forward`).
 *
 * Not for use across threads. Only one outbox at a time may have a given lane.
 */
export class DatagramOutbox {
  /** For `UdpSocket` alone. */
  readonly native: NativeDatagramOutbox;
  readonly #header = new Uint8Array(at.HEADER_BYTES);
  readonly #header16 = new Uint16Array(this.#header.buffer);

  /**
   * @param inboxes by shard
   * @param lane the number of this thread among all that send to these inboxes
   * @throws {NativeError} EBADF or EINVAL for a descriptor that is no inbox, or a lane that it does not have
   */
  constructor(inboxes: readonly InboxHandle[], lane: number) {
    const Native = loadBinding<{ readonly DatagramOutbox: NativeDatagramOutboxConstructor }>().DatagramOutbox;
    const fds = (of: (inbox: InboxHandle) => number): Int32Array => Int32Array.from(inboxes, of);
    this.native = attempt(
      () =>
        new Native(
          fds(({ memoryFd }) => memoryFd),
          fds(({ wakeFd }) => wakeFd),
          lane,
        ),
    );
  }

  /**
   * Copies a datagram to `shard`, which sees it after `flush`.
   * @returns false when its lane is full: the datagram is lost, and counted
   * @throws {NativeError} EBADF when closed
   */
  push(shard: number, datagram: ForwardedDatagram): boolean {
    const header = this.#header;
    header.fill(0);
    header[at.FAMILY_AT] = datagram.source.length === 4 ? 4 : 6;
    this.#header16[at.SOURCE_PORT_AT / 2] = datagram.sourcePort;
    this.#header16[at.DESTINATION_PORT_AT / 2] = datagram.destinationPort;
    header.set(datagram.source, at.SOURCE_AT);
    header.set(datagram.destination, at.DESTINATION_AT);
    return attempt(() => this.native.push(shard, header, datagram.data));
  }

  /** Wakes the shards that were pushed to. */
  flush(): void {
    this.native.flush();
  }

  /** Datagrams that went from this lane to `shard`, whoever had the lane before included. */
  forwarded(shard: number): number {
    return this.native.forwarded(shard);
  }

  /** Datagrams that found the lane to `shard` full. */
  dropped(shard: number): number {
    return this.native.dropped(shard);
  }

  /** Wakes who was pushed to, and lets go of the inboxes. Sockets that forward keep them until they are closed. More calls do nothing. */
  close(): void {
    this.native.close();
  }
}
