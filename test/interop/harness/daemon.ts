import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { loadIpsecConf, loadRequests, strokeRequest } from "@cygnet/starter";
import { Background, attempt, run } from "./command.js";
import { until } from "./deadline.js";
import { LogFile } from "./log-file.js";
import { CYGNET, STRONGSWAN } from "./requirements.js";

/** Which daemon runs on a host. */
export type DaemonKind = "cygnet" | "strongswan";

/** What a daemon is started with. */
export interface DaemonSetup {
  readonly kind: DaemonKind;
  /** Names the daemon in reports and its files. */
  readonly name: string;
  /** For configuration, sockets and logs; belongs to the daemon alone. */
  readonly folder: string;
  /** Command in front of the daemon's, to run it somewhere. */
  readonly on?: readonly string[];
  /** Lines inside the section `charon` of strongswan.conf. */
  readonly settings?: string;
  /** Lines inside `charon.plugins`. */
  readonly plugins?: string;
  /** Level of the log, 1 by default. */
  readonly logLevel?: number;
  /** A library to be loaded into strongSwan first. */
  readonly preload?: string;
  /** `load` list, where not the usual one of the kind. */
  readonly load?: string;
  /** Files in its folder, by their paths there; those below `ipsec.d` are where either daemon looks for certificates and keys. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

const LOAD: Readonly<Record<DaemonKind, string>> = {
  cygnet:
    "random nonce aes des sha1 sha2 md5 hmac xcbc cmac kdf fips-prf gmp openssl curve25519 gcm revocation attr resolve socket-default stroke vici updown load-tester counters",
  // ESP in user space: many kernels in containers and small machines have XFRM without it.
  strongswan:
    "random nonce aes des sha1 sha2 md5 hmac xcbc cmac kdf fips-prf gmp openssl curve25519 gcm x509 revocation constraints pubkey pem pkcs1 pkcs8 kernel-libipsec kernel-netlink attr resolve socket-default stroke vici updown counters",
};

/** IKE_SAs have the numbers that tests expect, on any machine; strongSwan does not know it. What tests of several shards set comes later. */
const ONE_SHARD = "shards = 1";
const CREDENTIAL_FOLDERS = ["cacerts", "certs", "private", "crls"] as const;
/** Retransmissions come soon, so that a lost packet costs no seconds of the test. */
const SETTINGS = `
  retransmit_timeout = 0.6
  retransmit_base = 1.3
  retransmit_tries = 8
  install_routes = no`;

/** cygnet negotiates without a data path. IKEv1 is refused: no load test comes with it that would let everybody in. */
const FAKE_KERNEL = "load-tester { enable = yes\n fake_kernel = yes\n version = 1\n }";

/** A running charon, ours or theirs: both are driven with Debian's `stroke`, both log alike. */
export class IkeDaemon {
  readonly kind: DaemonKind;
  readonly name: string;
  readonly folder: string;
  readonly log: LogFile;
  /** What it printed, rather than logged. */
  readonly output: LogFile;
  readonly #setup: DaemonSetup;
  #process: Background | undefined;
  #definitions = 0;

  private constructor(setup: DaemonSetup) {
    this.#setup = setup;
    this.kind = setup.kind;
    this.name = setup.name;
    this.folder = setup.folder;
    this.log = new LogFile(join(setup.folder, "charon.log"));
    this.output = new LogFile(join(setup.folder, "output"));
  }

  /** Starts a daemon; it answers its control socket when this resolves. */
  static async start(setup: DaemonSetup): Promise<IkeDaemon> {
    const daemon = new IkeDaemon(setup);
    mkdirSync(setup.folder, { recursive: true });
    writeFileSync(daemon.secretsFile, "");
    for (const folder of CREDENTIAL_FOLDERS) mkdirSync(join(setup.folder, "ipsec.d", folder), { recursive: true });
    for (const [path, content] of Object.entries(setup.files ?? {})) writeFileSync(join(setup.folder, path), content);
    daemon.writeSettings();
    try {
      await daemon.restart();
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  get conf(): string {
    return join(this.folder, "strongswan.conf");
  }

  get socket(): string {
    return join(this.folder, "charon.ctl");
  }

  get secretsFile(): string {
    return join(this.folder, "ipsec.secrets");
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** How it ended, undefined while it runs. */
  get end(): number | NodeJS.Signals | undefined {
    return this.#process?.end;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.signal(name);
  }

  writeSettings(extra = ""): void {
    const { kind, load = LOAD[kind], settings = "", plugins = "", logLevel = 1 } = this.#setup;
    writeFileSync(
      this.conf,
      `charon {
  load = ${load}${SETTINGS}
  ${ONE_SHARD}
  ${settings}
  ${extra}
  filelog { test { path = ${this.log.path}
    default = ${logLevel}
    flush_line = yes
    time_format = %H:%M:%S
    time_add_ms = yes
  } }
  plugins {
    stroke { socket = unix://${this.socket}
      secrets_file = ${this.secretsFile}
    }
    vici { socket = unix://${join(this.folder, "charon.vici")}
    }
    resolve { file = ${join(this.folder, "resolv.conf")}
    }
    ${kind === "cygnet" && !plugins.includes("load-tester") ? FAKE_KERNEL : ""}
    ${plugins}
  }
}
`,
    );
  }

  /** Starts the process, anew if it ended. */
  async restart(): Promise<void> {
    const { kind, on = [], preload = "" } = this.#setup;
    const env = { STRONGSWAN_CONF: this.conf };
    const mounts = `mount -t tmpfs t /run; mount --bind ${join(this.folder, "ipsec.d")} /etc/ipsec.d;`;
    const own = ["unshare", "-m", "sh", "-c", `${mounts} LD_PRELOAD=${preload} exec ${STRONGSWAN}/charon`];
    const command = [
      ...on,
      ...(kind === "cygnet" ? [process.execPath, CYGNET, "charon", "--conf", this.conf, "--piddir", this.folder] : own),
    ];
    const process_ = new Background(command[0]!, command.slice(1), { output: this.output.path, env, cwd: this.folder });
    this.#process = process_;
    await until(
      () => `${this.kind} on ${this.name} to answer its control socket\n${this.log.tail()}\n${this.output.text}`,
      async () => {
        if (process_.end !== undefined)
          throw new Error(`${this.kind} on ${this.name} ended with ${process_.end}\n${this.log.tail()}\n${this.output.text}`);
        return canConnect(this.socket);
      },
    );
  }

  /** Runs Debian's `stroke` on the daemon. @returns what it printed */
  async stroke(...args: readonly string[]): Promise<string> {
    return run(`${STRONGSWAN}/stroke`, args, { env: { STRONGSWAN_CONF: this.conf } });
  }

  /** As `stroke`, and the end of the logs when the output lacks `expected`. */
  async strokeFor(expected: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await attempt(`${STRONGSWAN}/stroke`, args, { env: { STRONGSWAN_CONF: this.conf } });
    if (!stdout.includes(expected)) {
      throw new Error(
        `stroke ${args.join(" ")} on ${this.name} (${this.kind}) did not print '${expected}':\n${stdout}${stderr}\nlog:\n${this.log.tail()}`,
      );
    }
    return stdout;
  }

  /** Adds secrets in the notation of ipsec.secrets. */
  async secrets(text: string): Promise<void> {
    appendFileSync(this.secretsFile, `${text}\n`);
    await this.stroke("rereadsecrets");
  }

  /** Loads connections in the notation of ipsec.conf. */
  async load(text: string): Promise<void> {
    const file = join(this.folder, `ipsec-${++this.#definitions}.conf`);
    writeFileSync(file, text);
    const { config, errors, messages } = loadIpsecConf(file);
    if (errors > 0) throw new Error(messages.map((message) => message.text).join("\n"));
    for (const request of loadRequests(config)) await strokeRequest(`unix://${this.socket}`, request);
  }

  async up(name = "net"): Promise<string> {
    return this.strokeFor(`connection '${name}' established successfully`, "up", name);
  }

  /** The section `Security Associations` of `statusall`. */
  async sas(): Promise<string> {
    const text = await this.stroke("statusall");
    return text.slice(text.indexOf("Security Associations"));
  }

  /** Ends it as an operator would. Once is enough; more does nothing. @throws when cygnet does not go by itself */
  async stop(): Promise<number | NodeJS.Signals> {
    if (this.end !== undefined) return this.end;
    const end = (await this.#process?.stop()) ?? 0;
    if (end === "SIGKILL" && this.kind === "cygnet")
      throw new Error(`cygnet on ${this.name} did not end on SIGTERM\n${this.log.tail()}`);
    return end;
  }
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
