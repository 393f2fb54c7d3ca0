import { Host } from "@cygnet/plugin-api";
import type { Packet, ReceiveBatch, Socket } from "@cygnet/plugin-api";
import type { TimerSource } from "@cygnet/runtime";

/** One datagram on its way. */
export interface Flight {
  readonly data: Uint8Array;
  readonly source: Host;
  readonly destination: Host;
}

/** What becomes of a datagram: how many copies arrive after how many milliseconds each; none for lost. */
export type Fate = (flight: Flight, index: number) => readonly number[];

const LATENCY_MS = 1;

/**
 * Joins in-memory sockets. Datagrams take a millisecond of virtual time each unless `fate` says otherwise.
 */
export class MemoryNetwork {
  readonly #sockets: MemorySocket[] = [];
  /** Everything that was sent, in order. */
  readonly flights: Flight[] = [];
  fate: Fate = () => [LATENCY_MS];
  /** Rewrites addresses on the way, as a NAT does. */
  translate: (flight: Flight) => Flight = (flight) => flight;

  constructor(private readonly timers: TimerSource) {}

  socket(address: string, port = 500, natPort = 4500): MemorySocket {
    const socket = new MemorySocket(this, Host.of(address), port, natPort);
    this.#sockets.push(socket);
    return socket;
  }

  /** Sends as a socket would, or as an attacker. */
  send(flight: Flight): void {
    this.flights.push(flight);
    for (const delay of this.fate(flight, this.flights.length - 1))
      this.timers.timer(() => this.deliver(this.translate(flight))).arm(delay);
  }

  /** Hands a datagram over, as it arrives. */
  deliver(flight: Flight): void {
    for (const socket of this.#sockets) socket.accept(flight);
  }
}

/** The `Socket` contract in memory. */
export class MemorySocket implements Socket {
  #receive: ReceiveBatch | undefined;
  /** Packets that were delivered and not released. */
  held = 0;
  /** Where it takes datagrams besides. */
  readonly otherAddresses: Host[] = [];
  /** For first messages, as it was told last. It delivers them all the same. */
  room = { plain: NaN, withCookie: NaN };

  constructor(
    private readonly network: MemoryNetwork,
    readonly address: Host,
    private readonly ikePort: number,
    private readonly natPort: number,
  ) {}

  port(natT: boolean): number {
    return natT ? this.natPort : this.ikePort;
  }

  supports(): boolean {
    return true;
  }

  start(receive: ReceiveBatch): void {
    this.#receive = receive;
  }

  send(data: Uint8Array, source: Host, destination: Host): void {
    const from = source.isAny ? this.address.withPort(source.port || this.ikePort) : source;
    this.network.send({ data: data.slice(), source: from, destination });
  }

  accept(flight: Flight): void {
    this.acceptAll([flight]);
  }

  /** Delivers those of them that are for this address in one batch. */
  acceptAll(flights: readonly Flight[]): void {
    const packets = flights
      .filter(({ destination: { port } }) => port === this.ikePort || port === this.natPort)
      .filter(({ destination }) => [this.address, ...this.otherAddresses].some((own) => own.sameAddress(destination)))
      .map(({ data, source, destination }): Packet => {
        return { data: data.slice(), length: data.length, source, destination, release: () => void this.held-- };
      });
    if (packets.length === 0 || !this.#receive) return;
    this.held += packets.length;
    this.#receive(packets, packets.length);
  }

  admitFirst(plain: number, withCookie: number): void {
    this.room = { plain, withCookie };
  }

  flush(): void {}

  status(): [] {
    return [];
  }

  close(): void {
    this.#receive = undefined;
  }
}
