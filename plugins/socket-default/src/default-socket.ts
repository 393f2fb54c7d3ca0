import { LogGroup } from "@cygnet/plugin-api";
import type { Host, Logger, ReceiveBatch, Socket, SocketStatus } from "@cygnet/plugin-api";
import type { NativeUdpSocketConstructor } from "@cygnet/native";
import type { Endpoint } from "./endpoint.js";
import { InterfaceCache } from "./interface-cache.js";
import { openEndpoints } from "./open-endpoints.js";
import type { Endpoints } from "./open-endpoints.js";
import type { SocketConfig } from "./socket-config.js";

export interface DefaultSocketDependencies {
  readonly log: Logger;
  /** The addon's class, unless a test brings a fake. */
  readonly Native?: NativeUdpSocketConstructor;
  /** Index of the interface that has an address, 0 for none; the system's by default. */
  readonly interfaceIndexOf?: (address: Uint8Array) => number;
}

/**
 * The classic single receiver: one socket per port and address family, read on the thread that opened them.
 *
 * `send` picks the socket by the family of the destination and the port of the source, 0 meaning the IKE port.
 */
export class DefaultSocket implements Socket {
  readonly #config: SocketConfig;
  readonly #log: Logger;
  readonly #endpoints: Endpoints;
  readonly #all: readonly Endpoint[];
  readonly #port: number;
  readonly #natPort: number;
  readonly #interfaces: InterfaceCache | undefined;
  #isClosed = false;

  /** Opens the sockets. @throws {SystemError} CYG_SOCKET_IN_USE, CYG_SOCKET_PRIVILEGE, CYG_SOCKET_OPEN, CYG_SOCKET_NONE */
  constructor(config: SocketConfig, { log, Native, interfaceIndexOf }: DefaultSocketDependencies) {
    this.#config = config;
    this.#log = log;
    this.#interfaces = config.setSourceInterface ? new InterfaceCache(interfaceIndexOf) : undefined;
    this.#endpoints = openEndpoints(config, log, Native);
    const { ipv4, ipv6 } = this.#endpoints;
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
    return (family === 4 ? this.#endpoints.ipv4 : this.#endpoints.ipv6) !== undefined;
  }

  start(receive: ReceiveBatch): void {
    for (const endpoint of this.#all) endpoint.start(receive);
  }

  send(data: Uint8Array, source: Host, destination: Host, dscp: number): void {
    const pair = destination.family === 4 ? this.#endpoints.ipv4 : this.#endpoints.ipv6;
    const isNat = source.port === this.#natPort;
    if (pair === undefined || (!isNat && source.port !== this.#port && source.port !== 0)) {
      this.#log.log(LogGroup.NET, 1, `no socket found to send IPv${destination.family} packet from port ${source.port}`);
      return;
    }
    if (this.#log.enabled(LogGroup.NET, 2)) this.#logSend(source, destination);
    const hasSource = source.family === destination.family && !source.isAny;
    (isNat ? pair.nat : pair.ike).udp.send(
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
    this.#interfaces?.clear();
  }

  status(): readonly SocketStatus[] {
    return this.#all.map((endpoint) => endpoint.status());
  }

  /** More calls do nothing. Packets still held stay readable and must be released as before. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const endpoint of this.#all) endpoint.udp.close();
  }

  #logSend(source: Host, destination: Host): void {
    this.#log.log(LogGroup.NET, 2, `sending packet: from ${source.toStringWithPort()} to ${destination.toStringWithPort()}`);
  }
}
