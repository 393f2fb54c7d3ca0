import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Background, run } from "../harness/command.js";
import { HOSTS } from "../harness/network.js";
import { LIBRESWAN } from "../harness/requirements.js";
import { afterTest } from "../harness/pair.js";
import { BOTH_WAYS, NONE_LOST, ping, start, startWithLibreswan } from "./tunnels.js";
import type { Tunnel } from "./tunnels.js";

const STREAM = fileURLToPath(new URL("stream.mjs", import.meta.url));
const OCTETS = 1_000_000;

const between = (subnet: "subnet" | "subnet6") => ({
  moonConn: { leftsubnet: HOSTS.moon[subnet], rightsubnet: HOSTS.sun[subnet] },
  sunConn: { leftsubnet: HOSTS.sun[subnet], rightsubnet: HOSTS.moon[subnet] },
});

/** Both ways at once, in packets of the largest size, with all that TCP does where they are lost. */
async function stream({ network }: Tunnel): Promise<string> {
  const node = [process.execPath, STREAM];
  const [command, ...args] = [...network.on("sun"), ...node, "serve", HOSTS.sun.inside];
  const server = new Background(command!, args, { output: "/dev/null" });
  afterTest(async () => void (await server.stop()));
  const [client, ...rest] = [...network.on("moon"), ...node, "send", HOSTS.moon.inside, HOSTS.sun.inside, String(OCTETS)];
  return run(client!, rest, { patienceMs: 30_000 });
}

describe.each(["cygnet", "strongswan"] as const)("a tunnel between cygnet and %s", (sun) => {
  it("carries a stream, and IPv6 in IPv4", async () => {
    const pair = await start(sun);
    await pair.moon.up();
    expect(await stream(pair)).toBe(`${OCTETS} as they were\n`);
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    for (const host of ["moon", "sun"] as const) await pair.define(host, "net6", between("subnet6"));
    await pair.moon.up("net6");
    for (const way of BOTH_WAYS) expect(await ping(pair, way, [], "inside6")).toContain(NONE_LOST);
  });

  it("carries IPv4 in IPv6", async () => {
    const pair = await start(sun, { family: 6, ...between("subnet") });
    await pair.moon.up();
    for (const way of BOTH_WAYS) expect(await ping(pair, way)).toContain(NONE_LOST);
  });
});

describe.runIf(existsSync(LIBRESWAN))("a tunnel between cygnet and libreswan", () => {
  it("carries a stream", async () => {
    const tunnel = await startWithLibreswan();
    await tunnel.moon.up();
    expect(await stream(tunnel)).toBe(`${OCTETS} as they were\n`);
  });

  it("carries IPv6 in IPv4", async () => {
    const tunnel = await startWithLibreswan(between("subnet6"));
    // Its updown script, which would do that, is not run.
    await run("ip", ["-n", tunnel.network.namespace("sun"), "route", "add", HOSTS.moon.subnet6, "dev", "veth"]);
    await tunnel.moon.up();
    for (const way of BOTH_WAYS) expect(await ping(tunnel, way, [], "inside6")).toContain(NONE_LOST);
  });
});
