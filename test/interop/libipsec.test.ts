import { describe, expect, it } from "vitest";
import { attempt, run } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import type { DaemonKind } from "./harness/daemon.js";
import type { PairPlan } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp curve25519 gcm openssl kernel-libipsec kernel-netlink";
const setup = (kind: DaemonKind) => ({
  load: kind === "cygnet" ? `${PLUGINS} socket-default stroke` : `${PLUGINS} chapoly socket-default stroke`,
});

/** Both daemons carry packets in user space. */
function start(moon: DaemonKind, sun: DaemonKind, plan: Partial<PairPlan> = {}): Promise<Pair> {
  const settings = `install_routes = yes\n${plan.settings ?? ""}`;
  return Pair.start({ moon, sun, moonSetup: setup(moon), sunSetup: setup(sun), ...plan, settings });
}

type Inside = "inside" | "inside6";
const ping = async (
  { network }: Pair,
  from: HostName,
  to: HostName,
  inside: Inside = "inside",
  more: readonly string[] = ["-c", "3", "-i", "0.2"],
): Promise<string> => {
  const [command, ...args] = [...network.on(from), "ping", "-W", "4", ...more, "-I", HOSTS[from][inside], HOSTS[to][inside]];
  return (await attempt(command, args)).stdout;
};
const NONE_LOST = " 0% packet loss";

const routes = ({ network }: Pair, host: HostName): Promise<string> =>
  run("ip", ["-n", network.namespace(host), "route", "show", "table", "220"]).catch(() => "");

async function bothWays(pair: Pair, inside: Inside = "inside"): Promise<void> {
  expect(await ping(pair, "moon", "sun", inside)).toContain(NONE_LOST);
  expect(await ping(pair, "sun", "moon", inside)).toContain(NONE_LOST);
}

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it.each(["aes128gcm16", "aes256-sha256", "chacha20poly1305", "aes128-sha1"])(
    "carries packets both ways with %s",
    async (esp) => {
      const pair = await start(moon, sun, { conn: { esp: `${esp}!` } });
      await pair.moon.up();
      await bothWays(pair);
      expect(await pair.moon.sas()).toMatch(/504 bytes_i \(6 pkts, \d+s ago\), 504 bytes_o \(6 pkts, \d+s ago\)/);
      await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
      for (const host of ["moon", "sun"] as const) expect(await routes(pair, host)).toBe("");
    },
  );

  it("carries IPv6 in IPv4", async () => {
    const inner = (host: HostName): string => HOSTS[host].subnet6;
    const pair = await start(moon, sun, {
      moonConn: { leftsubnet: inner("moon"), rightsubnet: inner("sun") },
      sunConn: { leftsubnet: inner("sun"), rightsubnet: inner("moon") },
    });
    await pair.moon.up();
    await bothWays(pair, "inside6");
  });

  it("carries IPv4 in IPv6", async () => {
    const inner = (host: HostName): string => HOSTS[host].subnet;
    const pair = await start(moon, sun, {
      family: 6,
      moonConn: { leftsubnet: inner("moon"), rightsubnet: inner("sun") },
      sunConn: { leftsubnet: inner("sun"), rightsubnet: inner("moon") },
    });
    await pair.moon.up();
    await bothWays(pair);
  });

  it("loses no packet while CHILD_SAs are rekeyed one after another", async () => {
    const pair = await start(moon, sun);
    await pair.moon.up();
    const pinging = ping(pair, "moon", "sun", "inside", ["-c", "400", "-i", "0.01", "-q"]);
    let rekeyed = 0;
    let isOver = false;
    void pinging.finally(() => (isOver = true));
    while (!isOver) {
      await pair.moon.stroke("rekey", `net{${++rekeyed}}`);
      await until("the next CHILD_SA", async () => (await pair.moon.sas()).includes(`net{${rekeyed + 1}}:  INSTALLED`));
    }
    expect(await pinging).toContain(NONE_LOST);
    expect(rekeyed).toBeGreaterThan(3);
  });
});

// Debian's strongSwan has no raw ESP.
it("truncates HMAC-SHA-256 to 96 bits where both are told so, and not where one is", async () => {
  const esp = { esp: "aes256-sha256!" };
  const both = await start("cygnet", "cygnet", { conn: { ...esp, sha256_96: "yes" } });
  await both.moon.up();
  await bothWays(both);
  const one = await start("cygnet", "cygnet", { conn: esp, moonConn: { sha256_96: "yes" } });
  await one.moon.up();
  expect(await ping(one, "moon", "sun")).toContain(" 100% packet loss");
});

describe("raw ESP", () => {
  const raw = { settings: "plugins { kernel-libipsec { raw_esp = yes } }" };

  it.each([4, 6] as const)("carries packets both ways over IPv%i, also when rekeyed", async (family) => {
    const ends = { leftsubnet: HOSTS.moon.subnet, rightsubnet: HOSTS.sun.subnet };
    const back = { leftsubnet: HOSTS.sun.subnet, rightsubnet: HOSTS.moon.subnet };
    const pair = await start("cygnet", "cygnet", { ...raw, family, moonConn: ends, sunConn: back });
    await pair.moon.up();
    expect(await pair.moon.sas()).toMatch(/TUNNEL, reqid 1, ESP SPIs/);
    await bothWays(pair);
    await pair.moon.stroke("rekey", "net{1}");
    await until("the next CHILD_SA", async () => (await pair.moon.sas()).includes("net{2}:  INSTALLED"));
    await bothWays(pair);
    expect(await pair.sun.sas()).toMatch(/504 bytes_i \(6 pkts, \d+s ago\), 504 bytes_o \(6 pkts, \d+s ago\)/);
  });

  it("is in UDP where there is a NAT", async () => {
    const pair = await start("cygnet", "cygnet", { ...raw, conn: { forceencaps: "yes" } });
    await pair.moon.up();
    expect(await pair.moon.sas()).toMatch(/ESP in UDP SPIs/);
    await bothWays(pair);
  });
});

// strongSwan's libipsec does not follow a peer whose ESP comes from elsewhere.
describe.each(["cygnet", "strongswan"] as const)("%s behind a NAT, cygnet in front of it", (moon) => {
  it("goes on where the NAT gives it another port", async () => {
    const pair = await start(moon, "cygnet");
    const nft = (...args: string[]): Promise<string> =>
      run("ip", ["netns", "exec", pair.network.namespace("moon"), "nft", ...args]);
    await nft("add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }");
    await nft("add rule ip nat out udp sport 4500 oif veth masquerade to :20000-20999");
    await pair.moon.up();
    await bothWays(pair);
    expect(await pair.sun.sas()).toMatch(/ESP in UDP/);
    await nft("flush chain ip nat out");
    await nft("add rule ip nat out udp sport 4500 oif veth masquerade to :30000-30999");
    await run("ip", ["netns", "exec", pair.network.namespace("moon"), "conntrack", "-D", "-p", "udp"]);
    // What comes from the new port says where the peer is; what was sent to the old one meanwhile is lost.
    await until("the tunnel to follow", async () => (await ping(pair, "moon", "sun")).includes(NONE_LOST));
    await bothWays(pair);
  });
});

describe.each(["socket-default", "socket-reuseport"])("a daemon of three shards with %s", (socket) => {
  it("carries packets of all of them on one port", async () => {
    const plan = {
      moonSetup: { load: `${PLUGINS} ${socket} stroke` },
      moonSettings: "shards = 3\n threads = 16\n reuse_ikesa = no",
    };
    const pair = await start("cygnet", "strongswan", plan);
    for (const other of [1, 2, 3]) {
      await pair.network.addInside("moon", `10.1.0.1${other}`);
      const own = { moonConn: { leftsubnet: `10.1.0.1${other}/32` }, sunConn: { rightsubnet: `10.1.0.1${other}/32` } };
      for (const host of ["moon", "sun"] as const) await pair.define(host, `net${other}`, own);
    }
    for (const other of [1, 2, 3]) await pair.moon.up(`net${other}`);
    for (const other of [1, 2, 3]) {
      const from = ["-c", "3", "-i", "0.2", "-W", "4", "-I", `10.1.0.1${other}`, HOSTS.sun.inside];
      const [command, ...args] = [...pair.network.on("moon"), "ping", ...from];
      expect((await attempt(command, args)).stdout).toContain(NONE_LOST);
    }
  });
});

it("sets a tunnel up when a packet wants to go into it", async () => {
  const pair = await start("cygnet", "strongswan");
  await pair.moon.strokeFor("'net' routed", "route", "net");
  expect(await ping(pair, "moon", "sun", "inside", ["-c", "8", "-i", "0.3"])).toMatch(/ [1-8] received/);
  expect(pair.moon.log.text).toContain("creating acquire job for policy with reqid {1}");
  await bothWays(pair);
});
