import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ConnectionStore,
  Controller,
  CredentialStore,
  Host,
  LogGroup,
  authRound,
  childDefinition,
  custom,
  definePlugin,
  peerDefinition,
} from "@cygnet/plugin-api";
import type { Plugin, PluginContext } from "@cygnet/plugin-api";
import { Daemon } from "@cygnet/daemon";
import { PackageSource } from "@cygnet/runtime";
import { Settings, SettingsView } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";

const LOCALHOST = Host.parse("127.0.0.1")!;

/** The plugin list that people ran in 2014. */
const LIST_2014 =
  "aes des sha1 sha2 md5 random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pgp dnskey pem fips-prf gmp xcbc cmac hmac attr " +
  "kernel-netlink resolve socket-default stroke updown xauth-generic";
/** The same without the kernel: nothing of these tests is for that of the machine. */
const LIST_WITHOUT_KERNEL = LIST_2014.replace("kernel-netlink ", "");

describe("Daemon", () => {
  let folder: string;
  let running: Daemon[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cygnet-daemon-"));
    running = [];
  });

  afterEach(async () => {
    for (const daemon of running) await daemon.stop();
    rmSync(folder, { recursive: true });
  });

  /** A daemon on random ports of this machine that logs to a file in the folder. */
  function daemon(name: string, charon: SettingsObject, plugins: readonly Plugin[] = []): Daemon {
    const settings = Settings.fromObject({
      charon: {
        port: "0",
        port_nat_t: "0",
        filelog: { main: { path: join(folder, `${name}.log`), flush_line: "yes" } },
        ...charon,
      },
    });
    const packages = new PackageSource({ folders: [process.cwd()] });
    const pluginSource = {
      find: async (request: { name: string; package: string | undefined }) => {
        const given = plugins.find((plugin) => plugin.name === request.name);
        return given ? { exported: given } : packages.find(request);
      },
    };
    const made = new Daemon({ settings, pidDir: join(folder, name), pluginSource });
    running.push(made);
    return made;
  }

  const log = (name: string): string => readFileSync(join(folder, `${name}.log`), "utf8");

  it("loads the plugin list of 2014, and names in one line each what a later release brings", async () => {
    const one = daemon("old", { load: LIST_2014 });
    await one.start();
    const { plugins } = await one.status();
    expect(plugins.join(" ")).toBe(
      "charon aes des sha1 sha2 md5 random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pgp dnskey pem fips-prf gmp xcbc cmac hmac attr kernel-netlink resolve socket-default stroke updown",
    );
    await one.stop();
    expect(
      log("old")
        .split("\n")
        .filter((line) => line.includes("'xauth-generic'")),
    ).toEqual(["00[LIB] plugin 'xauth-generic': failed to load - not available in this release"]);
  });

  it("sets up an IKE_SA between two daemons over real sockets with that list", async () => {
    const contexts: PluginContext[] = [];
    const probe = definePlugin({
      name: "probe",
      api: 1,
      features: () => [{ provides: custom("probe"), on: "control", register: (context) => void contexts.push(context) }],
    });
    const load = `${LIST_WITHOUT_KERNEL.replace("stroke ", "").replace("resolve ", "")} probe`;
    await daemon("moon", { load }, [probe]).start();
    await daemon("sun", { load }, [probe]).start();
    const [moon, sun] = contexts;
    const [moonPort, sunPort] = running.map((each) => each.shard.context.sockets.socket!.port(false));
    const definition = (own: string, other: string, remotePort: number) =>
      peerDefinition("net", {
        localAddresses: ["127.0.0.1"],
        remoteAddresses: ["127.0.0.1"],
        remotePort,
        proposals: ["aes128-sha1-modp768"],
        local: [authRound({ auth: "psk", id: own })],
        remote: [authRound({ auth: "psk", id: other })],
        children: [childDefinition("net", { localTs: ["10.0.0.0/8"], remoteTs: ["10.0.0.0/8"], proposals: ["aes128-sha1"] })],
      });
    for (const [context, own, other, port] of [
      [moon, "moon", "sun", sunPort],
      [sun, "sun", "moon", moonPort],
    ] as const) {
      await context
        .resolve(CredentialStore)
        .replaceSecrets("test", [{ type: "IKE", owners: [], secret: new TextEncoder().encode("secret") }]);
      await context.resolve(ConnectionStore).add("test", definition(own, other, port));
    }
    const { peer, child } = moon.resolve(ConnectionStore).find("net")!;
    const result = await moon.resolve(Controller).initiate(peer, child, { level: -1, log: () => undefined });
    expect(result).toBe("done");
    expect(log("moon")).toContain("no plugin provides CUSTOM:kernel-ipsec");
    expect(await moon.resolve(Controller).count()).toEqual({ up: 1, connecting: 0 });
    expect(await sun.resolve(Controller).count()).toEqual({ up: 1, connecting: 0 });
    const listed = [];
    for await (const piece of sun.resolve(Controller).ikeSas({}, true)) listed.push(...piece);
    expect(listed).toMatchObject([
      { name: "net", remoteId: "moon", proposal: "AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_768", children: [{ name: "net" }] },
    ]);
    await running[0].stop();
    expect(log("moon")).toContain("deleting IKE_SA net[1] between");
  });

  it("refuses to start without what the core needs, and names it", async () => {
    const one = daemon("bare", { load: "random nonce aes sha1" });
    await expect(one.start()).rejects.toMatchObject({ code: "CYG_PLUGIN_CRITICAL" });
    await one.stop();
    expect(log("bare")).toContain(
      "feature CUSTOM:libcharon-receiver in critical plugin 'charon' has unmet dependency: CUSTOM:socket",
    );
  });

  it("warns when job slots leave a class nothing", async () => {
    const one = daemon("starved", {
      load: LIST_WITHOUT_KERNEL.replace("stroke ", ""),
      threads: "8",
      processor: { priority_threads: { medium: "10" } },
    });
    await one.start();
    await one.stop();
    expect(log("starved")).toMatch(/\[JOB\] .*low/);
  });

  it("refuses options it cannot use, with the place", () => {
    expect(() => daemon("bad", { retransmit_tries: "-1" })).toThrow(expect.objectContaining({ code: "CYG_OPTION_VALUE" }));
  });

  it("starts with values that strongSwan takes, and says in one line each what it uses instead", async () => {
    const one = daemon("values", {
      load: LIST_WITHOUT_KERNEL.replace("stroke ", ""),
      load_modular: "on",
      fragment_size: "0",
      retransmit_jitter: "50",
      retransmit_base: "0.5",
      dos_protection: "off",
      max_packet: "100000",
    });
    await one.start();
    expect(one.shard.context.options).toMatchObject({ fragment_size: 0, retransmit_jitter: 20, dos_protection: true });
    await one.stop();
    expect(
      log("values")
        .split("\n")
        .filter((line) => / used$|charon.*no effect/.test(line)),
    ).toEqual([
      "00[CFG] charon.dos_protection: 'off' is neither yes nor no, the default 'yes' is used",
      "00[CFG] charon.retransmit_jitter: 50 is more than 20, which is used",
      "00[LIB] charon.load_modular: 'on' is neither yes nor no, the default 'no' is used",
    ]);
  });

  it("tells at start and at reload what it does not act on, plugins that are not there excepted", async () => {
    const file = (thread: string): SettingsObject => ({
      charon: {
        load: "random nonce aes sha1 sha2 hmac gmp socket-default attr no-such-plugin",
        shards: "1",
        port: "0",
        port_nat_t: "0",
        filelog: { f: { path: join(folder, "check.log"), flush_line: "yes" } },
        dns1: "10.0.0.1",
        cisco_unity: "yes",
        [thread]: "4",
        plugins: { attr: { dns: "10.0.0.2", 28673: "text" }, "no-such-plugin": { a: "1" }, aes: { blocks: "4" } },
      },
    });
    const made = new Daemon({
      settings: Settings.fromObject(file("thread")),
      readSettings: () => Settings.fromObject(file("threadz")),
    });
    running.push(made);
    const said = vi.spyOn(made.log, "log");
    await made.start();
    await made.reload();
    const lines = said.mock.calls.filter(([group, level]) => group === LogGroup.CFG && level === 1).map(([, , line]) => line);
    expect(lines.filter((line) => /unknown|no effect/.test(line))).toEqual([
      "option 'charon.cisco_unity' of strongSwan has no effect in this release",
      "unknown option 'charon.thread'",
      "unknown option 'charon.plugins.aes.blocks'",
      "option 'charon.cisco_unity' of strongSwan has no effect in this release",
      "unknown option 'charon.threadz'",
      "unknown option 'charon.plugins.aes.blocks'",
    ]);
  });

  it("runs the scripts of start and stop, and tells what they print and how they fail", async () => {
    const one = daemon("scripts", {
      load: LIST_WITHOUT_KERNEL.replace("stroke ", ""),
      "start-scripts": {
        first: "echo hello; echo trouble >&2",
        killed: "kill -KILL $$",
        second: `echo done > ${join(folder, "second")}`,
        // Begins when the others have ended, and may be ended by the stop.
        last: "true",
      },
      "stop-scripts": { bye: "exit 3" },
    });
    const said = vi.spyOn(one.log, "log");
    await one.start();
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(LogGroup.DMN, 1, "executing start script 'last' (true)"));
    expect(readFileSync(join(folder, "second"), "utf8")).toBe("done\n");
    await one.stop();
    expect(
      log("scripts")
        .split("\n")
        .filter((line) => /script|first: /.test(line) && !line.includes("'last'")),
    ).toEqual([
      "00[DMN] executing start script 'first' (echo hello; echo trouble >&2)",
      "00[DMN] first: hello",
      "00[DMN] first: trouble",
      "00[DMN] executing start script 'killed' (kill -KILL $$)",
      "00[DMN] executing start script 'killed' failed: ended by SIGKILL",
      expect.stringContaining("00[DMN] executing start script 'second' (echo done > "),
      "00[DMN] executing stop script 'bye' (exit 3)",
      "00[DMN] executing stop script 'bye' failed: exit status 3",
    ]);
  });

  it("ends start scripts that still run when it stops", async () => {
    const one = daemon("endless", {
      load: LIST_WITHOUT_KERNEL.replace("stroke ", ""),
      "start-scripts": { endless: "echo begun; sleep 1000 & wait", never: "echo never" },
    });
    const said = vi.spyOn(one.log, "log");
    await one.start();
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(LogGroup.DMN, 1, "endless: begun"));
    await one.stop();
    expect(log("endless")).toContain("executing start script 'endless' failed: it had not ended yet, killed");
    expect(log("endless")).not.toContain("never");
  });

  it("uses the interfaces that it may", async () => {
    const one = daemon("interfaces", { load: LIST_WITHOUT_KERNEL.replace("stroke ", ""), interfaces_ignore: "lo, dummy7" });
    await one.start();
    expect(one.shard.context.interfaces?.has(LOCALHOST)).toBe(false);
    expect(await one.shard.context.kernel.net?.interfaceOf(LOCALHOST)).toBeUndefined();
    expect(daemon("all", {}).shard.context.interfaces).toBeUndefined();
  });

  it("takes SPIs from spi_min to spi_max, and refuses an empty range", async () => {
    const one = daemon("spis", { load: LIST_WITHOUT_KERNEL.replace("stroke ", ""), spi_min: "0x1000", spi_max: "4097" });
    await one.start();
    const { ipsec } = one.shard.context.kernel;
    const drawn = new Set(Array.from({ length: 100 }, () => ipsec.getSpi(LOCALHOST, LOCALHOST, 3)));
    expect([...drawn].sort()).toEqual([0x1000, 0x1001]);
    expect(() => daemon("none", { spi_min: "0x2000", spi_max: "0x1000" })).toThrow("spi_max: it is less than spi_min");
    expect(() => daemon("low", { spi_min: "1" })).toThrow("spi_min: 1 is out of range");
  });

  it("keeps its options when a reload fails, and takes them when it succeeds", async () => {
    let next = Settings.fromObject({ charon: { init_limit_half_open: "-5" } });
    const made = new Daemon({
      settings: Settings.fromObject({
        charon: {
          load: "random nonce aes sha1 sha2 hmac gmp socket-default",
          shards: "1",
          port: "0",
          port_nat_t: "0",
          filelog: { f: { path: join(folder, "reload.log") } },
        },
      }),
      readSettings: () => next,
    });
    running.push(made);
    await made.start();
    await expect(made.reload()).rejects.toMatchObject({ code: "CYG_OPTION_VALUE" });
    expect(made.shard.context.options.init_limit_half_open).toBe(0);
    next = Settings.fromObject({
      charon: { init_limit_half_open: "7", port: "0", port_nat_t: "4501", filelog: { f: { path: join(folder, "reload.log") } } },
    });
    const said = vi.spyOn(made.log, "log");
    const reads = vi.spyOn(SettingsView.prototype, "getString");
    await made.reload();
    expect(reads.mock.calls.filter(([key]) => key === "init_limit_half_open")).toHaveLength(1);
    reads.mockRestore();
    expect(made.shard.context.options.init_limit_half_open).toBe(7);
    const restarts = said.mock.calls.map(([, , line]) => line).filter((line) => /^charon.*after a restart$/.test(line));
    expect(restarts).toEqual(
      ["load", "shards", "port_nat_t"].map((key) => `charon.${key} changed, which takes effect after a restart`),
    );
  });
});
