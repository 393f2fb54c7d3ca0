import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger, OpenedSockets, SharedEndpoint, SocketGroup, SteeringKey } from "@cygnet/plugin-api";
import { closeInbox, DatagramInbox, DatagramOutbox, NativeError, openInbox, UdpGroup, UdpSocket } from "@cygnet/native";
import type { InboxHandle, NativeUdpSocketConstructor, UdpSocketOptions } from "@cygnet/native";
import { DynamicPorts } from "./dynamic-ports.js";
import { Endpoint } from "./endpoint.js";
import { Inbox } from "./inbox.js";
import { openPorts } from "./open-ports.js";
import type { OpenPort, PortPair, Ports } from "./open-ports.js";
import { PortUsers } from "./port-users.js";
import type { SocketConfig } from "./socket-config.js";

/**
 * Wished receive buffer: the kernel drops whatever comes when it is full, what finishes a handshake as well as what begins one. At some 1,300
 * octets of kernel memory per datagram it holds about 25,000, for as long as the thread is kept from reading. The system's default of
 * 208 KiB holds 160.
 */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;
/** What waits for one shard in the rings of all others together, and in one of them at least. Unused, it is no memory at all. */
const INBOX_BYTES = 2 * 1024 * 1024;
const MIN_LANE_BYTES = 256 * 1024;

/** The sockets of one shard, and its inbox where there are others. */
export interface Endpoints {
  readonly ports: Ports<Endpoint>;
  readonly inbox: Inbox | undefined;
  /** Undefined where there are no ports but the two. */
  readonly dynamic: DynamicPorts | undefined;
}

/**
 * Opens sockets for a daemon of one shard.
 * @throws {SystemError} CYG_SOCKET_IN_USE, CYG_SOCKET_PRIVILEGE, CYG_SOCKET_OPEN, CYG_SOCKET_NONE
 */
export function openEndpoints(config: SocketConfig, log: Logger, Native?: NativeUdpSocketConstructor): Endpoints {
  const { maxPacketBytes } = config;
  const opened = openPorts(
    config,
    log,
    (family, _, port) => new UdpSocket({ ...common(config), family, port, maxPacketBytes }, Native),
  );
  const dynamic = config.opensPorts ? new DynamicPorts({ config, log, Native }) : undefined;
  return { ports: mapPorts(opened, (udp) => new Endpoint(udp, log)), inbox: undefined, dynamic };
}

/** How the sockets of several shards are opened. */
export interface SharingOptions {
  /** One socket per port, which shard 0 reads for all; otherwise a socket for each shard, among which the kernel chooses by SPI. */
  readonly hasOneReceiver: boolean;
  readonly log: Logger;
  /** The addon's class, unless a test brings a fake. */
  readonly Native?: NativeUdpSocketConstructor | undefined;
}

/**
 * Opens sockets and rings for all shards, on control. One line in the log where the kernel does not steer.
 * @throws {SystemError} as `openEndpoints`
 */
export function openSharedSockets(config: SocketConfig, key: SteeringKey, options: SharingOptions): OpenedSockets {
  const { hasOneReceiver, log, Native } = options;
  const { shards } = key;
  const opened = openPorts<SharedPort>(config, log, (family, natT, port) => {
    const settings = { ...common(config), family, port };
    if (!hasOneReceiver) return new UdpGroup({ ...settings, key, natT }, Native);
    return new SingleSocket(new UdpSocket({ ...settings, slots: 0, sendQueueBytes: 0 }, Native), shards);
  });
  const all = listPorts(opened);
  const refusal = all.map(({ port }) => port.refusal).find((error) => error !== undefined);
  if (refusal) {
    const reason = refusal.message;
    log.log(LogGroup.NET, 1, `the kernel does not steer datagrams by SPI (${reason}): shards forward what is for others`);
  }
  const close = (inboxes: readonly InboxHandle[]): void => {
    for (const { port } of all) port.close();
    for (const inbox of inboxes) closeInbox(inbox);
  };
  const inboxes: InboxHandle[] = [];
  try {
    // Each shard that reads sockets has a lane; with one receiver that is shard 0 alone.
    const lanes = hasOneReceiver ? 1 : shards;
    const laneBytes = Math.max(MIN_LANE_BYTES, INBOX_BYTES / lanes);
    while (inboxes.length < shards) inboxes.push(openInbox(lanes, laneBytes));
  } catch (error) {
    close(inboxes);
    throw asSystemError(error);
  }
  const endpoints = all.map(({ family, natT, port }): SharedEndpoint => ({ family, natT, port: port.port, fds: port.fds }));
  const portUsers = config.opensPorts ? PortUsers.allocate() : undefined;
  return { shared: { endpoints, hasOneReceiver, inboxes, portUsers }, close: () => close(inboxes) };
}

/**
 * Adopts what control opened for this shard. What belongs to other shards goes to them without being seen here.
 * @throws {SystemError} CYG_SOCKET_OPEN
 */
export function adoptEndpoints(group: SocketGroup, config: SocketConfig, log: Logger): Endpoints {
  const { shard, key, shared } = group;
  const { maxPacketBytes } = config;
  const isReader = !shared.hasOneReceiver || shard === 0;
  const closing: { close(): void }[] = [];
  try {
    const outbox = isReader ? new DatagramOutbox(shared.inboxes, shard) : undefined;
    if (outbox) closing.push(outbox);
    const adopt = ({ family, natT, fds }: SharedEndpoint): Endpoint => {
      const udp = new UdpSocket({ family, fd: fds[shard], maxPacketBytes, ...(!isReader && { slots: 0 }) });
      closing.push(udp);
      if (outbox) udp.forward({ ...key, natT }, shard, outbox);
      return new Endpoint(udp, log);
    };
    const pair = (family: 4 | 6): PortPair<Endpoint> | undefined => {
      const [ike, nat] = [false, true].map((isNat) => shared.endpoints.find((e) => e.family === family && e.natT === isNat));
      return ike && nat && { ike: adopt(ike), nat: adopt(nat) };
    };
    const ports = { ipv4: pair(4), ipv6: pair(6) };
    const inbox = new Inbox(new DatagramInbox({ ...shared.inboxes[shard], maxPacketBytes }), log);
    if (outbox && shared.portUsers) {
      const sharing = { key, shard, outbox, users: new PortUsers(shared.portUsers) };
      return { ports, inbox, dynamic: new DynamicPorts({ config, log, sharing }) };
    }
    // The sockets have it now, until they are closed.
    outbox?.close();
    return { ports, inbox, dynamic: undefined };
  } catch (error) {
    for (const socket of closing) socket.close();
    throw asSystemError(error);
  }
}

const common = ({ mark }: SocketConfig): Pick<UdpSocketOptions, "mark" | "receiveBufferBytes"> => ({
  mark,
  receiveBufferBytes: RECEIVE_BUFFER_BYTES,
});

/** One port as all shards have it. */
interface SharedPort extends OpenPort {
  readonly fds: readonly number[];
  readonly refusal: NativeError | undefined;
}

/** One socket for all shards. */
class SingleSocket implements SharedPort {
  readonly refusal = undefined;

  constructor(
    private readonly udp: UdpSocket,
    private readonly shards: number,
  ) {}

  get port(): number {
    return this.udp.port;
  }

  get fds(): readonly number[] {
    return Array.from({ length: this.shards }, () => this.udp.fd);
  }

  close(): void {
    this.udp.close();
  }
}

function listPorts<T>({ ipv4, ipv6 }: Ports<T>): { readonly family: 4 | 6; readonly natT: boolean; readonly port: T }[] {
  const of = (family: 4 | 6, pair: PortPair<T> | undefined): ReturnType<typeof listPorts<T>> =>
    pair
      ? [
          { family, natT: false, port: pair.ike },
          { family, natT: true, port: pair.nat },
        ]
      : [];
  return [...of(4, ipv4), ...of(6, ipv6)];
}

function mapPorts<T, U>({ ipv4, ipv6 }: Ports<T>, map: (port: T) => U): Ports<U> {
  const of = (pair: PortPair<T> | undefined): PortPair<U> | undefined => pair && { ike: map(pair.ike), nat: map(pair.nat) };
  return { ipv4: of(ipv4), ipv6: of(ipv6) };
}

function asSystemError(error: unknown): unknown {
  if (!(error instanceof NativeError)) return error;
  const { syscall, errno, message } = error;
  return new SystemError("CYG_SOCKET_OPEN", syscall, errno, `cannot open the sockets of the shards: ${message}`, {
    cause: error,
  });
}
