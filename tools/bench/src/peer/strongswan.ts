import { spawn, spawnSync } from "node:child_process";
import { existsSync, openSync, closeSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadIpsecConf, loadRequests, strokeRequest } from "@cygnet/starter";
import { FailedRun } from "../measurement.js";
import type { Resources } from "../resources.js";
import { ADDRESSES } from "./namespaces.js";

export const CHARON = "/usr/lib/ipsec/charon";
const START_LIMIT_MS = 15_000;
const POLL_MS = 20;

/** What its rows must be read with. */
export const STRONGSWAN_KERNEL = "kernel-libipsec";

/** Why there can be no tunnel of kernel-libipsec between two namespaces here, undefined if there can. */
export function tunnelObstacle(): string | undefined {
  return namespaceObstacle() ?? (existsSync("/dev/net/tun") ? undefined : "kernel-libipsec needs /dev/net/tun");
}

/** Why strongSwan cannot be measured here, undefined if it can. */
export function strongswanObstacle(): string | undefined {
  const obstacle = namespaceObstacle();
  if (obstacle !== undefined) return obstacle;
  if (!existsSync(CHARON)) return `strongSwan is not installed (${CHARON})`;
  return existsSync("/dev/net/tun") ? undefined : "strongSwan's kernel-libipsec needs /dev/net/tun";
}

function namespaceObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make network namespaces";
  if (spawnSync("ip", ["-V"]).status !== 0) return "there is no `ip` (iproute2)";
  if (spawnSync("unshare", ["--net", "nsenter", "--version"]).status !== 0)
    return "network namespaces cannot be made, or there is no `unshare` or `nsenter` (util-linux)";
  return undefined;
}

/** How a strongSwan is started. */
export interface StrongswanPlan {
  /** Its settings, sockets and logs. */
  readonly folder: string;
  readonly proposal: string;
  readonly esp: string;
  /** What goes in front of its command. */
  readonly on: readonly string[];
  readonly resources: Resources;
}

/**
 * Debian's strongSwan as the responder of a load test, with the settings that our responders have: threads, priorities, one connection for all
 * initiators, virtual IPs, everything logged at level 1 to a file. ESP is kernel-libipsec's, as many kernels of small machines have none.
 * Exponents are short (`dh_exponent_ansi_x9_42`), which is its faster way.
 * @returns its process
 */
export async function startStrongswan(plan: StrongswanPlan): Promise<number> {
  const { folder, on, resources } = plan;
  const paths = pathsIn(folder);
  writeFileSync(paths.conf, settings(folder));
  writeFileSync(paths.secrets, `: PSK "default-psk"\n`);
  writeFileSync(paths.connections, connections(plan));
  // The pid file has a fixed place, so each has a /run of its own.
  const own = ["unshare", "-m", "sh", "-c", `mount -t tmpfs t /run; exec ${CHARON}`];
  return startCharon([...on, ...own], paths, resources);
}

/** Where a charon has what it is started with, and where it can be reached. */
export interface CharonPaths {
  readonly conf: string;
  readonly connections: string;
  readonly stroke: string;
  readonly output: string;
}

/**
 * Runs a charon, strongSwan's or ours, and loads its connections. It ends with this process, even if that is killed.
 * @returns its process
 * @throws {FailedRun} when it does not start, or takes the connections not
 */
export async function startCharon(command: readonly string[], paths: CharonPaths, resources: Resources): Promise<number> {
  const output = openSync(paths.output, "w");
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...process.env, STRONGSWAN_CONF: paths.conf },
  });
  closeSync(output);
  let isEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isEnded = true;
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });
  const drop = (): void => void child.kill("SIGKILL");
  resources.hold({
    release: async () => {
      drop();
      await ended;
    },
    drop,
  });
  for (const startedMs = performance.now(); !(await canConnect(paths.stroke)); await sleep(POLL_MS)) {
    if (isEnded || performance.now() - startedMs > START_LIMIT_MS)
      throw new FailedRun(
        `${command.at(-1)!.includes(CHARON) ? "strongSwan" : "cygnet"} did not start: ${readFileSync(paths.output, "utf8").trim().split("\n").at(-1)}`,
      );
  }
  const { config, errors, messages } = loadIpsecConf(paths.connections);
  if (errors > 0) throw new FailedRun(messages.map(({ text }) => text).join("; "));
  for (const request of loadRequests(config)) await strokeRequest(`unix://${paths.stroke}`, request);
  return child.pid ?? 0;
}

function pathsIn(folder: string) {
  return {
    conf: join(folder, "strongswan.conf"),
    secrets: join(folder, "ipsec.secrets"),
    connections: join(folder, "ipsec.conf"),
    stroke: join(folder, "charon.ctl"),
    log: join(folder, "charon.log"),
    output: join(folder, "output.log"),
  };
}

function settings(folder: string): string {
  const { log, secrets, stroke } = pathsIn(folder);
  return `charon {
  load = random nonce aes des sha1 sha2 md5 hmac xcbc cmac kdf fips-prf gmp openssl curve25519 gcm kernel-libipsec kernel-netlink attr resolve socket-default stroke updown counters
  threads = 32
  processor { priority_threads { high = 1
    medium = 10 } }
  reuse_ikesa = no
  dos_protection = no
  install_routes = no
  dh_exponent_ansi_x9_42 = no
  filelog { bench { path = ${log}
    default = 1
    time_format = %b %d %H:%M:%S } }
  plugins {
    stroke { socket = unix://${stroke}
      secrets_file = ${secrets} }
    resolve { file = ${join(folder, "resolv.conf")} }
  }
}
`;
}

function connections({ proposal, esp }: StrongswanPlan): string {
  return `config setup
  uniqueids=no
conn load-test
  keyexchange=ikev2
  authby=secret
  ike=${proposal}!
  esp=${esp}!
  rekey=no
  mobike=no
  left=${ADDRESSES.responder}
  leftid=@srv.strongswan.org
  right=%any
  rightid=*.strongswan.org
  rightsourceip=10.0.0.0/8
  auto=add
`;
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
