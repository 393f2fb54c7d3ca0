import type { FurtherPorts, Host, Packet, ReceiveBatch, Socket, SocketStatus } from "@cygnet/plugin-api";

/** A socket that delivers only what is not blocked. All else is the other socket's. */
export class FilteredSocket implements Socket {
  readonly furtherPorts: FurtherPorts | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly blocked: ReadonlySet<string>,
  ) {
    this.furtherPorts = socket.furtherPorts;
  }

  port(natT: boolean): number {
    return this.socket.port(natT);
  }

  supports(family: 4 | 6): boolean {
    return this.socket.supports(family);
  }

  start(receive: ReceiveBatch): void {
    const passed: Packet[] = [];
    this.socket.start((packets, count) => {
      passed.length = 0;
      for (const packet of packets.slice(0, count)) {
        // A packet that nobody handles must be given back, or its slot is lost.
        if (this.blocked.has(String(packet.source))) packet.release();
        else passed.push(packet);
      }
      if (passed.length > 0) receive(passed, passed.length);
    });
  }

  admitFirst(plain: number, withCookie: number): void {
    this.socket.admitFirst?.(plain, withCookie);
  }

  send(data: Uint8Array, source: Host, destination: Host, dscp: number): void {
    this.socket.send(data, source, destination, dscp);
  }

  flush(): void {
    this.socket.flush();
  }

  status(): readonly SocketStatus[] {
    return this.socket.status();
  }

  close(): void {
    this.socket.close();
  }
}
