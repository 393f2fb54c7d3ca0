import { join } from "node:path";
import type { LoadTestArguments } from "./load-test-arguments.js";

/** One of the two daemons of a load test. */
export interface Side {
  readonly role: "responder" | "initiator";
  /** Folder of its settings, log, pid file and control sockets. */
  readonly folder: string;
  /** Its own UDP ports; 0 lets the kernel choose. */
  readonly port: number;
  readonly natPort: number;
  /** Shards, one per CPU that the process may use if not set. */
  readonly shards?: number | undefined;
}

/** Who talks to whom. */
export interface Addresses {
  readonly initiator: string;
  readonly responder: string;
  readonly responderPort: number;
}

/**
 * The plugins of a 2014 configuration, with what a load test needs added in front of those it stands in for. The last three bring the
 * algorithms that `--proposal` may ask for and 2014 did not list.
 */
export const LOADED_PLUGINS =
  "aes des sha1 sha2 md5 random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pgp dnskey pem fips-prf gmp xcbc cmac hmac attr " +
  "load-tester kernel-netlink resolve socket-default stroke updown xauth-generic counters openssl curve25519 gcm";
/** Where the responder's virtual IPs come from. */
const POOL = "10.0.0.0/8";

/** Paths in the folder of a side. */
export function sidePaths(
  folder: string,
): Readonly<Record<"conf" | "secrets" | "log" | "output" | "control" | "stroke", string>> {
  return {
    conf: join(folder, "strongswan.conf"),
    secrets: join(folder, "ipsec.secrets"),
    log: join(folder, "charon.log"),
    output: join(folder, "output.log"),
    control: join(folder, "charon.ldt"),
    stroke: join(folder, "charon.ctl"),
  };
}

/**
 * The strongswan.conf of a side: the settings of the user whose load test this is, with the own file over them.
 *
 * 32 threads with one reserved for high and ten for medium priority, an IKE_SA of its own for each initiation, no cookies or per-address
 * limits as all clients share one address, everything logged at level 1.
 */
export function daemonSettings(side: Side, addresses: Addresses, args: LoadTestArguments): string {
  const paths = sidePaths(side.folder);
  const isInitiator = side.role === "initiator";
  const own = isInitiator
    ? [
        `initiators = ${args.initiators}`,
        // The sessions are shared by all initiators; each would do them all if the others did none.
        `iterations = ${args.sessions}`,
        `delay = ${args.delayMs}`,
        `init_limit = ${args.initLimit}`,
        "start_on_request = yes",
        "request_virtual_ip = yes",
      ]
    : [`pool = ${POOL}`];
  const lines = [
    "charon {",
    `  load = ${LOADED_PLUGINS}`,
    "  threads = 32",
    ...(side.shards === undefined ? [] : [`  shards = ${side.shards}`]),
    "  processor { priority_threads { high = 1",
    "    medium = 10 } }",
    "  reuse_ikesa = no",
    "  dos_protection = no",
    `  port = ${side.port}`,
    `  port_nat_t = ${side.natPort}`,
    `  filelog { load-test { path = ${quote(paths.log)}`,
    "    default = 1",
    "    append = no",
    `    time_format = ${quote("%b %d %H:%M:%S")} } }`,
    "  plugins {",
    // Those of the machine have no part in the test.
    `    stroke { secrets_file = ${quote(paths.secrets)} }`,
    "    socket-default { use_ipv6 = " + (addresses.responder.includes(":") ? "yes" : "no") + " }",
    "    load-tester {",
    "      enable = yes",
    "      fake_kernel = yes",
    `      initiator_auth = ${args.auth}`,
    `      responder_auth = ${args.auth}`,
    `      proposal = ${args.proposal}`,
    `      esp = ${args.esp}`,
    `      initiator = ${addresses.initiator}`,
    `      responder = ${addresses.responder}`,
    `      responder_port = ${addresses.responderPort}`,
    ...own.map((line) => `      ${line}`),
    "    }",
    "  }",
    "}",
  ];
  if (args.conf !== undefined) lines.push(`include ${quote(escapeGlob(args.conf))}`);
  return `${lines.join("\n")}\n`;
}

/** A string of strongswan.conf, in which backslash and quote are escaped. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** A path as a pattern that matches it alone. */
function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[\]\\]/g, "\\$&");
}
