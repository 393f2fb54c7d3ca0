import { readFileSync } from "node:fs";
import { InternalError, SystemError } from "@cygnet/plugin-api";
import type { FurtherPorts, IkeSocket, Logger, ReceiveBatch, SocketStatus, SteeringKey } from "@cygnet/plugin-api";
import { NativeError, UdpSocket } from "@cygnet/native";
import type { DatagramOutbox, NativeUdpSocketConstructor } from "@cygnet/native";
import { Endpoint } from "./endpoint.js";
import { HostCaches } from "./host-cache.js";
import type { Family } from "./open-ports.js";
import type { PortUsers } from "./port-users.js";
import type { SocketConfig } from "./socket-config.js";

/** One or a few IKE_SAs use a port, so few datagrams are in work at a time. The kernel's queue holds more. */
const SLOTS = 16;
/** For bursts of a few hundred datagrams, where many IKE_SAs use one port. */
const RECEIVE_BUFFER_BYTES = 512 * 1024;
/** Room for the largest datagram, twice. Untouched, neither slots nor queue is memory. */
const SEND_QUEUE_BYTES = 144 * 1024;
/** Descriptors that are left for control sockets, log files and scripts. */
const RESERVED_DESCRIPTORS = 64;
/** Another shard has bound the port, and is about to say so; an attempt takes some ten microseconds. */
const MAX_ATTEMPTS = 100;
/** Sockets whose counters are read in one go; each takes system calls. */
const STATUS_BATCH = 256;

/** How a shard among others opens further ports. */
export interface DynamicSharing {
  readonly key: SteeringKey;
  readonly shard: number;
  readonly outbox: DatagramOutbox;
  readonly users: PortUsers;
}

export interface DynamicPortsOptions {
  readonly config: SocketConfig;
  readonly log: Logger;
  /** Undefined in a daemon of one shard. */
  readonly sharing?: DynamicSharing | undefined;
  /** Of the process; the system's by default. */
  readonly maxDescriptors?: number;
  readonly Native?: NativeUdpSocketConstructor | undefined;
}

interface DynamicPort {
  readonly endpoint: Endpoint;
  users: number;
  /** Something waits for `flush`. */
  isPending: boolean;
  status: SocketStatus;
}

/**
 * Sockets on ports beside the two of IKE, opened when they are asked for. What arrives there has the non-ESP marker, unless it comes from port
 * 500.
 *
 * Several shards may use one port. Each has a socket there, the first one's bound alone, so that no other program is let in; whichever socket
 * the kernel chooses, a datagram is handed to its shard.
 */
export class DynamicPorts implements FurtherPorts {
  readonly #options: DynamicPortsOptions;
  readonly #maxDescriptors: number;
  readonly #open = new Map<number, DynamicPort>();
  /** For all of them, as there may be thousands. */
  readonly #hosts = new HostCaches(1024);
  #pending: DynamicPort[] = [];
  #receive: ReceiveBatch | undefined;
  #prepare: ((socket: IkeSocket) => void) | undefined;
  #sum = NOTHING;
  #isClosed = false;
  #sampled: Iterator<DynamicPort> | undefined;

  constructor(options: DynamicPortsOptions) {
    this.#options = options;
    this.#maxDescriptors = options.maxDescriptors ?? descriptorLimit();
  }

  /** Sockets that are opened from now on are the kernel's to prepare. They also get IKE without the non-ESP marker, so that it leaves ESP in UDP alone. */
  prepareWith(prepare: (socket: IkeSocket) => void): void {
    this.#prepare = prepare;
  }

  /** From now on what is and will be open is read. */
  start(receive: ReceiveBatch): void {
    this.#receive = receive;
    for (const { endpoint } of this.#open.values()) endpoint.start(receive, this.#hosts);
  }

  use(family: Family, port: number): void {
    const key = keyOf(family, port);
    const known = this.#open.get(key);
    if (known) {
      known.users++;
      return;
    }
    const endpoint = new Endpoint(this.#openSocket(family, port), this.#options.log);
    this.#prepare?.({ fd: endpoint.udp.fd, family, port, natT: false });
    if (this.#receive) endpoint.start(this.#receive, this.#hosts);
    this.#open.set(key, { endpoint, users: 1, isPending: false, status: NOTHING });
  }

  release(family: Family, port: number): void {
    const key = keyOf(family, port);
    const dynamic = this.#open.get(key);
    // All of them are closed with the sockets.
    if (!dynamic && this.#isClosed) return;
    if (!dynamic) throw new InternalError(`UDP port ${port} is released and was not in use`);
    if (--dynamic.users > 0) return;
    this.#open.delete(key);
    this.#close(dynamic);
  }

  /** The socket to send from, which `flush` will not forget; undefined where the port is not open. */
  sender(family: Family, port: number): UdpSocket | undefined {
    const dynamic = this.#open.get(keyOf(family, port));
    if (!dynamic) return undefined;
    if (!dynamic.isPending) {
      dynamic.isPending = true;
      this.#pending.push(dynamic);
    }
    return dynamic.endpoint.udp;
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    for (const dynamic of this.#pending) {
      dynamic.isPending = false;
      dynamic.endpoint.flush();
    }
    this.#pending = [];
  }

  /** All of them as one, those that were closed included. Where they are many, not all that happened since the last call is in it. */
  status(): SocketStatus {
    if (this.#open.size <= STATUS_BATCH) for (const dynamic of this.#open.values()) this.#sample(dynamic);
    else this.#sampleSome();
    return this.#sum;
  }

  close(): void {
    this.#isClosed = true;
    for (const dynamic of this.#open.values()) this.#close(dynamic);
    this.#open.clear();
    this.#options.sharing?.outbox.close();
  }

  #openSocket(family: Family, port: number): UdpSocket {
    const { sharing } = this.#options;
    let udp: UdpSocket | undefined;
    try {
      udp = sharing ? this.#join(family, port, sharing) : this.#bind(family, port, false);
      if (udp.fd >= this.#maxDescriptors - RESERVED_DESCRIPTORS)
        throw new NativeError("socket", "EMFILE", `descriptor ${udp.fd} of ${this.#maxDescriptors}`);
      if (!sharing) return udp;
      udp.allowSharing();
      udp.forward({ ...sharing.key, natT: true, plainFrom500: true }, sharing.shard, sharing.outbox);
      return udp;
    } catch (error) {
      if (udp) this.#closeSocket(udp);
      throw this.#refused(error, family, port);
    }
  }

  #bind(family: Family, port: number, reusePort: boolean): UdpSocket {
    const { config, Native } = this.#options;
    const { mark, maxPacketBytes } = config;
    const buffers = { slots: SLOTS, sendQueueBytes: SEND_QUEUE_BYTES, receiveBufferBytes: RECEIVE_BUFFER_BYTES };
    return new UdpSocket({ family, port, mark, maxPacketBytes, reusePort, ...buffers }, Native);
  }

  /** Binds the port alone, or beside the other shards that have it, which let it. */
  #join(family: Family, port: number, { users }: DynamicSharing): UdpSocket {
    for (let attempt = 1; ; attempt++) {
      try {
        const udp = this.#bind(family, port, users.has(family, port));
        users.add(family, port);
        return udp;
      } catch (error) {
        const isTaken = error instanceof NativeError && error.errno === "EADDRINUSE";
        if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #close(dynamic: DynamicPort): void {
    // So that it counts.
    dynamic.endpoint.flush();
    this.#sample(dynamic);
    const { status } = dynamic;
    const sum = this.#sum;
    this.#sum = {
      ...sum,
      queuedBytes: sum.queuedBytes - status.queuedBytes,
      bufferBytes: sum.bufferBytes - status.bufferBytes,
    };
    this.#closeSocket(dynamic.endpoint.udp);
  }

  #closeSocket(udp: UdpSocket): void {
    udp.close();
    this.#options.sharing?.users.remove(udp.family, udp.port);
  }

  /** The next ones, and the first ones again after the last. */
  #sampleSome(): void {
    for (let i = 0; i < STATUS_BATCH; i++) {
      this.#sampled ??= this.#open.values();
      const { done, value } = this.#sampled.next();
      if (done) this.#sampled = undefined;
      else this.#sample(value);
    }
  }

  #sample(dynamic: DynamicPort): void {
    const [sum, before, now] = [this.#sum, dynamic.status, dynamic.endpoint.status()];
    dynamic.status = now;
    this.#sum = {
      local: sum.local,
      received: sum.received + now.received - before.received,
      forwarded: sum.forwarded + now.forwarded - before.forwarded,
      sent: sum.sent + now.sent - before.sent,
      dropped: sum.dropped + now.dropped - before.dropped,
      shed: sum.shed + now.shed - before.shed,
      sendErrors: sum.sendErrors + now.sendErrors - before.sendErrors,
      queuedBytes: sum.queuedBytes + now.queuedBytes - before.queuedBytes,
      bufferBytes: sum.bufferBytes + now.bufferBytes - before.bufferBytes,
    };
  }

  /** One sentence with port and remedy. */
  #refused(error: unknown, family: Family, port: number): unknown {
    if (!(error instanceof NativeError)) return error;
    const { syscall, errno } = error;
    const local = `${family === 4 ? "0.0.0.0" : "::"}[${port}]`;
    const make = (code: string, message: string): SystemError => new SystemError(code, syscall, errno, message, { cause: error });
    switch (errno) {
      case "EADDRINUSE":
        return make("CYG_SOCKET_IN_USE", `another program uses UDP port ${local}: nothing can be sent from there`);
      case "EACCES":
        return make(
          "CYG_SOCKET_PRIVILEGE",
          `no permission to bind UDP port ${local}: run as root or with CAP_NET_BIND_SERVICE, or use a port from 1024 on`,
        );
      case "EMFILE":
      case "ENFILE":
        return make(
          "CYG_SOCKET_LIMIT",
          `no descriptor left for UDP port ${local}: ${this.#open.size} ports are open, and the process may have ${this.#maxDescriptors} descriptors (ulimit -n, LimitNOFILE)`,
        );
      default:
        return make("CYG_SOCKET_OPEN", `cannot open UDP port ${local}: ${error.message}`);
    }
  }
}

const NOTHING: SocketStatus = {
  local: "dynamic ports",
  received: 0,
  forwarded: 0,
  sent: 0,
  dropped: 0,
  shed: 0,
  sendErrors: 0,
  queuedBytes: 0,
  bufferBytes: 0,
};

const keyOf = (family: Family, port: number): number => port * 2 + (family === 6 ? 1 : 0);

/** Node.js raises its limit to the highest that is allowed when it starts. */
function descriptorLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return limit ? Number(limit[1]) : Infinity;
  } catch {
    return Infinity;
  }
}
