import { PacketSplitter, PacketType, parseMessage, parsePacket } from "@cygnet/vici";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** A vici socket in front of a daemon's, that keeps what clients ask for. */
export class ViciRecorder {
  /** Requests and registrations, each as text, in the order of their arrival. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(daemonSocket: string) {
    this.#server = createServer((client) => {
      const daemon = connect(daemonSocket);
      const splitter = new PacketSplitter();
      client.on("data", (chunk: Buffer) => {
        for (const octets of splitter.push(chunk)) this.#keep(octets);
      });
      client.pipe(daemon).pipe(client);
      for (const socket of [client, daemon]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => this.#sockets.delete(socket));
      }
    });
  }

  static async listen(path: string, daemonSocket: string): Promise<ViciRecorder> {
    const recorder = new ViciRecorder(daemonSocket);
    await new Promise<void>((resolve) => recorder.#server.listen(path, resolve));
    return recorder;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(octets: Uint8Array): void {
    const { type, name, message } = parsePacket(octets);
    // Clients of libvici register for events and away again; that is their business.
    if (type === PacketType.CMD_REQUEST) this.requests.push(`${name} ${JSON.stringify(parseMessage(message))}`);
  }
}
