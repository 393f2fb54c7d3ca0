import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run } from "../harness/command.js";
import type { DaemonKind, IkeDaemon } from "../harness/daemon.js";
import { Libreswan, subnetsOf } from "../harness/libreswan.js";
import { HOSTS, Network } from "../harness/network.js";
import type { HostName } from "../harness/network.js";
import { Pair, afterTest, conn, startDaemon } from "../harness/pair.js";
import type { Keywords, PairPlan } from "../harness/pair.js";

/** Of a daemon that leaves packets to the kernel, without its sockets and control. */
export const PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp openssl curve25519 gcm kernel-netlink";
export const NONE_LOST = " 0% packet loss";
export const BOTH_WAYS = [
  ["moon", "sun"],
  ["sun", "moon"],
] as const;

/** What packets need to cross, and who is asked about it. */
export interface Tunnel {
  readonly network: Network;
  readonly moon: IkeDaemon;
}

/** Both daemons leave packets to the kernel. */
export function start(sun: DaemonKind, plan: Partial<PairPlan> = {}): Promise<Pair> {
  const setup = { load: `${PLUGINS} socket-default stroke` };
  return Pair.start({ moon: "cygnet", sun, settings: "install_routes = yes", moonSetup: setup, sunSetup: setup, ...plan });
}

export interface LibreswanPlan {
  /** What each calls the proposal of the CHILD_SA. */
  readonly esp?: readonly [ours: string, theirs: string];
  readonly moonConn?: Keywords;
  readonly sunConn?: Keywords;
}

/** cygnet on moon, libreswan on sun. */
export async function startWithLibreswan(plan: LibreswanPlan = {}): Promise<Tunnel & { readonly sun: Libreswan }> {
  const { esp: [ours, theirs] = ["aes128gcm16", "aes_gcm128"], moonConn, sunConn } = plan;
  const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  const network = await Network.create();
  afterTest(() => network.close());
  const secrets = '@moon.example.org @sun.example.org : PSK "an interoperable secret"\n';
  const setup = { folder: join(folder, "sun"), on: network.on("sun"), address: HOSTS.sun.v4, secrets, hasEsp: true };
  const sun = await Libreswan.start(setup);
  afterTest(() => sun.stop());
  await sun.load("net", { ...subnetsOf("aes128-sha2_256-modp2048", theirs), ...sunConn });
  const load = `${PLUGINS} socket-default stroke`;
  const daemon = { kind: "cygnet", name: "moon", folder: join(folder, "moon"), on: network.on("moon"), load } as const;
  const moon = await startDaemon({ ...daemon, settings: "install_routes = yes" });
  await moon.secrets(secrets);
  await moon.load(conn("net", "moon", { ike: "aes128-sha256-modp2048!", esp: `${ours}!`, reauth: "no", ...moonConn }));
  return { network, moon, sun };
}

/** What ping prints. @param more options of its */
export async function ping(
  { network }: Tunnel,
  [from, to]: readonly [HostName, HostName],
  more: readonly string[] = [],
  inside: "inside" | "inside6" = "inside",
): Promise<string> {
  const usual = ["ping", "-c", "2", "-i", "0.3", "-W", "4"];
  const [command, ...args] = [...network.on(from), ...usual, ...more, "-I", HOSTS[from][inside], HOSTS[to][inside]];
  return (await attempt(command!, args)).stdout;
}

export const xfrm = ({ network }: Tunnel, host: HostName, what: "state" | "policy"): Promise<string> =>
  run("ip", ["-n", network.namespace(host), "xfrm", what]);

/** Of policies other than those of sockets. */
export const policies = async (tunnel: Tunnel, host: HostName): Promise<string[]> =>
  (await xfrm(tunnel, host, "policy")).split("\n").filter((line) => line.includes(" dir ") || line.startsWith("\tdir"));
