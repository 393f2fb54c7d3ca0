import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attempt, run } from "../harness/command.js";
import { until } from "../harness/deadline.js";
import { HOSTS } from "../harness/network.js";
import { conn } from "../harness/pair.js";
import { LIBRESWAN } from "../harness/requirements.js";
import { BOTH_WAYS, NONE_LOST, PLUGINS, ping, policies, start, startWithLibreswan, xfrm } from "./tunnels.js";

describe.each(["cygnet", "strongswan"] as const)("a tunnel between cygnet and %s", (sun) => {
  it("carries packets both ways, counts them, and leaves nothing in the kernel", async () => {
    const pair = await start(sun, { conn: { esp: "aes128gcm16!" } });
    await pair.moon.up();
    for (const way of BOTH_WAYS) expect(await ping(pair, way)).toContain(NONE_LOST);
    expect(await pair.moon.sas()).toMatch(/336 bytes_i \(4 pkts, \d+s ago\), 336 bytes_o \(4 pkts, \d+s ago\)/);
    expect(await xfrm(pair, "moon", "state")).toContain("aead rfc4106(gcm(aes))");
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    expect(await xfrm(pair, "moon", "state")).toBe("");
    expect(await policies(pair, "moon")).toEqual([]);
    await pair.moon.stop();
    expect(await run("ip", ["-n", pair.network.namespace("moon"), "rule"])).not.toContain("lookup 220");
  });

  it("compresses what gets smaller by it, where both want IPComp", async () => {
    const pair = await start(sun, { conn: { compress: "yes" } });
    await pair.moon.up();
    expect(await pair.moon.sas()).toMatch(/ESP SPIs: [0-9a-f]{8}_i [0-9a-f]{8}_o, IPCOMP CPIs: [0-9a-f]{4}_i [0-9a-f]{4}_o/);
    for (const way of BOTH_WAYS) {
      expect(await ping(pair, way, ["-s", "1200", "-p", "00"])).toContain(NONE_LOST);
      // Nothing is gained by compressing these.
      expect(await ping(pair, way, ["-s", "8"])).toContain(NONE_LOST);
    }
    const [, octets] = /(\d+) bytes_o/.exec(await pair.moon.sas()) ?? [];
    expect(Number(octets)).toBeLessThan(4 * 1200);
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    expect(await xfrm(pair, "moon", "state")).toBe("");
    expect(await policies(pair, "moon")).toEqual([]);
  });

  it("is set up by the first packet that meets its trap", async () => {
    const pair = await start(sun);
    await pair.moon.strokeFor("'net' routed", "route", "net");
    expect(await pair.moon.stroke("status")).toContain("net{1}:  ROUTED, TUNNEL, reqid 1");
    expect(await ping(pair, ["moon", "sun"], ["-c", "8"])).toMatch(/ [1-8] received/);
    expect(pair.moon.log.text).toContain("creating acquire job for policy");
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    expect((await policies(pair, "moon")).length).toBe(3);
    await pair.moon.strokeFor("trap policy 'net' unrouted", "unroute", "net");
    expect(await policies(pair, "moon")).toEqual([]);
  });

  it("is rekeyed when the kernel says that it is time, and goes on in UDP as before", async () => {
    const pair = await start(sun, {
      conn: { forceencaps: "yes", esp: "aes256-sha256!" },
      moonConn: { lifetime: "60s", margintime: "52s", rekeyfuzz: "0%" },
    });
    await pair.moon.up();
    expect(await xfrm(pair, "moon", "state")).toContain("encap type espinudp sport 4500 dport 4500");
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    await pair.moon.log.seen(/creating rekey job for CHILD_SA ESP\/0x[0-9a-f]{8}\/192\.0\.2\.[12]/);
    await until("the second CHILD_SA", async () => (await pair.moon.sas()).includes("net{2}:  INSTALLED"));
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    expect(await ping(pair, ["sun", "moon"])).toContain(NONE_LOST);
  });
});

describe("a client in transport mode, whose CHILD_SA has marks of its own", () => {
  const answered = async (plugins: string): Promise<boolean> => {
    const pair = await start("cygnet", {
      conn: { type: "transport", forceencaps: "yes", leftsubnet: "%dynamic", rightsubnet: "%dynamic" },
      sunConn: { mark: "%unique" },
      sunSetup: { load: `${PLUGINS} socket-default stroke ${plugins}` },
    });
    await pair.moon.up();
    const rules = (): Promise<string> =>
      run("ip", ["netns", "exec", pair.network.namespace("sun"), "iptables", "-t", "mangle", "-S", "OUTPUT"]);
    if (plugins !== "") await until("the rules", async () => (await rules()).includes("--restore-mark"));
    const [command, ...args] = [...pair.network.on("moon"), "ping", "-c", "3", "-i", "0.3", "-W", "4", HOSTS.sun.v4];
    const { stdout } = await attempt(command, args);
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
    await until("the rules to go", async () => !(await rules()).includes("CONNMARK"));
    return stdout.includes(NONE_LOST);
  };

  it("has answers with the plugin connmark, and none without it", async () => {
    expect(await answered("connmark")).toBe(true);
    expect(await answered("")).toBe(false);
  });
});

describe.runIf(existsSync(LIBRESWAN))("a tunnel between cygnet and libreswan", () => {
  it.each([
    ["aes128gcm16", "aes_gcm128"],
    ["aes256-sha256", "aes256-sha2_256"],
  ])("carries packets both ways with %s", async (...esp) => {
    const tunnel = await startWithLibreswan({ esp });
    await tunnel.moon.up();
    for (const way of BOTH_WAYS) expect(await ping(tunnel, way)).toContain(NONE_LOST);
    expect(await tunnel.moon.sas()).toMatch(/336 bytes_i \(4 pkts, \d+s ago\), 336 bytes_o \(4 pkts, \d+s ago\)/);
    await tunnel.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net");
  });
});

describe("bypass-lan", () => {
  it("keeps what goes to networks on a link out of a tunnel for all traffic, and follows them", async () => {
    const load = `${PLUGINS} socket-default stroke bypass-lan`;
    const pair = await start("strongswan", {
      moonSetup: { load },
      moonConn: { rightsubnet: "0.0.0.0/0" },
      sunConn: { leftsubnet: "0.0.0.0/0" },
    });
    await pair.moon.log.seen("installed bypass policy for 192.0.2.0/24");
    await pair.moon.up();
    const ip = (...args: string[]): Promise<string> => run("ip", ["-n", pair.network.namespace("moon"), ...args]);
    expect(await ip("route", "show", "table", "220")).toContain("throw 192.0.2.0/24");
    const plain = await attempt("ip", ["netns", "exec", pair.network.namespace("moon"), "ping", "-c", "1", HOSTS.sun.v4]);
    expect(plain.stdout).toContain(NONE_LOST);
    expect(await pair.moon.sas()).toContain(" 0 bytes_o");
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    expect(await pair.moon.sas()).not.toContain(" 0 bytes_o");
    await ip("addr", "add", "10.99.0.1/24", "dev", "veth");
    await pair.moon.log.seen("installed bypass policy for 10.99.0.0/24");
    await ip("addr", "del", "10.99.0.1/24", "dev", "veth");
    await pair.moon.log.seen("uninstalled bypass policy for 10.99.0.0/24");
    await pair.moon.stop();
    expect(await xfrm(pair, "moon", "policy")).toBe("");
  });
});

describe("a daemon that is killed", () => {
  it("has its successor take away what is left of it, not what is others'", async () => {
    const pair = await start("cygnet", {
      moonConn: { leftsubnet: "", leftsourceip: "%config" },
      sunConn: { rightsubnet: "", rightsourceip: "10.3.0.0/28" },
      moonSettings: "shards = 2\n threads = 16",
    });
    const ip = (line: string): Promise<string> => run("ip", ["-n", pair.network.namespace("moon"), ...line.split(" ")]);
    await ip(
      `xfrm state add src 192.0.2.1 dst 192.0.2.77 proto esp spi 0xc0000001 reqid 1 mode tunnel enc cbc(aes) 0x${"07".repeat(16)}`,
    );
    await ip(
      "xfrm policy add src 10.1.0.0/16 dst 10.77.0.0/16 dir out tmpl src 192.0.2.1 dst 192.0.2.77 proto esp reqid 1 mode tunnel",
    );
    // Policies of sockets come and go with them.
    const isOfSocket = (line: string): boolean => /socket (in|out)|^src (0\.0\.0\.0|::)\/0 dst/.test(line);
    const everything = async (): Promise<string[]> => {
      const shown = await Promise.all(KERNEL.map(ip));
      return shown.flatMap((text) => text.split("\n").filter((line) => !isOfSocket(line))).sort();
    };
    const before = await everything();
    await pair.moon.up();
    expect((await everything()).join()).toContain("inet 10.3.0.1/32");
    pair.moon.signal("SIGKILL");
    await until("the end of the daemon", () => pair.moon.end !== undefined);
    expect((await xfrm(pair, "moon", "state")).match(/proto esp/g)).toHaveLength(3);
    await pair.moon.restart();
    await pair.moon.log.seen(
      /removed what a daemon before has left in the kernel: 2 SAs, 3 policies, 1 route, 1 virtual IP, 2 rules/,
    );
    expect(await everything()).toEqual(before);
    await pair.define("moon", "net", { conn: { leftsubnet: "", leftsourceip: "%config" } });
    await pair.moon.up();
    expect(
      (await attempt("ip", ["netns", "exec", pair.network.namespace("moon"), "ping", "-c", "2", HOSTS.sun.inside])).stdout,
    ).toContain(NONE_LOST);
  });
});

const KERNEL = ["xfrm state", "xfrm policy", "address", "route show table all", "rule", "-6 rule"];

describe("a daemon of two shards", () => {
  it("has each shard use the kernel for itself, for CHILD_SAs of the same traffic, too", async () => {
    const pair = await start("cygnet", { moonSettings: "shards = 2\n threads = 16\n reuse_ikesa = no" });
    for (const host of ["moon", "sun"] as const) {
      await pair[host].stroke("delete", "net");
      await pair[host].load(`config setup\n  uniqueids=never\n${conn("net", host, {})}`);
    }
    await pair.moon.up();
    // Initiations go round the shards, and the policies are the second one's now.
    await pair.moon.up();
    expect(await pair.moon.sas()).toContain("Security Associations (2 up, 0 connecting)");
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    await pair.moon.strokeFor("IKE_SA [1] closed successfully", "down", "net[1]");
    expect(await ping(pair, ["moon", "sun"])).toContain(NONE_LOST);
    await pair.moon.strokeFor("IKE_SA [2] closed successfully", "down", "net[2]");
    expect(await policies(pair, "moon")).toEqual([]);
    expect(await xfrm(pair, "moon", "state")).toBe("");
  });
});
