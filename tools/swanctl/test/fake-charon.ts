import { PacketSplitter, PacketType, encodeMessage, encodePacket, parseMessage, parsePacket } from "@cygnet/vici";
import type { MessageData } from "@cygnet/vici";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** The other end of a vici socket, which answers what it was told to; to all else, that it was done. */
export class FakeCharon {
  readonly answers = new Map<string, MessageData>();
  /** What was asked for. */
  readonly requests: (readonly [command: string, data: unknown])[] = [];
  readonly uri: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string) {
    this.uri = `unix://${path}`;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const splitter = new PacketSplitter();
      socket.on("data", (chunk: Buffer) => {
        for (const octets of splitter.push(chunk)) socket.write(this.#answer(octets));
      });
    });
  }

  static async listen(path: string): Promise<FakeCharon> {
    const fake = new FakeCharon(path);
    await new Promise<void>((resolve) => fake.#server.listen(path, resolve));
    return fake;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(octets: Uint8Array): Buffer {
    const { type, name, message } = parsePacket(octets);
    if (type !== PacketType.CMD_REQUEST) return encodePacket(PacketType.EVENT_CONFIRM);
    this.requests.push([name, JSON.parse(JSON.stringify(parseMessage(message))) as unknown]);
    return encodePacket(PacketType.CMD_RESPONSE, "", encodeMessage(this.answers.get(name) ?? { success: true }));
  }
}
