import type { OpenedSockets, SharedSockets, Socket, SocketGroup, SocketManager, SteeringKey } from "@cygnet/plugin-api";

/** Holds the socket in use: the first one opened. */
export class SocketHolder implements SocketManager {
  /** Where the shard is one of several. */
  group: SocketGroup | undefined;
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

/** Holds the sockets that several shards share, on control, for as long as one of them lives. */
export class SharedSocketHolder implements SocketManager {
  readonly socket = undefined;
  #opened: OpenedSockets | undefined;

  constructor(private readonly key: SteeringKey) {}

  /** Undefined until a socket plugin opened them. */
  get shared(): SharedSockets | undefined {
    return this.#opened?.shared;
  }

  add(): () => void {
    return () => undefined;
  }

  share(open: (key: SteeringKey) => OpenedSockets): () => void {
    this.#opened ??= open(this.key);
    return () => undefined;
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}
