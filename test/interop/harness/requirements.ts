import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach } from "vitest";

/** The command that the tests start as a daemon; it is what `npm run build` makes. */
export const CYGNET = fileURLToPath(new URL("../../../tools/cygnet/bin/cygnet.js", import.meta.url));
export const STRONGSWAN = "/usr/lib/ipsec";

/** The folder that the set-up unpacks libreswan to. */
export const LIBRESWAN =
  process.env["CYGNET_LIBRESWAN"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cygnet", "libreswan");

/** What a test can need of the machine. */
export type Requirement = "build" | "root" | "namespaces" | "strongswan" | "swanctl" | "pki" | "libreswan" | "openssl" | "pgp";

const REASONS: Readonly<Record<Requirement, () => string | undefined>> = {
  build: () => (existsSync(join(CYGNET, "../../dist/main.js")) ? undefined : "cygnet is not built"),
  root: () => (process.getuid?.() === 0 ? undefined : "only root can do this"),
  namespaces: () => {
    const name = `cyg-${process.pid}-try`;
    if (spawnSync("ip", ["netns", "add", name]).status !== 0) return "no network namespaces here";
    spawnSync("ip", ["netns", "del", name]);
    return undefined;
  },
  strongswan: () => {
    const missing = ["charon", "stroke", "starter"].filter((file) => !existsSync(join(STRONGSWAN, file)));
    if (missing.length > 0) return `strongSwan is not installed (${missing.join(", ")})`;
    return existsSync("/dev/net/tun") ? undefined : "strongSwan's kernel-libipsec needs /dev/net/tun";
  },
  openssl: () => (spawnSync("openssl", ["version"]).status === 0 ? undefined : "the openssl command is not installed"),
  pgp: () => {
    if (spawnSync("gpg", ["--version"]).error) return "GnuPG is not installed";
    return existsSync(join(STRONGSWAN, "plugins/libstrongswan-pgp.so")) ? undefined : "strongSwan's plugin pgp is not installed";
  },
  swanctl: () => (spawnSync("swanctl", ["--help"]).error === undefined ? undefined : "strongSwan's swanctl is not installed"),
  pki: () => (spawnSync("pki", ["--help"]).error === undefined ? undefined : "strongSwan's pki is not installed"),
  libreswan: () => (existsSync(join(LIBRESWAN, "usr/libexec/ipsec/pluto")) ? undefined : "libreswan is not unpacked"),
};

/** For tests with a strongSwan on the other end of the cable. */
export const STRONGSWAN_PEER: readonly Requirement[] = ["root", "namespaces", "strongswan", "build"];

/** The same with OpenPGP keys. */
export const PGP_PEER: readonly Requirement[] = [...STRONGSWAN_PEER, "pgp"];

/** Skips the tests of a file where the machine lacks something, with the reason. */
export function requireAll(needs: readonly Requirement[]): void {
  const reason = needs.map((need) => REASONS[need]()).find((found) => found !== undefined);
  if (reason === undefined) return;
  process.stderr.write(`skipped: ${reason}\n`);
  beforeEach((context) => context.skip(reason));
}
