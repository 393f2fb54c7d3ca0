import { LogGroup } from "@cygnet/plugin-api";
import type { UdpSocket } from "@cygnet/native";
import type { Host, Logger, ReceiveBatch, Socket, SocketStatus } from "@cygnet/plugin-api";
import type { DynamicPorts } from "./dynamic-ports.js";
import type { Endpoint } from "./endpoint.js";
import type { Inbox } from "./inbox.js";
import { InterfaceCache } from "./interface-cache.js";
import type { Endpoints } from "./open-endpoints.js";
import type { Ports } from "./open-ports.js";
import type { SocketConfig } from "./socket-config.js";

export interface UdpSocketsDependencies {
  readonly log: Logger;
  /** Index of the interface that has an address, 0 for none; the system's by default. */
  readonly interfaceIndexOf?: (address: Uint8Array) => number;
}

/**
 * The sockets of one thread: one per port and address family, and those on further ports where there are such. With other shards, what they
 * received for this one comes in as well.
 *
 * `send` picks the socket by the family of the destination and the port of the source, 0 meaning the IKE port.
 */
export class UdpSockets implements Socket {
  readonly furtherPorts: DynamicPorts | undefined;
  readonly #config: SocketConfig;
  readonly #log: Logger;
  readonly #ports: Ports<Endpoint>;
  readonly #all: readonly Endpoint[];
  readonly #inbox: Inbox | undefined;
  readonly #port: number;
  readonly #natPort: number;
  readonly #interfaces: InterfaceCache | undefined;
  #isClosed = false;

  /** @param endpoints of at least one family, the caller's no more */
  constructor({ ports, inbox, dynamic }: Endpoints, config: SocketConfig, { log, interfaceIndexOf }: UdpSocketsDependencies) {
    this.#config = config;
    this.#log = log;
    this.#interfaces = config.setSourceInterface ? new InterfaceCache(interfaceIndexOf) : undefined;
    this.#ports = ports;
    this.#inbox = inbox;
    this.furtherPorts = dynamic;
    const { ipv4, ipv6 } = ports;
    this.#all = [ipv4?.ike, ipv4?.nat, ipv6?.ike, ipv6?.nat].filter((endpoint) => endpoint !== undefined);
    // Both families have the same ports.
    const either = (ipv4 ?? ipv6)!;
    this.#port = either.ike.udp.port;
    this.#natPort = either.nat.udp.port;
  }

  port(natT: boolean): number {
    return natT ? this.#natPort : this.#port;
  }

  supports(family: 4 | 6): boolean {
    return (family === 4 ? this.#ports.ipv4 : this.#ports.ipv6) !== undefined;
  }

  start(receive: ReceiveBatch): void {
    for (const endpoint of this.#all) endpoint.start(receive);
    this.#inbox?.start(receive);
    this.furtherPorts?.start(receive);
  }

  /** The room is that of all together; each may use it up until the next call, as the receiver looks once more. */
  admitFirst(plain: number, withCookie: number): void {
    const all = this.#all;
    for (let i = 0; i < all.length; i++) all[i].admitFirst(plain, withCookie);
    this.#inbox?.admitFirst(plain, withCookie);
  }

  send(data: Uint8Array, source: Host, destination: Host, dscp: number): void {
    const udp = this.#sender(destination.family, source.port);
    if (udp === undefined) {
      this.#log.log(LogGroup.NET, 1, `no socket found to send IPv${destination.family} packet from port ${source.port}`);
      return;
    }
    if (this.#log.enabled(LogGroup.NET, 2)) this.#logSend(source, destination);
    const hasSource = source.family === destination.family && !source.isAny;
    udp.send(
      data,
      destination,
      hasSource && this.#config.setSource ? source.address : undefined,
      (dscp & 0x3f) << 2,
      hasSource && this.#interfaces !== undefined ? this.#interfaces.indexOf(source) : 0,
    );
  }

  flush(): void {
    const all = this.#all;
    for (let i = 0; i < all.length; i++) all[i].flush();
    this.furtherPorts?.flush();
    this.#interfaces?.clear();
  }

  status(): readonly SocketStatus[] {
    const sockets = this.#all.map((endpoint) => endpoint.status());
    if (this.#inbox) sockets.push(this.#inbox.status());
    if (this.furtherPorts) sockets.push(this.furtherPorts.status());
    return sockets;
  }

  /** More calls do nothing. Packets still held stay readable and must be released as before. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const endpoint of this.#all) endpoint.udp.close();
    this.#inbox?.close();
    this.furtherPorts?.close();
  }

  #sender(family: 4 | 6, port: number): UdpSocket | undefined {
    const pair = family === 4 ? this.#ports.ipv4 : this.#ports.ipv6;
    if (pair === undefined) return undefined;
    if (port === this.#port || port === 0) return pair.ike.udp;
    if (port === this.#natPort) return pair.nat.udp;
    return this.furtherPorts?.sender(family, port);
  }

  #logSend(source: Host, destination: Host): void {
    this.#log.log(LogGroup.NET, 2, `sending packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()}`);
  }
}
