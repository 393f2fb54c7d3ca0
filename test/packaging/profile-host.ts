import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Background, attempt } from "../interop/harness/command.js";
import type { Outcome } from "../interop/harness/command.js";
import { until } from "../interop/harness/deadline.js";
import { LogFile } from "../interop/harness/log-file.js";
import type { HostName, Network } from "../interop/harness/network.js";
import { afterTest } from "../interop/harness/pair.js";
import { CYGNET } from "../interop/harness/requirements.js";
import { root } from "../repository/workspace.js";

/** The profiles of `packaging/profiles`. */
export const PROFILES = ["road-warrior", "site-to-site", "load-generator"] as const;
export type ProfileName = (typeof PROFILES)[number];

export const profilePath = (profile: ProfileName): string => join(root, "packaging/profiles", `${profile}.conf`);

/** What a daemon is started with. */
export interface HostSetup {
  readonly network: Network;
  readonly host: HostName;
  /** For files of this host, made if it is not there. */
  readonly folder: string;
  readonly profile: ProfileName;
  /** Lines inside the section `charon`, behind those of the profile. */
  readonly settings?: string;
  /** In front of the daemon's command. */
  readonly under?: readonly string[];
}

/** A daemon with the settings of a profile and nothing else but where its files are. */
export class ProfileHost {
  readonly log: LogFile;
  readonly #process: Background;
  readonly #setup: HostSetup;

  private constructor(setup: HostSetup) {
    const { network, host, folder, profile, settings = "", under = [] } = setup;
    this.#setup = setup;
    for (const name of ["x509", "x509ca", "private"]) mkdirSync(join(folder, "swanctl", name), { recursive: true });
    this.log = new LogFile(join(folder, "charon.log"));
    const conf = join(folder, "strongswan.conf");
    const log = `filelog { test { path = ${this.log.path}\n flush_line = yes } }`;
    const plugins = `plugins { vici { socket = ${this.#uri}\n }\n load-tester { socket = unix://${join(folder, "load-tester")}\n } }`;
    writeFileSync(conf, `include ${profilePath(profile)}\ncharon {\n${log}\n${plugins}\n${settings}\n}\n`);
    const command = [...network.on(host), ...under, process.execPath, CYGNET, "charon", "--conf", conf, "--piddir", folder];
    this.#process = new Background(command[0], command.slice(1), { output: join(folder, "output"), cwd: folder });
    afterTest(async () => void (await this.#process.stop()));
  }

  /** Starts it; it serves when this resolves. */
  static async start(setup: HostSetup): Promise<ProfileHost> {
    const host = new ProfileHost(setup);
    await until(
      () => `${setup.profile} on ${setup.host} to serve\n${host.log.tail()}\n${new LogFile(join(setup.folder, "output")).text}`,
      () => {
        if (host.#process.end !== undefined) throw new Error(`ended with ${host.#process.end}\n${host.log.tail()}`);
        return host.log.has("spawning") && existsSync(join(setup.folder, "charon.vici"));
      },
    );
    return host;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get #uri(): string {
    return `unix://${join(this.#setup.folder, "charon.vici")}`;
  }

  /** The plugins that the log names as loaded, without the daemon's own. */
  get plugins(): string {
    const line = this.log.messages.find((message) => message.startsWith("loaded plugins: charon "));
    return line?.slice("loaded plugins: charon ".length) ?? "";
  }

  /** Puts a file below the folder of swanctl.conf. */
  write(path: string, text: string): void {
    writeFileSync(join(this.#setup.folder, "swanctl", path), text, { mode: 0o600 });
  }

  /** Runs `cygnet swanctl`. @throws with what it printed if it fails */
  async swanctl(...args: readonly string[]): Promise<string> {
    const folder = join(this.#setup.folder, "swanctl");
    const { code, stdout, stderr }: Outcome = await attempt(
      process.execPath,
      [
        CYGNET,
        "swanctl",
        ...args,
        ...(args[0].startsWith("--load") ? ["--file", join(folder, "swanctl.conf")] : []),
        "--uri",
        this.#uri,
      ],
      { env: { SWANCTL_DIR: folder } },
    );
    if (code !== 0) throw new Error(`swanctl ${args.join(" ")} ended with ${code}\n${stdout}${stderr}\n${this.log.tail()}`);
    return stdout;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
