import { connect } from "node:net";
import type { Socket } from "node:net";
import { PacketSplitter, PacketType, encodeMessage, encodePacket, parseMessage, parsePacket } from "@cygnet/vici";
import type { MessageData, ViciPacket } from "@cygnet/vici";

/** A connection that sends what it is told, in pieces if need be, and reads when it is told. */
export class RawClient {
  readonly packets: ViciPacket[] = [];
  /** Resolves when the daemon has closed the connection. */
  readonly closed: Promise<void>;
  readonly #splitter = new PacketSplitter();
  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      for (const packet of this.#splitter.push(chunk)) this.packets.push(parsePacket(packet));
      this.#wake();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        resolve();
        this.#wake();
      }),
    );
  }

  static connect(path: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject).once("connect", () => resolve(new RawClient(socket)));
    });
  }

  /** Resolves when the kernel has it. */
  write(octets: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(octets, () => resolve()));
  }

  request(command: string, data: MessageData = {}): Promise<void> {
    return this.write(encodePacket(PacketType.CMD_REQUEST, command, encodeMessage(data)));
  }

  register(event: string): Promise<void> {
    return this.write(encodePacket(PacketType.EVENT_REGISTER, event));
  }

  unregister(event: string): Promise<void> {
    return this.write(encodePacket(PacketType.EVENT_UNREGISTER, event));
  }

  /** The next packets, in a short form: `CMD_RESPONSE {"success":"yes"}`. @throws when the connection ends before */
  async take(count: number): Promise<string[]> {
    while (this.packets.length < count) {
      if (this.socket.destroyed) throw new Error(`the connection ended after ${this.packets.map(describe).join(", ")}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.packets.splice(0, count).map(describe);
  }
}

function describe({ type, name, message }: ViciPacket): string {
  const parts = [PacketType[type], name, message.length > 0 ? JSON.stringify(parseMessage(message)) : ""];
  return parts.filter((part) => part !== "").join(" ");
}
