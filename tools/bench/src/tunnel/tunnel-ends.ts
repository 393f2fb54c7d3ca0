import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FailedRun } from "../measurement.js";
import type { Bench } from "../measurement.js";
import { ADDRESSES, Namespaces } from "../peer/namespaces.js";
import type { Role } from "../peer/namespaces.js";
import { CHARON, startCharon } from "../peer/strongswan.js";

export type TunnelKind = "cygnet" | "strongswan";

/** Addresses of the hosts in the networks behind them. */
export const INSIDE: Readonly<Record<Role, string>> = { initiator: "10.71.1.1", responder: "10.71.2.1" };
const SUBNETS: Readonly<Record<Role, string>> = { initiator: "10.71.1.0/24", responder: "10.71.2.0/24" };
const ROLES = ["responder", "initiator"] as const;
const PLUGINS =
  "random nonce aes sha1 sha2 hmac kdf gmp openssl curve25519 gcm kernel-libipsec kernel-netlink socket-default stroke";
const UP_LIMIT_MS = 15_000;
const POLL_MS = 100;

/**
 * A tunnel of kernel-libipsec between two network namespaces, with daemons of one kind at both ends.
 * @throws {FailedRun} when no packet comes through in time
 */
export async function tunnelBetween(bench: Bench, kind: TunnelKind, esp: string): Promise<Namespaces> {
  const namespaces = await Namespaces.create(bench.resources);
  for (const role of ROLES) {
    const address = ["addr", "add", `${INSIDE[role]}/32`, "dev", "lo"];
    execFileSync("nsenter", [...namespaces.on(role).slice(1), "ip", ...address], { stdio: "ignore" });
    await startEnd(bench, kind, role, esp, namespaces);
  }
  const ping = ["ping", "-c", "1", "-W", "1", "-I", INSIDE.initiator, INSIDE.responder];
  const [command, ...args] = [...namespaces.on("initiator"), ...ping];
  for (const startedMs = performance.now(); spawnSync(command!, args).status !== 0; await sleep(POLL_MS))
    if (performance.now() - startedMs > UP_LIMIT_MS) throw new FailedRun(`no packet came through the tunnel of ${kind}`);
  return namespaces;
}

async function startEnd(bench: Bench, kind: TunnelKind, role: Role, esp: string, namespaces: Namespaces): Promise<void> {
  const folder = bench.newFolder();
  const paths = {
    conf: join(folder, "strongswan.conf"),
    connections: join(folder, "ipsec.conf"),
    stroke: join(folder, "charon.ctl"),
    output: join(folder, "output.log"),
    secrets: join(folder, "ipsec.secrets"),
  };
  writeFileSync(paths.conf, settings(kind, paths));
  writeFileSync(paths.secrets, `: PSK "a tunnel to be measured"\n`);
  writeFileSync(paths.connections, connection(role, esp));
  const daemon =
    kind === "strongswan"
      ? ["unshare", "-m", "sh", "-c", `mount -t tmpfs t /run; exec ${CHARON}`]
      : [...bench.cygnet, "charon", "--conf", paths.conf, "--piddir", folder];
  await startCharon([...namespaces.on(role), ...daemon], paths, bench.resources);
}

/** Nothing is logged: it is packets that are measured. */
function settings(kind: TunnelKind, { secrets, stroke }: { readonly secrets: string; readonly stroke: string }): string {
  return `charon {
  load = ${PLUGINS}
  ${kind === "cygnet" ? "shards = 1" : ""}
  plugins { stroke { socket = unix://${stroke}
    secrets_file = ${secrets} } }
}
`;
}

function connection(role: Role, esp: string): string {
  const other = role === "initiator" ? "responder" : "initiator";
  return `conn tunnel
  keyexchange=ikev2
  authby=secret
  ike=aes128-sha256-x25519!
  esp=${esp}!
  left=${ADDRESSES[role]}
  leftid=@${role}.example.org
  leftsubnet=${SUBNETS[role]}
  right=${ADDRESSES[other]}
  rightid=@${other}.example.org
  rightsubnet=${SUBNETS[other]}
  auto=${role === "initiator" ? "start" : "add"}
`;
}
