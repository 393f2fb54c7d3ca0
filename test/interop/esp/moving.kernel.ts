import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "../harness/command.js";
import { until } from "../harness/deadline.js";
import { HOSTS } from "../harness/network.js";
import { LIBRESWAN } from "../harness/requirements.js";
import { BOTH_WAYS, NONE_LOST, ping, start, startWithLibreswan, xfrm } from "./tunnels.js";
import type { Tunnel } from "./tunnels.js";

/** In another network than moon's usual one, which sun is in as well. */
const OTHER = "192.0.2.7";

const onMoon = ({ network }: Tunnel, ...command: string[]): Promise<string> => {
  const [file, ...args] = [...network.on("moon"), ...command];
  return run(file!, args);
};

/** A NAT in front of moon, which has these ports. */
const translate = (tunnel: Tunnel, ports: string): Promise<string> =>
  onMoon(tunnel, ..."iptables -t nat -A POSTROUTING -o veth -p udp --sport 500:4500 -j MASQUERADE --to-ports".split(" "), ports);

/** The NAT forgets what it knew, as one that was restarted. */
async function rebind(tunnel: Tunnel, ports: string): Promise<void> {
  await onMoon(tunnel, "iptables", "-t", "nat", "-F", "POSTROUTING");
  await translate(tunnel, ports);
  await onMoon(tunnel, "conntrack", "-D", "-p", "udp");
}

const address = (tunnel: Tunnel, what: "add" | "del", text: string): Promise<string> =>
  onMoon(tunnel, "ip", "addr", what, text, "dev", "veth");

async function bothWays(tunnel: Tunnel): Promise<void> {
  for (const way of BOTH_WAYS) expect(await ping(tunnel, way)).toContain(NONE_LOST);
}

/** Packets arrive again once both ends know where the other one is. */
async function bothWaysAgain(tunnel: Tunnel): Promise<void> {
  await until("packets to arrive again", async () => (await ping(tunnel, ["moon", "sun"])).includes(NONE_LOST));
  await bothWays(tunnel);
}

const withMobike = { mobike: "yes" } as const;

// libreswan keeps to the address that it knows, whatever the packets say.
describe.each(["cygnet", "strongswan"] as const)("a tunnel between cygnet and %s", (sun) => {
  it("goes on where a NAT in front of cygnet gives it another port", async () => {
    const tunnel = await start(sun, { conn: withMobike });
    await translate(tunnel, "20000-20999");
    await tunnel.moon.up();
    await bothWays(tunnel);
    expect(await xfrm(tunnel, "sun", "state")).toMatch(/encap type espinudp sport 4500 dport 20\d{3}/);
    await rebind(tunnel, "30000-30999");
    await bothWaysAgain(tunnel);
    expect(await xfrm(tunnel, "sun", "state")).toMatch(/encap type espinudp sport 4500 dport 30\d{3}/);
  });
});

const PEERS = {
  cygnet: () => start("cygnet", { conn: withMobike }),
  strongswan: () => start("strongswan", { conn: withMobike }),
  // It lets only those move whose address it was not told.
  libreswan: () => startWithLibreswan({ moonConn: withMobike, sunConn: { ...withMobike, right: "%any" } }),
} as const satisfies Record<string, () => Promise<Tunnel>>;
const names = (Object.keys(PEERS) as (keyof typeof PEERS)[]).filter((name) => name !== "libreswan" || existsSync(LIBRESWAN));

describe.each(names)("a tunnel between cygnet and %s", (peer) => {
  it("moves to another address of cygnet (MOBIKE)", async () => {
    const tunnel = await PEERS[peer]();
    await address(tunnel, "add", `${OTHER}/23`);
    await tunnel.moon.up();
    await bothWays(tunnel);
    await address(tunnel, "del", `${HOSTS.moon.v4}/24`);
    await tunnel.moon.log.seen(/requesting address change using MOBIKE/);
    await bothWaysAgain(tunnel);
    expect(await xfrm(tunnel, "sun", "state")).toContain(`src ${OTHER} dst ${HOSTS.sun.v4}`);
  });
});
