import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { ListenOptions, Server } from "node:net";
import { dirname } from "node:path";
import { isMainThread } from "node:worker_threads";
import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger, StreamServiceOptions, StreamServices } from "@cygnet/plugin-api";
import { ConnectionGate } from "./connection-gate.js";
import { descriptorLimit } from "./descriptors.js";
import type { StreamOwner } from "./stream-owner.js";
import { parseStreamUri } from "./stream-uri.js";

/** What `NetStreamServices` is made of. */
export interface NetStreamServicesOptions {
  readonly log: Logger;
  readonly owner?: StreamOwner;
  /** Default `/var/run`. */
  readonly pidDir?: string;
  /** Takes a job slot for a connection that is being served. @returns what gives it back */
  readonly occupy?: () => () => void;
  /** Connections are served from then on, and wait until then. By default at once. */
  readonly ready?: Promise<void> | undefined;
  /** Connections that are kept of a service, whether it serves them already or not. By default what descriptors allow. */
  readonly room?: number | undefined;
}

/** Owner and group may connect, nobody else. */
const SOCKET_MODE = 0o660;
/** Removes from a new socket's mode what `SOCKET_MODE` does not have. */
const SOCKET_UMASK = 0o117;
/**
 * Connections the kernel keeps for us until the loop turns. strongSwan's 10 suffice for clients that wait to be let in; those with non-blocking
 * sockets, as in Node.js, fail at once (EAGAIN) when a burst of them comes in one turn.
 */
const BACKLOG = 511;
/** Part of the descriptors that the connections of a service may take: sockets for IKE, log files and scripts need some. */
const ROOM_SHARE = 0.75;
/** Connections cost memory as well. Ten thousand scripts that ask for the status at a time get their answers. */
const MOST_ROOM = 16_384;

/** Control sockets by `node:net`. */
export class NetStreamServices implements StreamServices {
  readonly pidDir: string;
  readonly #log: Logger;
  readonly #owner: StreamOwner;
  readonly #occupy: () => () => void;
  readonly #ready: Promise<void> | undefined;
  readonly #room: number;

  constructor({
    log,
    owner = { uid: undefined, gid: undefined },
    pidDir = "/var/run",
    occupy = () => () => undefined,
    ready,
    room = Math.min(MOST_ROOM, Math.floor(descriptorLimit() * ROOM_SHARE)),
  }: NetStreamServicesOptions) {
    this.#log = log;
    this.#owner = owner;
    this.#occupy = occupy;
    this.#ready = ready;
    this.#room = room;
    this.pidDir = pidDir;
  }

  occupy(): () => void {
    return this.#occupy();
  }

  /**
   * @throws {SystemError} CYG_STREAM_LISTEN; CYG_STREAM_IN_USE if somebody serves that unix socket; CYG_STREAM_NOT_SOCKET if the path
   * is something else, which is left alone
   * @throws {CygnetError} CYG_STREAM_URI
   */
  async listen(options: StreamServiceOptions): Promise<() => Promise<void>> {
    const address = parseStreamUri(options.uri);
    const gate = new ConnectionGate({ options, log: this.#log, occupy: this.#occupy, room: this.#room });
    if (this.#ready) void this.#ready.then(() => gate.open());
    else gate.open();
    const server = createServer((connection) => gate.admit(connection));
    if (address.kind === "unix") {
      // `/run` is empty after each boot.
      if (dirname(address.path) === this.pidDir) mkdirSync(this.pidDir, { recursive: true });
      await removeStale(address.path);
      await this.#listenUnix(server, options.uri, address.path);
    } else {
      await open(server, options.uri, { host: address.host, port: address.port, backlog: BACKLOG });
    }
    server.on("error", (error) => this.#log.log(LogGroup.NET, 1, `accepting on ${options.uri} failed: ${error.message}`));
    let closed: Promise<void> | undefined;
    return () => {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        gate.close();
      });
      return closed;
    };
  }

  async #listenUnix(server: Server, uri: string, path: string): Promise<void> {
    // The socket is bound within the call; so it never exists with a mode that lets others in. Workers have no umask of their own.
    const before = isMainThread ? process.umask(SOCKET_UMASK) : undefined;
    let listening: Promise<void>;
    try {
      listening = open(server, uri, { path, backlog: BACKLOG });
    } finally {
      if (before !== undefined) process.umask(before);
    }
    await listening;
    const { uid, gid } = this.#owner;
    try {
      if (uid !== undefined || gid !== undefined) chownSync(path, uid ?? process.getuid!(), gid ?? process.getgid!());
      chmodSync(path, SOCKET_MODE);
    } catch (error) {
      server.close();
      throw systemError("CYG_STREAM_LISTEN", error, "chown", `setting owner and mode of ${uri} failed`);
    }
  }
}

function open(server: Server, uri: string, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(systemError("CYG_STREAM_LISTEN", error, "listen", `listening on ${uri} failed`)));
    server.listen(options, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

/** Removes the socket of a daemon that is gone, and nothing else. */
async function removeStale(path: string): Promise<void> {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (existing === undefined) return;
  if (!existing.isSocket()) {
    throw new SystemError(
      "CYG_STREAM_NOT_SOCKET",
      "bind",
      "EEXIST",
      `${path} is not a socket, it is in the way and was not touched`,
    );
  }
  if (await isServed(path)) {
    throw new SystemError("CYG_STREAM_IN_USE", "bind", "EADDRINUSE", `${path} is served by a running daemon`);
  }
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw systemError("CYG_STREAM_LISTEN", error, "unlink", `removing the stale socket ${path} failed`);
    }
  }
}

/** Only a refused connection proves that nobody listens: a full backlog does not. @throws {SystemError} CYG_STREAM_LISTEN without permission to ask */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EACCES" && error.code !== "EPERM") resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
      else reject(systemError("CYG_STREAM_LISTEN", error, "connect", `no permission for ${path}, which is there already`));
    });
  });
}

function systemError(code: string, error: unknown, syscall: string, what: string): SystemError {
  const { code: errno = "EIO", syscall: failed = syscall } = error as NodeJS.ErrnoException;
  return new SystemError(code, failed, errno, `${what}: ${errno}`, { cause: error });
}
