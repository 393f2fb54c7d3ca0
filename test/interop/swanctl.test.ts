import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "./harness/deadline.js";
import type { DaemonKind } from "./harness/daemon.js";
import { HOSTS, Network } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { afterTest, conn, startDaemon } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";
import { Swanctl } from "./harness/swanctl.js";

requireAll(STRONGSWAN_PEER);

const { moon, sun } = HOSTS;
const SECRETS = `secrets { ike-net { id-moon = carol@example.org
  id-sun = sun.example.org
  secret = "an interoperable secret" } }`;
const PROPOSALS = "aes128-sha256-modp2048";

/**
 * The initiator asks for an address; its lifetimes are all of those that a definition can have. Without MOBIKE, as charon tells of addresses
 * that come up when they do.
 */
const MOON = `connections {
  home {
    version = 2
    local_addrs = ${moon.v4}
    remote_addrs = ${sun.v4}
    proposals = ${PROPOSALS}
    vips = 0.0.0.0
    mobike = no
    dpd_delay = 30s
    local { auth = psk
      id = carol@example.org }
    remote { auth = psk
      id = sun.example.org }
    children {
      net { remote_ts = ${sun.subnet}
        esp_proposals = aes128-sha256-modp2048, aes256gcm16 }
      host { mode = transport
        life_bytes = 1000000
        rekey_bytes = 900000
        rekey_packets = 1000
        rekey_time = 0
        remote_ts = 10.2.0.1/32[tcp/80], 10.2.0.0/24[udp] }
    }
  }
  other {
    version = 0
    remote_addrs = 192.0.2.77, 192.0.2.78
    reauth_time = 3h
    unique = replace
    local-1 { auth = psk }
    remote-1 { auth = psk
      id = %any }
    children { other { local_ts = 10.1.0.0/16
        remote_ts = 10.99.0.0/16
        label = other
        label_mode = simple
        rekey_time = 10m
        life_time = 11m
        dpd_action = trap
        close_action = start } }
  }
  others {
    version = 2
    remote_addrs = 192.0.2.79
    send_cert = always
    dpd_delay = 10s
    dpd_timeout = 60s
    reauth_time = 1h
    rekey_time = 2h
    keyingtries = 0
    unique = never
    local-a { auth = eap-mschapv2
      round = 2
      id = carol
      eap_id = carol@example.org
      aaa_id = aaa.example.org }
    local-b { auth = pubkey
      id = "C=CH, O=Example, CN=carol"
      round = 1 }
    remote-a { auth = eap-7-12345
      id = *@example.org
      groups = sales, "C=CH, O=Example, OU=it"
      eap_id = %any }
    children {
      one { mode = beet
        local_ts = 10.1.0.1-10.1.0.9, 10.1.0.0/24[udp/53]
        remote_ts = 0.0.0.0/0[icmp], fec0::/16[6/80-90]
        rekey_time = 5m
        close_action = trap
        dpd_action = start }
      two { mode = transport_proxy
        label = dscp ef
        life_time = 30m
        rekey_time = 20m
        priority = 0 }
    }
  }
  old {
    version = 1
    remote_addrs = 192.0.2.80
    aggressive = yes
    local-1 { auth = psk
      id = alice }
    local-2 { auth = xauth-generic
      xauth_id = alice }
    remote { auth = psk
      id = 192.0.2.80 }
    children { old { } }
  }
  unsaid {
    local_addrs = 127.0.0.1
    children { trapped { local_ts = 10.77.0.0/24 } }
  }
}
${SECRETS}`;

const SUN = `connections {
  gw {
    version = 2
    local_addrs = ${sun.v4}
    remote_addrs = %any
    proposals = ${PROPOSALS}
    pools = clients
    mobike = no
    local { auth = psk
      id = sun.example.org }
    remote { auth = psk
      id = *@example.org }
    children { net { local_ts = ${sun.subnet}
        esp_proposals = aes128-sha256-modp2048 } }
  }
}
${SECRETS}
pools { clients { addrs = 10.4.0.1-10.4.0.254
    dns = 10.2.0.53, 10.2.0.54
    split_include = 10.2.0.0/16 } }`;

/** One that is as it was, one that is not any more, and some that cannot be loaded. */
const BAD = `connections {
  home { remote_addrs = ${sun.v4}
    local { auth = psk }
    remote { auth = psk } }
  badprop { proposals = aes128-nothing }
  badopt { bogus = 1 }
  badtime { rekey_time = soon }
  badauth { local { auth = magic } }
  badchild { children { net { esp_proposals = 3des-bogus } } }
  badaction { children { net { start_action = sometimes } } }
  badlife { children { net { life_bytes = many } } }
  badunique { unique = perhaps }
  badsection { elsewhere { auth = psk } }
  ok { version = 2 }
}
secrets { ike-other { secret = 0x1234 }
  eap-carol { id = carol
    secret = 0sQUJD } }`;

/** Two hosts that were configured with `swanctl --load-all`. */
class Scene {
  readonly lines: string[] = [];

  private constructor(private readonly hosts: Readonly<Record<HostName, Swanctl>>) {}

  static async start(moonKind: DaemonKind, sunKind: DaemonKind): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    const start = async (name: HostName, kind: DaemonKind, conf: string): Promise<Swanctl> => {
      const swanctl = new Swanctl(await startDaemon({ kind, name, folder: join(folder, name), on: network.on(name) }));
      swanctl.configure(conf);
      return swanctl;
    };
    const [moonSwanctl, sunSwanctl] = await Promise.all([start("moon", moonKind, MOON), start("sun", sunKind, SUN)]);
    return new Scene({ moon: moonSwanctl, sun: sunSwanctl });
  }

  /** Runs a command and keeps what it printed, as an operator sees it. */
  async run(host: HostName, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.hosts[host].run(...args);
    const printed = [stdout, stderr].filter((text) => text !== "").join("");
    this.lines.push(`$ swanctl ${args.join(" ")}`, ...normalised(printed), `[${code}]`);
    return printed;
  }

  /** As `run`, for what prints log lines first, which are compared in other tests: only how it ended. */
  async end(host: HostName, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.hosts[host].run(...args);
    const last = `${stdout}${stderr}`.trim().split("\n").at(-1)!;
    this.lines.push(`$ swanctl ${args.join(" ")}`, last, `[${code}]`);
    return stdout;
  }

  /** Loads connections of ipsec.conf, over the other socket. */
  ipsecConf(host: HostName, text: string): Promise<void> {
    return this.hosts[host].daemon.load(text);
  }

  /** Waits for a line in a daemon's log. */
  async logged(host: HostName, line: string | RegExp): Promise<void> {
    await until(`${line} on ${host}`, () => this.hosts[host].daemon.log.text.match(line));
  }

  /** Waits for what `--list-sas` prints. */
  async until(host: HostName, text: string): Promise<void> {
    await until(`${text} on ${host}`, async () => (await this.hosts[host].run("--list-sas")).stdout.includes(text));
  }

  /** Has `--monitor-sa` watch a host. @returns what keeps what it saw */
  async monitor(host: HostName): Promise<() => Promise<void>> {
    const end = this.hosts[host].begin("--monitor-sa", "--raw");
    // Registered, as far as can be seen from here: what is asked for after that is answered after it.
    await this.hosts[host].run("--list-sas");
    return async () => void this.lines.push("$ swanctl --monitor-sa --raw", ...monitored(await end()));
  }

  configure(host: HostName, text: string): void {
    this.hosts[host].configure(text);
  }
}

/** What `--monitor-sa` tells of, in order of the events' names: those of one moment may come in any. */
const monitored = (text: string): string[] =>
  normalised(text)
    .filter((line) => / event \{/.test(line))
    .sort();

/** Without what differs from run to run, and without kernel-libipsec's UDP encapsulation. */
function normalised(text: string): string[] {
  return (
    text
      .replace(/\b[0-9a-f]{16}\b/g, "SPI")
      .replace(/\b[0-9a-f]{16}(_[ir]\*?)/g, "SPI$1")
      .replace(/^( {4}(?:in|out)) +[0-9a-f]{8}/gm, "$1 SPI")
      .replace(/\b(spi-in|spi-out)=[0-9a-f]{8}/g, "$1=SPI")
      .replace(/\b(established|rekey-time|reauth-time|life-time|install-time)=\d+/g, "$1=N")
      .replace(/\b(established|installed|rekeying in|expires in|reauth in) \d+s/g, "$1 Ns")
      .replace(/ (nat-(local|remote|fake|any)|encap)=yes/g, "")
      .replaceAll("-in-UDP", "")
      .replace(/\[4?500\]/g, "[PORT]")
      .replace(/(local|remote)-port=4?500/g, "$1-port=PORT")
      // New in strongSwan 6.
      .replace(/ (local|remote)_port=500/g, "")
      .replace(/(event .*\{child=\S+) reqid=\d+/g, "$1")
      .split("\n")
  );
}

/** The same commands on both, output for output. */
async function compare(moonKind: DaemonKind, sunKind: DaemonKind, script: (scene: Scene) => Promise<void>): Promise<void> {
  const [real, ours] = [await Scene.start("strongswan", "strongswan"), await Scene.start(moonKind, sunKind)];
  await Promise.all([script(real), script(ours)]);
  // Both could do nothing alike.
  expect(real.lines).toContain("initiate completed successfully");
  expect(ours.lines.join("\n")).toBe(real.lines.join("\n"));
}

describe("Debian's swanctl prints the same of cygnet as of charon", () => {
  it("as initiator: configurations, policies, SAs, and errors", async () => {
    await compare("cygnet", "strongswan", async (scene) => {
      await scene.run("sun", "--load-all");
      await scene.run("moon", "--load-creds");
      await scene.run("moon", "--load-creds", "--raw");
      await scene.run("moon", "--load-authorities");
      await scene.run("moon", "--load-pools");
      await scene.run("moon", "--load-conns");
      await scene.run("moon", "--load-conns", "--raw");
      await scene.run("moon", "--list-conns");
      await scene.run("moon", "--list-conns", "--raw");
      await scene.run("moon", "--list-pols");
      await scene.run("moon", "--list-sas");
      await scene.run("moon", "--list-sas", "--raw");
      await scene.end("moon", "--initiate", "--child", "net");
      await scene.run("moon", "--list-sas");
      await scene.run("moon", "--list-sas", "--raw");
      await scene.run("moon", "--list-sas", "--ike", "home", "--raw");
      await scene.run("moon", "--list-sas", "--ike", "nobody", "--raw");
      await scene.run("moon", "--list-sas", "--child", "net", "--raw");
      await scene.run("moon", "--list-sas", "--child", "host", "--raw");
      await scene.run("moon", "--rekey", "--child", "net");
      await scene.run("moon", "--rekey", "--child", "nothing");
      await scene.run("moon", "--rekey", "--ike", "nobody", "--raw");
      await scene.run("moon", "--install", "--child", "nothing");
      await scene.run("moon", "--uninstall", "--child", "nothing");
      await scene.run("moon", "--install", "--child", "other");
      await scene.run("moon", "--install", "--child", "trapped");
      await scene.run("moon", "--list-pols");
      await scene.run("moon", "--list-pols", "--trap", "--raw");
      await scene.run("moon", "--uninstall", "--child", "other");
      await scene.run("moon", "--uninstall", "--child", "other");
      await scene.run("moon", "--initiate", "--child", "nothing");
      await scene.run("moon", "--initiate", "--ike", "nothing");
      await scene.run("moon", "--initiate", "--child", "nothing", "--raw");
      await scene.run("moon", "--terminate", "--ike", "nobody");
      await scene.run("moon", "--terminate", "--child", "nothing", "--raw");
      await scene.end("moon", "--terminate", "--ike", "home");
      await scene.run("moon", "--list-sas");
      await scene.run("moon", "--list-certs", "--raw");
      await scene.run("moon", "--list-authorities", "--raw");
      await scene.run("moon", "--list-pools", "--raw");
      await scene.run("moon", "--flush-certs");
      await scene.run("moon", "--reload-settings");
      scene.configure("moon", BAD);
      await scene.run("moon", "--load-conns");
      await scene.run("moon", "--load-conns", "--raw");
      await scene.run("moon", "--list-conns");
      await scene.run("moon", "--load-creds", "--clear", "--raw");
      await scene.run("moon", "--counters", "--reset");
      await scene.run("moon", "--counters");
      await scene.run("moon", "--counters", "--name", "nobody");
    });
  });

  it("of connections of ipsec.conf", async () => {
    await compare("cygnet", "strongswan", async (scene) => {
      for (const host of ["sun", "moon"] as const) await scene.run(host, "--load-all");
      await scene.ipsecConf("moon", conn("net", "moon", { dpdaction: "restart", reauth: "yes" }));
      await scene.ipsecConf(
        "moon",
        conn("eap", "moon", { dpdaction: "clear", leftauth: "eap-md5", eap_identity: "carol", rightauth: "psk" }),
      );
      await scene.run("moon", "--list-conns");
      await scene.run("moon", "--list-conns", "--raw");
      await scene.run("moon", "--load-conns", "--raw");
      await scene.end("moon", "--initiate", "--child", "net");
      await scene.end("moon", "--initiate", "--ike", "home", "--child", "net");
    });
  });

  it("of the daemon itself, but for its figures and plugins", async () => {
    const figures = (text: string): string =>
      text
        .replace(/^loaded plugins: .*/m, "loaded plugins")
        .replace(/(since[ =]).*?(?=\}|$)/m, "$1")
        .replace(/\bseconds?\b/g, "seconds")
        .replace(/\d[\d.]*/g, "N")
        .replace(/\{plugins=.*?\]|plugins=\[.*?\]/, "plugins");
    const outputs = async (kind: DaemonKind): Promise<string[]> => {
      const scene = await Scene.start(kind, "strongswan");
      const all = await Promise.all([
        scene.run("moon", "--stats"),
        scene.run("moon", "--stats", "--raw"),
        scene.run("moon", "--version", "--daemon"),
      ]);
      const algorithms = await scene.run("moon", "--list-algs");
      // The classes are the same, but for the name that one has had since strongSwan 6; who provides what is not.
      return [...all.map(figures), algorithms.replace(/^ke:/m, "dh:").replace(/^ .*\n/gm, "")];
    };
    expect(await outputs("cygnet")).toEqual(await outputs("strongswan"));
  });

  it("of what happens to SAs", async () => {
    await compare("cygnet", "strongswan", async (scene) => {
      for (const host of ["sun", "moon"] as const) await scene.run(host, "--load-all");
      const keep = await scene.monitor("moon");
      await scene.end("moon", "--initiate", "--child", "net");
      await scene.end("moon", "--rekey", "--child", "net");
      await scene.until("moon", "#2");
      await scene.end("moon", "--rekey", "--ike", "home");
      await scene.until("moon", "home: #2, ESTABLISHED");
      await scene.end("moon", "--terminate", "--ike", "home");
      await keep();
    });
  });

  it("as responder: SAs, pools, leases and counters", async () => {
    await compare("strongswan", "cygnet", async (scene) => {
      await scene.run("moon", "--load-all");
      await scene.run("sun", "--load-all");
      await scene.run("sun", "--list-conns");
      await scene.run("sun", "--list-pools");
      await scene.end("moon", "--initiate", "--child", "net");
      await scene.run("sun", "--list-sas");
      await scene.run("sun", "--list-sas", "--raw");
      await scene.run("sun", "--list-pools", "--leases");
      await scene.run("sun", "--list-pools", "--leases", "--raw");
      await scene.run("sun", "--counters");
      await scene.run("sun", "--counters", "--all");
      await scene.run("sun", "--load-pools");
      await scene.end("sun", "--terminate", "--child", "net");
      await scene.run("sun", "--list-sas");
      await scene.end("sun", "--terminate", "--ike", "gw", "--raw");
      await scene.run("sun", "--list-pools", "--leases");
      scene.configure("sun", SUN.replace("10.4.0.1-10.4.0.254", "10.5.0.1-10.5.0.20"));
      await scene.run("sun", "--load-pools");
      await scene.run("sun", "--list-pools");
      scene.configure("sun", "pools { }\n");
      await scene.run("sun", "--load-all");
      await scene.run("sun", "--list-pools");
      await scene.run("sun", "--list-conns");
    });
  });
});

it.each([
  ["strongswan", "cygnet"],
  ["cygnet", "strongswan"],
] as const)("a client of %s goes to another gateway when %s sends it there", async (client, gateway) => {
  const scene = await Scene.start(client, gateway);
  for (const host of ["sun", "moon"] as const) await scene.run(host, "--load-all");
  await scene.end("moon", "--initiate", "--child", "net");
  expect(await scene.run("sun", "--redirect", "--peer-id", "dave@example.org", "--gateway", "192.0.2.99")).toContain(
    "no matching SAs to redirect found",
  );
  expect(await scene.run("sun", "--redirect", "--peer-id", "*@example.org", "--gateway", "192.0.2.99", "--raw")).toContain(
    "redirect reply {success=yes matches=1}",
  );
  await scene.logged("moon", /redirect.* 192\.0\.2\.99/);
  await scene.logged("sun", "redirecting peer to 192.0.2.99");
  // It sets up what it can there, and closes what it has here.
  await scene.until("moon", "192.0.2.99");
});
