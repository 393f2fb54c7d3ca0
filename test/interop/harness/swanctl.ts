import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "./command.js";
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
  readonly #folder: string;
  readonly #file: string;
  readonly #settings: string;

  constructor(private readonly daemon: IkeDaemon) {
    this.#folder = join(daemon.folder, "swanctl");
    this.#file = join(this.#folder, "swanctl.conf");
    this.#settings = join(this.#folder, "strongswan.conf");
    for (const name of FOLDERS) mkdirSync(join(this.#folder, name), { recursive: true });
    // Its own settings, not those of the machine.
    writeFileSync(this.#settings, "");
  }

  /** Puts a file in the place of the one before, for the load commands. */
  configure(text: string): void {
    writeFileSync(this.#file, text);
  }

  /** @param args `--load-all` and so on; load commands get the file */
  run(...args: readonly string[]): Promise<Outcome> {
    const file = args[0]!.startsWith("--load") ? ["--file", this.#file] : [];
    return attempt("swanctl", [...args, ...file, "--uri", `unix://${join(this.daemon.folder, "charon.vici")}`], {
      env: { SWANCTL_DIR: this.#folder, STRONGSWAN_CONF: this.#settings },
    });
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
