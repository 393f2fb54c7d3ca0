import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Background, attempt, run } from "./command.js";
import type { Outcome } from "./command.js";
import { until } from "./deadline.js";
import { buildNoEsp } from "./no-esp.js";
import { LogFile } from "./log-file.js";
import { HOSTS } from "./network.js";
import type { Keywords } from "./pair.js";
import { LIBRESWAN } from "./requirements.js";

/** What a libreswan is started with. */
export interface LibreswanSetup {
  /** For its database, sockets and log. */
  readonly folder: string;
  /** Command in front, to run it on a host. */
  readonly on: readonly string[];
  /** The address it listens on. */
  readonly address: string;
  /** ipsec.secrets. */
  readonly secrets: string;
  /** The kernel has ESP, and is to have its SAs; otherwise it is told that it has. */
  readonly hasEsp?: boolean;
}

/** Keywords of the connection between the subnets of sun, where libreswan is, and moon, with PSK and one proposal for each SA. */
export function subnetsOf(ike: string, esp: string): Keywords {
  return {
    left: HOSTS.sun.v4,
    leftid: "@sun.example.org",
    leftsubnet: HOSTS.sun.subnet,
    leftupdown: "/bin/true",
    right: HOSTS.moon.v4,
    rightid: "@moon.example.org",
    rightsubnet: HOSTS.moon.subnet,
    authby: "secret",
    ikev2: "insist",
    ike,
    esp,
    auto: "add",
  };
}

/** A library path for what is unpacked beside the system. */
function libraryPath(): string {
  const libraries = join(LIBRESWAN, "usr/lib");
  return readdirSync(libraries)
    .filter((name) => name.endsWith("-linux-gnu"))
    .map((name) => join(libraries, name))
    .join(":");
}

/** A running pluto, libreswan's IKE daemon. */
export class Libreswan {
  readonly log: LogFile;
  #process: Background | undefined;
  #definitions = 0;

  private constructor(private readonly setup: LibreswanSetup) {
    this.log = new LogFile(join(setup.folder, "pluto.log"));
  }

  static async start(setup: LibreswanSetup): Promise<Libreswan> {
    const libreswan = new Libreswan(setup);
    try {
      await libreswan.#start();
      return libreswan;
    } catch (error) {
      await libreswan.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { folder, on, address, secrets, hasEsp = false } = this.setup;
    const path = (name: string): string => join(folder, name);
    for (const name of ["", "run", "nss", "ipsec.d"]) mkdirSync(path(name), { recursive: true });
    writeFileSync(path("ipsec.secrets"), secrets);
    writeFileSync(path("ipsec.conf"), "config setup\n");
    const env = { LD_LIBRARY_PATH: libraryPath() };
    await run(join(LIBRESWAN, "usr/bin/certutil"), ["-N", "-d", `sql:${path("nss")}`, "--empty-password"], { env });
    const noEsp = hasEsp ? "" : await buildNoEsp(folder);
    // Its programs call each other in /usr/libexec/ipsec, and its state is below /run: both for this process only.
    const options = `--nofork --stderrlog --log-no-time --config ${path("ipsec.conf")} --secretsfile ${path("ipsec.secrets")} --rundir ${path("run")} --ipsecdir ${path("ipsec.d")} --nssdir ${path("nss")} --no-dnssec --nhelpers 0 --listen ${address}`;
    const script = `mount -t tmpfs t /run && mkdir /run/pluto && mount --bind ${join(LIBRESWAN, "usr/libexec")} /usr/libexec && LD_PRELOAD=${noEsp} exec /usr/libexec/ipsec/pluto ${options}`;
    const process_ = new Background(on[0]!, [...on.slice(1), "unshare", "-m", "sh", "-c", script], {
      output: this.log.path,
      env,
      cwd: folder,
    });
    this.#process = process_;
    await until(
      () => `pluto to answer\n${this.log.tail()}`,
      async () => {
        if (process_.end !== undefined) throw new Error(`pluto ended with ${process_.end}\n${this.log.tail()}`);
        return (await this.whack("--status")).code === 0;
      },
    );
    await this.whack("--listen");
  }

  /** Runs `whack`, which controls pluto. */
  async whack(...args: readonly string[]): Promise<Outcome> {
    return this.#tool("whack", args);
  }

  /** Loads a connection. */
  async load(name: string, keywords: Keywords): Promise<void> {
    const file = join(this.setup.folder, `conn-${++this.#definitions}.conf`);
    const lines = Object.entries(keywords).map(([key, value]) => `    ${key}=${value}\n`);
    writeFileSync(file, `config setup\nconn ${name}\n${lines.join("")}`);
    const { code, stdout, stderr } = await this.#tool("addconn", ["--config", file, name]);
    if (code !== 0) throw new Error(`addconn ended with ${code}\n${stdout}${stderr}`);
  }

  async #tool(name: string, args: readonly string[]): Promise<Outcome> {
    const control = join(this.setup.folder, "run", "pluto.ctl");
    const env = { LD_LIBRARY_PATH: libraryPath() };
    return attempt(join(LIBRESWAN, "usr/libexec/ipsec", name), ["--ctlsocket", control, ...args], { env });
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}
