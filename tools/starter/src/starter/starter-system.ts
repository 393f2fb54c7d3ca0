/**
 * What {@link Starter} needs of the system: processes, files, time and the stroke socket. Tests bring their own.
 */

import { spawn } from "node:child_process";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { isProgram } from "@cygnet/daemon/process";
import { NODE_CONF_FILES } from "../conf/conf-files.js";
import type { ConfFiles } from "../conf/conf-files.js";
import { strokeRequest } from "../stroke/stroke-client.js";
import { parseStrokeUri } from "../stroke/stroke-uri.js";

/** A program to run. */
export interface DaemonCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a daemon ended: its exit status, or the signal that ended it; an error if it could not be run. */
export interface DaemonExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: Error;
}

/** A running daemon. */
export interface DaemonProcess {
  readonly pid: number;
  kill(signal: "SIGINT" | "SIGKILL"): void;
  /** Settles once, when the process is gone; never rejects. */
  readonly exited: Promise<DaemonExit>;
}

/** The outside world. */
export interface StarterSystem {
  readonly files: ConfFiles;
  spawn(command: DaemonCommand): DaemonProcess;
  /** Whether a process with this id exists and has one of these words on its command line. */
  isProgram(pid: number, words: readonly string[]): boolean;
  /** Text of a pid file, `undefined` if there is none. Throws, as do the next two, an error with a sentence for the user. */
  readPidFile(path: string): string | undefined;
  writePidFile(path: string, text: string): void;
  removePidFile(path: string): void;
  /** Id of this process, for the pid file. */
  readonly pid: number;
  /** Whether somebody listens on a stroke socket. */
  canConnect(uri: string): Promise<boolean>;
  /** Sends one request; `onText` gets what the daemon answers. Rejects with StrokeClientError, also on abort. */
  send(uri: string, request: Uint8Array, onText: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** Monotonic time in ms. */
  nowMs(): number;
  /** Calls back once after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The real system. */
export function nodeStarterSystem(): StarterSystem {
  return {
    files: NODE_CONF_FILES,
    spawn: spawnDaemon,
    isProgram,
    readPidFile: (path) => ifThere("read", path, () => readFileSync(path, "utf8")),
    writePidFile(path, text) {
      try {
        writeFileSync(path, text, { mode: 0o644 });
      } catch (error) {
        throw pidFileError("create", path, error);
      }
    },
    removePidFile: (path) => ifThere("remove", path, () => unlinkSync(path)),
    pid: process.pid,
    canConnect,
    send: (uri, request, onText, signal) =>
      strokeRequest(uri, request, { onData: (chunk) => onText(Buffer.from(chunk).toString("utf8")), signal }),
    nowMs: () => performance.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** What `access` gives, undefined if there is no such file. */
function ifThere<T>(what: string, path: string, access: () => T): T | undefined {
  try {
    return access();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw pidFileError(what, path, error);
  }
}

function pidFileError(what: string, path: string, cause: unknown): Error {
  const { code = "EIO" } = cause as NodeJS.ErrnoException;
  const isForbidden = code === "EACCES" || code === "EPERM";
  return new Error(`${isForbidden ? "no permission" : "unable"} to ${what} pid file '${path}' (${code})`, { cause });
}

function spawnDaemon(command: DaemonCommand): DaemonProcess {
  const child = spawn(command.file, [...command.args], {
    stdio: ["ignore", "inherit", "inherit"],
    ...(command.env === undefined ? {} : { env: command.env }),
  });
  const exited = new Promise<DaemonExit>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), exited };
}

function canConnect(uri: string): Promise<boolean> {
  const address = parseStrokeUri(uri);
  if (address === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(address);
    const done = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", done(true));
    socket.once("error", done(false));
  });
}
