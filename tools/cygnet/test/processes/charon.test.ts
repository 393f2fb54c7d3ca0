import { createSocket } from "node:dgram";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { System } from "@cygnet/native";
import { CliProcess, lines, run, testFolder, writeConf } from "./cli-process.js";

/** Nobody's user and group number, for a process without privileges. */
const NOBODY = 65534;
const PRIVILEGED_PORT = 80;

const charon = (conf: string, folder: string): string[] => ["charon", "--conf", conf, "--piddir", folder];

async function boundPort(): Promise<number> {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  await new Promise<void>((resolve) => socket.bind(0, resolve));
  return socket.address().port;
}

describe("cygnet charon", () => {
  it("runs until SIGTERM, with a pid file, and says so in strongSwan's words", async () => {
    const folder = testFolder();
    const daemon = new CliProcess(charon(writeConf(folder), folder));
    await daemon.ready();
    expect(readFileSync(join(folder, "charon.pid"), "utf8")).toBe(`${daemon.child.pid}\n`);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(daemon.output).toMatch(/^00\[DMN\] Starting IKE charon daemon \(strongSwan /);
    expect(daemon.output).toMatch(/00\[JOB\] spawning 16 worker threads\n(?:.*\n)*00\[DMN\] SIGTERM received, shutting down\n/);
    expect(daemon.errors).toBe("");
    expect(existsSync(join(folder, "charon.pid"))).toBe(false);
  });

  it("ends when the process that started it is gone", async () => {
    const folder = testFolder();
    const daemon = new CliProcess(charon(writeConf(folder), folder));
    await daemon.ready();
    daemon.child.disconnect();
    expect(await daemon.ended).toBe(0);
    expect(daemon.output).toContain("the process that started the daemon is gone, shutting down");
  });

  it("ends when the process that started it went before it served", async () => {
    const folder = testFolder();
    const daemon = new CliProcess(charon(writeConf(folder), folder));
    daemon.child.disconnect();
    expect(await daemon.ended).toBe(0);
    expect(daemon.output).toContain("the process that started the daemon is gone, shutting down");
  });

  it("reads the settings again at SIGHUP, and keeps the old ones if the new ones are broken", async () => {
    const folder = testFolder();
    const conf = writeConf(folder);
    const daemon = new CliProcess(charon(conf, folder));
    await daemon.ready();
    writeFileSync(conf, "charon {\n  broken\n}\n");
    daemon.kill("SIGHUP");
    await daemon.says(
      "output",
      /signal of type SIGHUP received\. Reloading configuration\n00\[DMN\] reloading config failed, keeping old: \S+:3:1: syntax error/,
    );
    writeConf(folder, ["retransmit_tries = 1", "include missing-*.conf"]);
    daemon.kill("SIGHUP");
    await daemon.says("output", /keeping old.*\n00\[DMN\] signal of type SIGHUP received/);
    daemon.kill("SIGINT");
    expect(await daemon.ended).toBe(0);
    expect(daemon.output).toContain("SIGINT received, shutting down");
    expect(daemon.output.match(/keeping old/g)).toHaveLength(1);
    expect(daemon.output).toContain(`00[CFG] no files found matching '${join(folder, "missing-*.conf")}'`);
  });

  // Without a second CPU there is nothing to choose from.
  describe.skipIf(new System().affinity().length < 2)("with charon.cpu_affinity", () => {
    const own = new System().affinity();
    const [first, second] = own.map(String);
    const allowedList = (path: string): string => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(path, "utf8"))![1]!;
    /** @returns the masks of all threads, and the log lines about CPUs */
    const start = async (option: string, under: string) => {
      const folder = testFolder();
      const mask = new System();
      mask.setAffinity(under.split(",").map(Number));
      let daemon: CliProcess;
      try {
        daemon = new CliProcess(charon(writeConf(folder, [`cpu_affinity = ${option}`, "shards = 2"]), folder));
      } finally {
        mask.setAffinity(own);
      }
      await daemon.ready();
      const tasks = `/proc/${daemon.child.pid}/task`;
      const masks = readdirSync(tasks).map((task) => allowedList(join(tasks, task, "status")));
      // Threads of Node.js, and two of shards.
      expect(masks.length).toBeGreaterThan(5);
      const told = lines(daemon.output).filter((line) => line.includes("affinity"));
      return { masks: [...new Set(masks)], told: told.map((line) => line.slice("00[DMN] ".length)) };
    };
    const online = new System().onlineCpus();
    const allows = (usable: number): string =>
      `the CPU affinity mask allows ${usable} of ${online} online CPUs${usable < online ? ", the others will be idle" : ""}`;

    it("keeps the mask that it was started with, by default", async () => {
      expect(await start("inherit", first!)).toEqual({ masks: [first], told: [allows(1)] });
    });

    it("has every thread use all CPUs that are online", async () => {
      const { masks, told } = await start("all", first!);
      const mask = new System();
      mask.setAffinity(Array.from({ length: 1024 }, (_, cpu) => cpu));
      const [most, text] = [mask.affinity(), allowedList("/proc/thread-self/status")];
      mask.setAffinity(own);
      expect(masks).toEqual([text]);
      expect(told[0]).toBe(allows(most.length));
    });

    it("has every thread use those of a list", async () => {
      expect(await start(second!, first!)).toEqual({ masks: [second], told: [allows(1)] });
    });

    it("tells in one line which CPUs of the list do not exist, and goes on with the others", async () => {
      expect(await start(`${second},9000-9001`, first!)).toEqual({
        masks: [second],
        told: [
          allows(1),
          expect.stringMatching(/^charon\.cpu_affinity = \d+,9000-9001: CPUs 9000-9001 are not online, but [\d,-]+$/),
        ],
      });
    });

    it("keeps the mask where none of the list exists", async () => {
      expect(await start("9000", first!)).toEqual({
        masks: [first],
        told: [
          allows(1),
          expect.stringMatching(/^charon\.cpu_affinity = 9000 has no effect: of these CPUs none is online, but [\d,-]+$/),
        ],
      });
    });
  });

  it.each([
    ["charon {\n  cpu_affinity = 3-1\n}\n", ":2:3: charon.cpu_affinity: '3-1' is neither inherit, all nor a list such as 0-3,8"],
    ["charon {\n  port = 1\n}\n}\n", ":4:1: syntax error, unexpected '}'"],
    ["charon {\n  threads = many\n}\n", ":2:3: charon.threads: 'many' is not a number"],
    ["charon {\n  filelog { stdout { default = loud } }\n}\n", ":2:22: charon.filelog.stdout.default: 'loud' is not a number"],
  ])("refuses %j with code 2, file, line and reason", async (text, reason) => {
    const folder = testFolder();
    const conf = join(folder, "broken.conf");
    writeFileSync(conf, text);
    const { code, errors } = await run(charon(conf, folder));
    expect(code).toBe(2);
    expect(lines(errors).at(-1)).toContain(`abort initialization due to invalid configuration: ${conf}${reason}`);
    expect(existsSync(join(folder, "charon.pid"))).toBe(false);
  });

  it("refuses a missing strongswan.conf with code 2, and finds it by the environment", async () => {
    const folder = testFolder();
    const path = join(folder, "nothing.conf");
    const { code, errors } = await run(["charon", "--piddir", folder], { env: { ...process.env, STRONGSWAN_CONF: path } });
    expect(code).toBe(2);
    expect(errors).toContain(`00[CFG] no files found matching '${path}'\n`);
  });

  it("goes on without an unknown plugin, and ends with 66 if that is critical", async () => {
    const folder = testFolder();
    const list = "load = random nonce aes sha1 sha2 hmac gmp socket-default no-such-plugin";
    const daemon = new CliProcess(charon(writeConf(folder, [list]), folder));
    await daemon.ready();
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(daemon.output).toContain("plugin 'no-such-plugin': failed to load");
    const { code, output, errors } = await run(charon(writeConf(folder, [`${list}!`]), folder));
    expect(code).toBe(66);
    expect(lines(output).slice(-2)).toEqual([
      "00[LIB] loading critical plugin 'no-such-plugin' failed",
      "00[DMN] initialization failed - aborting charon",
    ]);
    expect(errors).toBe("initialization failed - aborting charon: loading critical plugin 'no-such-plugin' failed\n");
  });

  it("says in one line that a port is in use", async () => {
    const folder = testFolder();
    const port = await boundPort();
    const { code, output, errors } = await run(
      charon(writeConf(folder, [`port = ${port}`, "plugins { socket-default { use_ipv6 = no } }"]), folder),
    );
    expect(code).toBe(66);
    expect(lines(errors)).toEqual([expect.stringContaining(`another program uses UDP port 0.0.0.0[${port}]`)]);
    expect(output).toContain(`another program uses UDP port 0.0.0.0[${port}]`);
  });

  it("refuses a second instance in one line, and leaves the first one and its log alone", async () => {
    const folder = testFolder();
    const log = join(folder, "charon.log");
    const conf = writeConf(folder, [`filelog { file { path = ${log}`, "append = no", "flush_line = yes } }"]);
    const first = new CliProcess(charon(conf, folder));
    await first.ready();
    const { code, output, errors } = await run(charon(conf, folder));
    expect([code, output]).toEqual([66, ""]);
    expect(lines(errors)).toEqual([`charon already running ('${folder}/charon.pid' exists, process ${first.child.pid})`]);
    expect(existsSync(join(folder, "charon.pid"))).toBe(true);
    first.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const text = readFileSync(log, "utf8");
    expect(text).toMatch(/^00\[DMN\] Starting IKE charon daemon /);
    expect(text.match(/Starting|already running/g)).toHaveLength(1);
    expect(text).toMatch(/SIGTERM received, shutting down\n$/);
  });

  it("replaces the pid file of a process that is gone, and says so in one line", async () => {
    const folder = testFolder();
    const pidFile = join(folder, "charon.pid");
    writeFileSync(pidFile, `${2 ** 22 + 1}\n`);
    const daemon = new CliProcess(charon(writeConf(folder), folder));
    await daemon.ready();
    expect(readFileSync(pidFile, "utf8")).toBe(`${daemon.child.pid}\n`);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    expect(lines(daemon.errors)).toEqual([`replacing the stale pid file '${pidFile}', its process is gone`]);
    expect(daemon.output).toContain(`replacing the stale pid file '${pidFile}'`);
  });

  /** Needs to become somebody else if this is root. */
  const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const lowestFree =
    process.platform === "linux" ? Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) : 0;

  it.skipIf(lowestFree <= PRIVILEGED_PORT)("says in one line that the privilege for a port is missing", async () => {
    const folder = testFolder();
    const conf = writeConf(folder, [`port = ${PRIVILEGED_PORT}`]);
    for (const path of [folder, conf]) chmodSync(path, 0o777);
    const { code, errors } = await run(charon(conf, folder), unprivileged);
    expect(code).toBe(66);
    expect(lines(errors)).toEqual([
      expect.stringMatching(/no permission to bind UDP port \S+\[80\]: run as root or with CAP_NET_BIND_SERVICE/),
    ]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "says in one line that the privilege for a control socket that is there is missing",
    async () => {
      const folder = testFolder();
      const conf = writeConf(folder, ["load = random nonce aes sha1 sha2 hmac gmp socket-default stroke!"]);
      const path = join(folder, "charon.ctl");
      const server = createServer();
      onTestFinished(() => void server.close());
      await new Promise<void>((resolve) => server.listen(path, resolve));
      chmodSync(path, 0o700);
      for (const name of [folder, conf]) chmodSync(name, 0o777);
      const { code, errors } = await run(charon(conf, folder), unprivileged);
      expect(code).toBe(66);
      expect(lines(errors)).toEqual([expect.stringContaining(`no permission for ${path}, which is there already: EACCES`)]);
    },
  );

  it("says in one line that the privilege for the pid file is missing", async () => {
    const folder = testFolder();
    const conf = writeConf(folder);
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o555 });
    for (const path of [folder, conf]) chmodSync(path, 0o755);
    const { code, errors } = await run(charon(conf, closed), unprivileged);
    expect(code).toBe(66);
    expect(lines(errors)).toEqual([expect.stringContaining(`unable to create pid file '${closed}/charon.pid': EACCES`)]);
  });
});
