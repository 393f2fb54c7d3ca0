import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { TimerSource } from "../timer-source.js";
import { strftime } from "./strftime.js";

/** The way to the system log. */
export interface SyslogTransport {
  /** @param priority facility and severity, RFC 5424 section 6.2.1; `line` has no line feed. Never blocks, never throws. */
  send(priority: number, line: string): void;
  /** Settles when everything was handed over, or that has become hopeless. May be called again. */
  end(): Promise<void>;
}

/** How the system log is reached. */
export interface SystemSyslogOptions {
  /** Name in front of each line. */
  readonly identifier: string;
  readonly timers: TimerSource;
  /** Told once if lines have to be dropped. */
  readonly onTrouble: (reason: string) => void;
  /** Default `/dev/log`. */
  readonly socketPath?: string;
  /** Default `logger`, of util-linux; takes lines with `<PRIORITY>` in front on its standard input. */
  readonly loggerCommand?: string;
}

const DEFAULT_SOCKET = "/dev/log";
/** Characters held while the system log does not take them; further lines are dropped. */
const MAX_WAITING = 4 * 1024 * 1024;
/** The longest line that `logger` passes on unsplit; its own limit is 1 KiB. */
const MAX_LINE_BYTES = 65_536;
/** A `logger` that ends this often in a row without having taken a line cannot be used. */
const MAX_FAILURES = 3;
const RESTART_MS = 1000;
/** How long `end` waits for the last lines to be taken. */
const END_MS = 2000;

/**
 * The system log by its socket where that is a stream. Most are datagram sockets, which Node.js cannot open: then a `logger` process is
 * fed over a pipe, and started again with what it had not taken should it die.
 */
export class SystemSyslog implements SyslogTransport {
  readonly #options: SystemSyslogOptions;
  readonly #waiting: { readonly priority: number; readonly line: string }[] = [];
  #waitingSize = 0;
  #taken = 0;
  #output: Writable | undefined;
  #frame: (priority: number, line: string) => string = (priority, line) => `<${priority}>${line}\n`;
  #failures = 0;
  #state: "connecting" | "open" | "pausing" | "off" = "connecting";
  #troubled = false;
  #ended: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: SystemSyslogOptions) {
    this.#options = options;
    this.#connect();
  }

  send(priority: number, line: string): void {
    if (this.#state === "off" || this.#ended) return;
    if (this.#waitingSize + line.length > MAX_WAITING) {
      this.#trouble("it does not keep up, lines are missing");
      return;
    }
    const entry = { priority, line };
    this.#waiting.push(entry);
    this.#waitingSize += line.length;
    if (this.#state === "open") this.#hand(entry);
  }

  end(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  async #finish(): Promise<void> {
    if (this.#waiting.length > 0 && this.#state !== "off") {
      await new Promise<void>((resolve) => {
        const timer = this.#options.timers.timer(resolve, true);
        timer.arm(END_MS);
        this.#onIdle = () => {
          timer.disarm();
          resolve();
        };
      });
    }
    this.#state = "off";
    this.#output?.end();
    this.#output = undefined;
  }

  #connect(): void {
    const socket = connect(this.#options.socketPath ?? DEFAULT_SOCKET);
    socket.unref();
    socket.once("error", () => {
      if (this.#output === undefined) this.#startLogger();
    });
    socket.once("connect", () => {
      const { identifier } = this.#options;
      this.#frame = (priority, line) =>
        `<${priority}>${strftime("%b %e %T", new Date())} ${identifier}[${process.pid}]: ${line}\0`;
      this.#open(socket);
    });
  }

  #startLogger(): void {
    const { identifier, loggerCommand = "logger", socketPath = DEFAULT_SOCKET } = this.#options;
    const target = [`--size=${MAX_LINE_BYTES}`, "--socket", socketPath, "--socket-errors=on"];
    // Its own session, so that a Ctrl-C at our terminal leaves it alive to take our last lines.
    const child = spawn(loggerCommand, ["--prio-prefix", "--tag", identifier, `--id=${process.pid}`, ...target], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    child.on("error", () => undefined);
    this.#keepNothingAlive(child);
    if (child.stdin) this.#open(child.stdin);
  }

  #keepNothingAlive(child: ChildProcess): void {
    child.unref();
    (child.stdin as Socket | null)?.unref();
  }

  #open(output: Writable): void {
    if (this.#state === "off") {
      output.end();
      return;
    }
    this.#output = output;
    this.#state = "open";
    this.#taken = 0;
    output.on("error", () => undefined);
    output.once("close", () => this.#lost(output));
    for (const entry of this.#waiting) this.#hand(entry);
  }

  #hand(entry: { readonly priority: number; readonly line: string }): void {
    const output = this.#output;
    output?.write(this.#frame(entry.priority, entry.line), (error) => {
      if (error || output !== this.#output) return;
      // Streams answer in order, so this is the oldest line that waits.
      const done = this.#waiting.shift();
      this.#waitingSize -= done?.line.length ?? 0;
      this.#taken++;
      if (this.#waiting.length === 0) this.#onIdle?.();
    });
  }

  #lost(output: Writable): void {
    if (output !== this.#output) return;
    this.#output = undefined;
    if (this.#state === "off") return;
    this.#failures = this.#taken > 0 ? 1 : this.#failures + 1;
    if (this.#failures >= MAX_FAILURES) {
      this.#state = "off";
      this.#waiting.length = this.#waitingSize = 0;
      this.#trouble("neither /dev/log nor the logger command can be used");
      this.#onIdle?.();
      return;
    }
    this.#state = "pausing";
    this.#options.timers
      .timer(() => {
        if (this.#state !== "pausing") return;
        this.#frame = (priority, line) => `<${priority}>${line}\n`;
        this.#connect();
      })
      .arm(RESTART_MS);
  }

  #trouble(reason: string): void {
    if (this.#troubled) return;
    this.#troubled = true;
    this.#options.onTrouble(`syslog: ${reason}`);
  }
}
