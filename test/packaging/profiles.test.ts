import { loadSettings } from "@cygnet/settings";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { HOSTS, Network } from "../interop/harness/network.js";
import { afterTest } from "../interop/harness/pair.js";
import { Pki } from "../interop/harness/pki.js";
import { requireAll } from "../interop/harness/requirements.js";
import { root } from "../repository/workspace.js";
import { PROFILES, ProfileHost, profilePath } from "./profile-host.js";
import type { HostSetup } from "./profile-host.js";

requireAll(["root", "namespaces", "build"]);

const { moon, sun } = HOSTS;
/** What tells in the log that a profile does not fit the daemon; that a kernel has no ESP is not the profile's fault. */
const isAmiss = (message: string): boolean =>
  /fail|unmet|not available|no effect|unknown|plugin '/.test(message) && !message.includes("this kernel lacks ESP");

let network: Network;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-packaging-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  network = await Network.create();
  afterTest(() => network.close());
});

const start = (setup: Omit<HostSetup, "network" | "folder">): Promise<ProfileHost> =>
  ProfileHost.start({ network, folder: join(folder, setup.host), ...setup });

/** The capabilities that the units leave. */
function capabilitiesOfUnit(): string[] {
  const unit = readFileSync(join(root, "packaging/systemd/cygnet.service"), "utf8");
  const [, names = ""] = /^CapabilityBoundingSet=(.*)$/m.exec(unit) ?? [];
  return names.split(" ").map((name) => name.toLowerCase().replace(/^cap_/, "+"));
}

describe.each(PROFILES)("the profile %s", (profile) => {
  it("loads what it names, with nothing amiss, and with no more capabilities than the unit leaves", async () => {
    const bounds = ["-all", ...capabilitiesOfUnit()].join(",");
    expect(bounds).toMatch(/\+net_admin/);
    const under = ["setpriv", `--bounding-set=${bounds}`, "--inh-caps=-all", "--no-new-privs"];
    const host = await start({ host: "moon", profile, under });
    const status = readFileSync(`/proc/${host.pid}/status`, "utf8");
    // CAP_NET_BIND_SERVICE is 10, CAP_NET_ADMIN 12.
    expect(/^CapEff:\s*(\w+)$/m.exec(status)?.[1]).toBe("0000000000001400");
    expect(host.plugins).toBe(loadSettings(profilePath(profile)).settings.getString(["charon", "load"]));
    expect(host.log.messages.filter(isAmiss)).toEqual([]);
    await host.stop();
    expect(host.log.messages.filter(isAmiss)).toEqual([]);
  });
});

it("site-to-site gateways connect their networks with a pre-shared key", async () => {
  const profile = "site-to-site";
  const [left, right] = await Promise.all([start({ host: "moon", profile }), start({ host: "sun", profile })]);
  const conf = (own: typeof moon, other: typeof moon): string => `connections { net {
    version = 2
    local_addrs = ${own.v4}
    remote_addrs = ${other.v4}
    local { auth = psk }
    remote { auth = psk }
    children { net {
      local_ts = ${own.subnet}
      remote_ts = ${other.subnet} } } } }
  secrets { ike-1 { secret = swordfish } }`;
  left.write("swanctl.conf", conf(moon, sun));
  right.write("swanctl.conf", conf(sun, moon));
  for (const host of [left, right]) await host.swanctl("--load-all");
  await left.swanctl("--initiate", "--child", "net");
  expect(await right.swanctl("--list-sas")).toMatch(/net: #1, ESTABLISHED[^]*net: #1, reqid 1, INSTALLED[^]*10\.2\.0\.0\/16/);
});

it("road warriors get an address and a name server for a certificate", async () => {
  const pki = new Pki();
  afterTest(async () => pki.close());
  const ca = await pki.authority("root", { key: "ecdsa256" });
  const gateway = await start({ host: "sun", profile: "road-warrior", settings: "dns1 = 10.2.0.53" });
  // The client's own side is no gateway: it takes name servers.
  const resolvConf = join(folder, "resolv.conf");
  const client = await start({
    host: "moon",
    profile: "road-warrior",
    settings: `load = nonce openssl kernel-netlink resolve socket-default vici\n plugins { resolve { file = ${resolvConf}\n } }`,
  });
  for (const [host, name] of [
    [gateway, "sun"],
    [client, "moon"],
  ] as const) {
    const own = await pki.host(name, ca, { key: "ecdsa256" });
    host.write("x509/own.pem", own.certificate);
    host.write("private/own.key", own.key);
    host.write("x509ca/root.pem", ca.certificate);
  }
  gateway.write(
    "swanctl.conf",
    `connections { road {
      version = 2
      local_addrs = ${sun.v4}
      pools = clients
      local { certs = own.pem
        id = sun.example.org }
      remote { id = *.example.org }
      children { road { local_ts = ${sun.subnet} } } } }
    pools { clients { addrs = 10.9.0.0/24 } }`,
  );
  client.write(
    "swanctl.conf",
    `connections { road {
      version = 2
      remote_addrs = ${sun.v4}
      vips = 0.0.0.0
      local { certs = own.pem
        id = moon.example.org }
      remote { id = sun.example.org }
      children { road { remote_ts = ${sun.subnet} } } } }`,
  );
  for (const host of [gateway, client]) await host.swanctl("--load-all");
  const output = await client.swanctl("--initiate", "--child", "road");
  expect(output).toContain("initiate completed successfully");
  expect(await gateway.swanctl("--list-sas")).toMatch(/remote 'moon\.example\.org' @ \S+ \[10\.9\.0\.1\]/);
  expect(readFileSync(resolvConf, "utf8")).toContain("nameserver 10.2.0.53");
});

it("a load generator sets up IKE_SAs with another one", async () => {
  const profile = "load-generator";
  const target = await start({ host: "sun", profile, settings: `plugins { load-tester { responder = ${sun.v4}\n } }` });
  const generator = await start({
    host: "moon",
    profile,
    settings: `plugins { load-tester { responder = ${sun.v4}\n initiators = 2\n iterations = 5\n delete_after_established = no\n } }`,
  });
  await target.log.seen(/IKE_SA .* established/, { times: 10 });
  expect(await generator.swanctl("--stats")).toMatch(/IKE_SAs: 10 total, 0 half-open/);
});
