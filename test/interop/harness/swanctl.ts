import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Background, attempt } from "./command.js";
import type { Outcome } from "./command.js";
import type { IkeDaemon } from "./daemon.js";

const FOLDERS = [
  "x509",
  "x509ca",
  "x509ocsp",
  "x509aa",
  "x509ac",
  "x509crl",
  "pubkey",
  "private",
  "rsa",
  "ecdsa",
  "bliss",
  "pkcs8",
  "pkcs12",
];

/** Debian's `swanctl`, unmodified, on a daemon of a test. */
export class Swanctl {
  readonly folder: string;
  readonly #file: string;
  readonly #settings: string;

  constructor(readonly daemon: IkeDaemon) {
    this.folder = join(daemon.folder, "swanctl");
    this.#file = join(this.folder, "swanctl.conf");
    this.#settings = join(this.folder, "strongswan.conf");
    for (const name of FOLDERS) mkdirSync(join(this.folder, name), { recursive: true });
    // Its own settings, not those of the machine.
    writeFileSync(this.#settings, "");
  }

  get #uri(): string {
    return `unix://${join(this.daemon.folder, "charon.vici")}`;
  }

  /** Puts a file in the place of the one before, for the load commands. */
  configure(text: string): void {
    writeFileSync(this.#file, text);
  }

  /** @param args `--load-all` and so on; load commands get the file */
  run(...args: readonly string[]): Promise<Outcome> {
    const file = args[0]!.startsWith("--load") ? ["--file", this.#file] : [];
    return attempt("swanctl", [...args, ...file, "--uri", this.#uri], {
      env: { SWANCTL_DIR: this.folder, STRONGSWAN_CONF: this.#settings },
    });
  }

  /** Begins what goes on until it is ended. @returns what ends it, and gives what it printed */
  begin(...args: readonly string[]): () => Promise<string> {
    const output = join(this.folder, `${args[0]}.out`);
    const command = [...args, "--uri", this.#uri];
    const process_ = new Background("swanctl", command, { output, env: { STRONGSWAN_CONF: this.#settings } });
    return async () => {
      process_.signal("SIGINT");
      await process_.ended;
      return readFileSync(output, "utf8");
    };
  }

  /** As `run`, for what must succeed. @returns what it printed */
  async must(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.run(...args);
    if (code !== 0)
      throw new Error(
        `swanctl ${args.join(" ")} on ${this.daemon.name} ended with ${code}:\n${stdout}${stderr}\nlog:\n${this.daemon.log.tail()}`,
      );
    return stdout;
  }
}
