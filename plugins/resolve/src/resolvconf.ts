import { spawn } from "node:child_process";
import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { DnsInstaller } from "./dns-installer.js";

/** What a `Resolvconf` is made of. */
export interface ResolvconfOptions {
  /** The program. */
  readonly path: string;
  /** The name of the one interface that carries all servers. */
  readonly iface: string;
  /** strongSwan 5.9.8's way: each server has an interface of its own, this prefix and the server's address. */
  readonly ifacePrefix: string | undefined;
  readonly log: Logger;
  /** Milliseconds until the program is killed; default 10000. */
  readonly limitMs?: number;
}

/** Longer than any resolvconf takes that still works, shorter than what a user waits for. */
const DEFAULT_LIMIT_MS = 10_000;
/** Characters of the program's complaints that are kept for the log. */
const MAX_COMPLAINT = 2_048;

/** Hands DNS servers to the resolvconf program. */
export class Resolvconf implements DnsInstaller {
  readonly installingTo = "via resolvconf";
  readonly removingFrom = "via resolvconf";
  readonly #options: ResolvconfOptions;

  constructor(options: ResolvconfOptions) {
    this.#options = options;
  }

  install(server: string, servers: readonly string[]): Promise<void> {
    const { iface, ifacePrefix } = this.#options;
    return ifacePrefix === undefined ? this.#set(iface, servers) : this.#set(ifacePrefix + server, [server]);
  }

  remove(server: string, servers: readonly string[]): Promise<void> {
    const { iface, ifacePrefix } = this.#options;
    return ifacePrefix === undefined ? this.#set(iface, servers) : this.#set(ifacePrefix + server, []);
  }

  #set(iface: string, servers: readonly string[]): Promise<void> {
    if (servers.length === 0) return this.#run(["-d", iface], "");
    return this.#run(["-a", iface], servers.map((server) => `nameserver ${server}\n`).join(""));
  }

  #run(args: readonly string[], input: string): Promise<void> {
    const { path, log, limitMs = DEFAULT_LIMIT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const child = spawn(path, args, { stdio: ["pipe", "ignore", "pipe"], timeout: limitMs, killSignal: "SIGKILL" });
      let complaint = "";
      const failed = (errno: string, what: string): void =>
        reject(new SystemError("CYG_RESOLVE_PROGRAM", "spawn", errno, `${path} ${args.join(" ")} ${what}`));
      child.once("error", (error: NodeJS.ErrnoException) =>
        failed(error.code ?? "EIO", `failed: ${error.code ?? error.message}`),
      );
      child.once("close", (status, signal) => {
        for (const line of complaint.split("\n"))
          if (line.trim() !== "") log.log(LogGroup.IKE, 1, `resolvconf: ${line.trimEnd()}`);
        if (status === 0) resolve();
        else failed("EIO", signal === null ? `exited with status ${String(status)}` : `was ended by ${signal}`);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        if (complaint.length < MAX_COMPLAINT) complaint = (complaint + text).slice(0, MAX_COMPLAINT);
      });
      // It may end without reading; its status says whether that was all right.
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });
  }
}
