import type { Socket as NetSocket } from "node:net";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** How a control socket is served. */
export interface StreamServiceOptions {
  /** `unix:///run/charon.ctl` or `tcp://127.0.0.1:4502`; a stale unix socket is removed first. */
  readonly uri: string;
  /** Connections served at a time; further ones wait unread until one ends. 0 for no limit. */
  readonly maxConcurrent: number;
  readonly onConnection: (connection: NetSocket) => void | Promise<void>;
  /**
   * Connections stay open between requests, as those that wait for events do: only requests take a job slot, by `occupy`.
   * False by default, where each connection takes one.
   */
  readonly isPersistent?: boolean;
  /** Asked when there is no room for a connection that comes: closes one that can be spared. @returns whether it did */
  readonly makeRoom?: () => boolean;
}

/** Listening control sockets with strongSwan's permissions and ownership (`charon.user`, `charon.group`, mode 0660). */
export interface StreamServices {
  /** @returns what closes it and its connections @throws {SystemError} CYG_STREAM_LISTEN, CYG_STREAM_IN_USE, CYG_STREAM_NOT_SOCKET, {CygnetError} CYG_STREAM_URI */
  listen(options: StreamServiceOptions): Promise<() => Promise<void>>;
  /** Takes a job slot for a request on a persistent connection. @returns what gives it back */
  occupy(): () => void;
  /** The directory of pid files and sockets (`<piddir>`), `/var/run` by default. */
  readonly pidDir: string;
}

/** Where a plugin keeps files of the running daemon, on control and on shards. They are beside the pid file, and are gone with the next boot. */
export interface RunFiles {
  /** `<piddir>/<daemon>.NAME`, of which no other daemon makes use. */
  path(name: string): string;
}

export const RunFiles: ServiceToken<RunFiles> = serviceToken("RunFiles");

export const StreamServices: ServiceToken<StreamServices> = serviceToken("StreamServices");
