import type { Socket, SocketManager } from "@cygnet/plugin-api";

/** Holds the socket in use: the first one opened. */
export class SocketHolder implements SocketManager {
  #socket: Socket | undefined;

  get socket(): Socket | undefined {
    return this.#socket;
  }

  add(create: () => Socket): () => void {
    // As in strongSwan the first registration wins; a second plugin loads and is not used.
    if (this.#socket) return () => undefined;
    const socket = create();
    this.#socket = socket;
    return () => {
      this.#socket = undefined;
      socket.close();
    };
  }
}
