// The Debian packages that building and testing need, and their installation where we may.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, SetupError, step } from "./steps.mjs";

/** To build the addon. The command tells whether it is there on a system without dpkg. */
export const BUILD_PACKAGES = { "g++": "c++", make: "make", python3: "python3", "libgmp-dev": undefined };

/** For the tests with real peers in network namespaces. */
export const INTEROP_PACKAGES = {
  iproute2: "ip",
  "iputils-ping": "ping",
  // A NAT that gives a peer another port.
  nftables: "nft",
  conntrack: "conntrack",
  procps: "sysctl",
  "util-linux": "unshare",
  "strongswan-charon": undefined,
  "strongswan-starter": "ipsec",
  "strongswan-swanctl": "swanctl",
  "strongswan-pki": "pki",
  "libstrongswan-standard-plugins": undefined,
  "libstrongswan-extra-plugins": undefined,
  "libcharon-extra-plugins": undefined,
  "libcharon-extauth-plugins": undefined,
  // A kernel with ESP, as a process; there is none for other processors.
  ...(process.arch === "x64" ? { "user-mode-linux": "linux.uml", kmod: "modprobe" } : {}),
  // For the scenarios.
  iptables: "iptables",
  tcpdump: "tcpdump",
  openssl: "openssl",
  gnupg: "gpg",
  // For the examples.
  postgresql: "initdb",
};

/** What a package's start scripts ask before they start a service (see invoke-rc.d(8)); 101 forbids it. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/** Units that Debian would start at the next boot, by the packages that bring them, though nobody asked for more than what tests use. */
const UNITS = {
  "strongswan-starter": ["strongswan-starter.service", "strongswan.service"],
  postgresql: ["postgresql.service"],
};

/**
 * Which of the packages are not installed.
 *
 * @param {Readonly<Record<string, string | undefined>>} packages
 * @returns {string[]}
 */
export function missingPackages(packages) {
  const names = Object.keys(packages);
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...names], { encoding: "utf8" });
  if (query.error === undefined) {
    const installed = new Set(
      query.stdout
        .split("\n")
        .filter((line) => line.endsWith(" installed"))
        .map((line) => line.split(" ")[0]),
    );
    return names.filter((name) => !installed.has(name));
  }
  return names.filter((name) => packages[name] !== undefined && !inPath(packages[name]));
}

/**
 * Installs packages with apt, without starting what they bring.
 *
 * @param {readonly string[]} names not empty
 * @throws {SetupError} naming them, when apt is missing, fails, or we are not root
 */
export async function installPackages(names) {
  const sentence = `Please install these packages: ${names.join(" ")} (on Debian, as root: apt-get install -y --no-install-recommends ${names.join(" ")}).`;
  if (process.getuid?.() !== 0) throw new SetupError(sentence);
  if (!inPath("apt-get")) throw new SetupError(sentence);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step(`installing ${names.join(" ")} with apt`, async () => {
    try {
      await run("apt-get", ["update", "-qq"], { env });
      await withoutServiceStart(() => run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], { env }));
    } catch (error) {
      throw new SetupError(`${error instanceof Error ? error.message : error}\napt could not install them. ${sentence}`);
    }
    disableAtBoot(names.flatMap((name) => UNITS[name] ?? []));
  });
}

/** A policy that is there already is the host's own and stays. */
async function withoutServiceStart(work) {
  if (existsSync(SERVICE_POLICY)) return work();
  writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const remove = () => rmSync(SERVICE_POLICY, { force: true });
  const stop = () => (remove(), process.exit(130));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work();
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    remove();
  }
}

/** Only for a strongSwan that this set-up has just installed: the tests start their own daemons. */
function disableAtBoot(units) {
  if (units.length > 0 && inPath("systemctl")) spawnSync("systemctl", ["disable", ...units], { stdio: "ignore" });
}

/** @param {string} command */
function inPath(command) {
  return `${process.env.PATH ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`
    .split(delimiter)
    .some((folder) => folder !== "" && existsSync(join(folder, command)));
}
