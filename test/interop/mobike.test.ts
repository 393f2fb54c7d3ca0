import { describe, expect, it } from "vitest";
import { attempt, run } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import type { DaemonKind } from "./harness/daemon.js";
import { DIRECTION, DIRECTIONS } from "./harness/directions.js";
import { HOSTS } from "./harness/network.js";
import type { HostName } from "./harness/network.js";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PLUGINS = "random nonce aes sha1 sha2 hmac kdf gmp kernel-libipsec kernel-netlink socket-default stroke";
/** In another network than the hosts' usual ones, which the other host is in as well. */
const OTHER = { moon: "192.0.2.7", sun: "192.0.2.8" } as const;

/** Both carry packets in user space, so that it is seen where they go. */
async function start(moon: DaemonKind, sun: DaemonKind): Promise<Pair> {
  const setup = { load: PLUGINS };
  const settings = "install_routes = yes";
  const pair = await Pair.start({ moon, sun, moonSetup: setup, sunSetup: setup, settings, conn: { mobike: "yes" } });
  // Else they might as well go on over IPv6: the path whose answer comes first is taken.
  for (const host of ["moon", "sun"] as const) await address(pair, host, "del", `${HOSTS[host].v6}/64`);
  return pair;
}

const address = ({ network }: Pair, host: HostName, what: "add" | "del", text: string): Promise<string> =>
  run("ip", ["-n", network.namespace(host), "addr", what, text, "dev", "veth"]);

async function arrives({ network }: Pair, from: HostName, to: HostName): Promise<boolean> {
  const [command, ...args] = [...network.on(from), "ping", "-c", "2", "-i", "0.2", "-W", "2", "-I", HOSTS[from].inside];
  return (await attempt(command, [...args, HOSTS[to].inside])).stdout.includes(" 0% packet loss");
}

async function bothWays(pair: Pair): Promise<void> {
  expect(await arrives(pair, "moon", "sun")).toBe(true);
  expect(await arrives(pair, "sun", "moon")).toBe(true);
}

/** CHILD_SAs come after their IKE_SA; strongSwan's libipsec cannot move them, so it rekeys them. */
async function bothWaysAgain(pair: Pair): Promise<void> {
  await until("packets to arrive again", () => arrives(pair, "moon", "sun"));
  await bothWays(pair);
}

const isBetween = async (pair: Pair, moon: string, sun: string): Promise<boolean> =>
  (await pair.moon.sas()).includes(`${moon}[moon.example.org]...${sun}[sun.example.org]`) &&
  (await pair.sun.sas()).includes(`${sun}[sun.example.org]...${moon}[moon.example.org]`);

describe.each(DIRECTIONS)(DIRECTION, (moon, sun) => {
  it("agree on MOBIKE, and move to another address of the initiator with what they carry", async () => {
    const pair = await start(moon, sun);
    await address(pair, "moon", "add", `${OTHER.moon}/23`);
    await pair.moon.up();
    for (const host of ["moon", "sun"] as const) await pair[host].log.seen(/peer supports MOBIKE/);
    await bothWays(pair);
    await address(pair, "moon", "del", `${HOSTS.moon.v4}/24`);
    await until("the IKE_SA to move", () => isBetween(pair, OTHER.moon, HOSTS.sun.v4));
    await bothWaysAgain(pair);
    // And back.
    await address(pair, "moon", "add", `${HOSTS.moon.v4}/24`);
    await address(pair, "moon", "del", `${OTHER.moon}/23`);
    await until("the IKE_SA to move back", () => isBetween(pair, HOSTS.moon.v4, HOSTS.sun.v4));
    await bothWaysAgain(pair);
  });

  it("move to another address of the responder, which it tells of", async () => {
    const pair = await start(moon, sun);
    await address(pair, "sun", "add", `${OTHER.sun}/23`);
    await pair.moon.up();
    await address(pair, "sun", "del", `${HOSTS.sun.v4}/24`);
    await until("the IKE_SA to move", () => isBetween(pair, HOSTS.moon.v4, OTHER.sun));
    await bothWaysAgain(pair);
  });
});
