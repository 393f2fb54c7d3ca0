import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CliProcess, lines, run, testFolder, writeConf } from "./cli-process.js";

const CONN = "conn a\n\tleft=127.0.0.1\n\tright=127.0.0.9\n\tauthby=secret\n\tauto=add\n";

/** Nobody's user and group number. */
const NOBODY = 65534;

/** A folder with both configurations, and `ipsec` for it. */
function setUp(ipsecConf: string, charonLines: readonly string[] = []) {
  const folder = testFolder();
  const conf = join(folder, "ipsec.conf");
  writeFileSync(conf, ipsecConf);
  const own = ["ipsec", "--piddir", folder, "--strongswan-conf", writeConf(folder, charonLines)];
  return {
    folder,
    conf,
    ipsec: (...words: string[]) => run([...own, ...words]),
    args: (...words: string[]) => [...own, ...words],
  };
}

describe("cygnet ipsec", () => {
  it("starts a daemon in the background with its connections, controls it and stops it", async () => {
    const { folder, conf, ipsec } = setUp(CONN);
    onTestFinished(async () => void (await ipsec("stop")));
    const started = await ipsec("start", "--conf", conf);
    expect(started.code).toBe(0);
    expect(lines(started.errors)[0]).toMatch(/^Starting strongSwan .* IPsec \[starter\]\.\.\.$/);
    expect(started.errors).toMatch(/^charon \(\d+\) started after \d+ ms$/m);
    const status = await ipsec("statusall");
    expect([status.code, status.errors]).toEqual([0, ""]);
    expect(status.output).toMatch(/^Status of IKE charon daemon[^]*\n {11}a: {2}127\.0\.0\.1\.\.\.127\.0\.0\.9 /);
    expect((await ipsec("start", "--conf", conf)).errors).toContain("starter is already running");
    const unknown = await ipsec("up", "nonexistent");
    expect([unknown.code, unknown.output]).toEqual([0, "no config named 'nonexistent'\n"]);
    writeFileSync(conf, `${CONN}conn b\n\talso=a\n`);
    expect((await ipsec("update")).code).toBe(0);
    const stopped = await ipsec("stop");
    expect([stopped.code, stopped.errors]).toEqual([0, "Stopping strongSwan IPsec...\n"]);
    expect(existsSync(join(folder, "charon.pid")) || existsSync(join(folder, "starter.charon.pid"))).toBe(false);
  });

  it("runs starter in the foreground with --nofork, until SIGINT", async () => {
    const { folder, conf, args } = setUp(CONN);
    const starter = new CliProcess(args("start", "--nofork", "--conf", conf));
    await starter.says("errors", /started after/);
    await starter.says("output", /added configuration 'a'/);
    expect(readFileSync(join(folder, "starter.charon.pid"), "utf8")).toBe(`${starter.child.pid}\n`);
    starter.kill("SIGINT");
    expect(await starter.ended).toBe(0);
    expect(lines(starter.errors).at(-1)).toBe("ipsec starter stopped");
  });

  it("stays beside a daemon that somebody else runs, feeds it, and leaves it and no pid file of its own behind", async () => {
    const { folder, conf, args, ipsec } = setUp(CONN);
    const daemon = new CliProcess(["charon", "--conf", join(folder, "strongswan.conf"), "--piddir", folder]);
    await daemon.ready();
    const starter = new CliProcess(args("start", "--nofork", "--conf", conf));
    await daemon.says("output", /added configuration 'a'/);
    expect(starter.errors).toContain(`charon is already running (${folder}/charon.pid exists) -- skipping daemon start\n`);
    expect((await ipsec("status")).code).toBe(0);
    expect((await ipsec("stop")).code).toBe(0);
    expect(await starter.ended).toBe(0);
    expect(existsSync(join(folder, "starter.charon.pid"))).toBe(false);
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
  });

  it.each(["reload", "update"])(
    "%s tells what is wrong with a broken ipsec.conf, with 2, and what was loaded stays",
    async (command) => {
      const { folder, conf, args, ipsec } = setUp(CONN);
      // Told by a relative path, which is one from starter's folder.
      const starter = new CliProcess(args("start", "--nofork", "--conf", "ipsec.conf"), { cwd: folder });
      await starter.says("output", /added configuration 'a'/);
      writeFileSync(conf, "conn a\n\tleft=127.0.0.1\nconn\n");
      const { code, errors } = await ipsec(command);
      expect(code).toBe(2);
      expect(errors).toContain(`${conf}:3: `);
      expect(lines(errors).at(-1)).toMatch(
        / strongSwan IPsec configuration failed: '.*ipsec\.conf' cannot be used, what was loaded before stays$/,
      );
      expect((await ipsec("statusall")).output).toContain("127.0.0.1...127.0.0.9");
      writeFileSync(conf, `${CONN}\nconn b\n\talso=a\n\tright=127.0.0.8\n`);
      expect((await ipsec(command)).code).toBe(0);
      await starter.says("output", /added configuration 'b'/);
      starter.kill("SIGINT");
      expect(await starter.ended).toBe(0);
    },
  );

  it("takes pid files that name processes of other programs as stale", async () => {
    const { folder, conf, args, ipsec } = setUp(CONN);
    for (const name of ["charon.pid", "starter.charon.pid"]) writeFileSync(join(folder, name), `${process.pid}\n`);
    expect((await ipsec("stop")).code).toBe(7);
    const starter = new CliProcess(args("start", "--nofork", "--conf", conf));
    await starter.says("output", /added configuration 'a'/);
    expect(starter.errors).toContain(`removing pidfile '${folder}/charon.pid', process not running\n`);
    starter.kill("SIGINT");
    expect(await starter.ended).toBe(0);
  });

  it("makes no folder for a --piddir that was mistyped", async () => {
    const { folder, ipsec } = setUp(CONN);
    const none = join(folder, "none");
    for (const command of ["start", "status", "stop"]) {
      const { code, errors } = await run(["ipsec", "--piddir", none, command]);
      expect([code, errors]).toEqual([2, `cygnet ipsec: --piddir: there is no folder '${none}'\n`]);
    }
    const charon = await run(["charon", "--piddir", none, "--conf", join(folder, "strongswan.conf")]);
    expect([charon.code, charon.errors]).toEqual([2, `cygnet charon: --piddir: there is no folder '${none}'\n`]);
    expect(existsSync(none)).toBe(false);
    expect((await ipsec("--piddir")).output).toBe(`${folder}\n`);
  });

  it.skipIf(process.getuid?.() !== 0)("says in one line what there is no permission for", async () => {
    const { folder, conf, args, ipsec } = setUp(CONN);
    const starter = new CliProcess(args("start", "--nofork", "--conf", conf));
    await starter.says("output", /added configuration 'a'/);
    const nobody = { uid: NOBODY, gid: NOBODY };
    chmodSync(folder, 0o755);
    chmodSync(conf, 0o644);
    const socket = await run(args("status"), nobody);
    expect(socket.errors).toMatch(/^no permission to use stroke socket 'unix:\/\/.*\/charon\.ctl': connect EACCES .*\n$/);
    const second = join(folder, "second");
    mkdirSync(second);
    const conflict = await run(args("start", "--nofork", "--conf", conf, "--piddir", second), nobody);
    expect([conflict.code, lines(conflict.errors).at(-1)]).toEqual([
      1,
      `starter failed: no permission to create pid file '${second}/starter.charon.pid' (EACCES)`,
    ]);
    chmodSync(folder, 0o700);
    const hidden = await run(["ipsec", "--piddir", folder, "stop"], nobody);
    expect([hidden.code, hidden.errors]).toEqual([2, expect.stringContaining("EACCES")]);
    expect((await ipsec("stop")).code).toBe(0);
    expect(await starter.ended).toBe(0);
  });

  it("checks ipsec.conf with --conftest, with file and line for what is wrong", async () => {
    const fine = setUp(CONN);
    expect(await fine.ipsec("start", "--conftest", "--conf", fine.conf)).toEqual({ code: 0, output: "", errors: "config OK\n" });
    const odd = setUp(`${CONN}\tfoo=bar\n`);
    expect((await odd.ipsec("start", "--conftest", "--conf", odd.conf)).errors).toContain(
      `# unknown keyword 'foo' (${odd.conf}:6)\n`,
    );
    const broken = setUp("conn\n");
    const { code, errors } = await broken.ipsec("start", "--conftest", "--conf", broken.conf);
    expect(code).toBe(2);
    expect(errors).toMatch(/ipsec\.conf:1: .*\n[^]*config invalid!\n$/);
  });

  it("does not start with a broken ipsec.conf: code 2, file, line and reason", async () => {
    const { folder, conf, ipsec } = setUp("config setup\nconn\n");
    const { code, errors } = await ipsec("start", "--conf", conf);
    expect(code).toBe(2);
    expect(errors).toContain(`${conf}:2: `);
    expect(existsSync(join(folder, "starter.charon.pid"))).toBe(false);
  });

  it("does not start with a broken strongswan.conf: code 2, file, line and reason", async () => {
    const option = setUp(CONN, ["threads = many"]);
    const refused = await option.ipsec("start", "--conf", option.conf);
    expect(refused.code).toBe(2);
    expect(refused.errors).toMatch(/strongswan\.conf:\d+:1: charon\.threads: 'many' is not a number/);
    const syntax = setUp(CONN);
    writeFileSync(join(syntax.folder, "strongswan.conf"), "charon {\n");
    const unparsed = await syntax.ipsec("start", "--conf", syntax.conf);
    expect(unparsed.code).toBe(2);
    expect(unparsed.errors).toMatch(/strongswan\.conf:2:1: syntax error/);
  });

  it("has the exit codes of strongSwan's wrapper without a daemon", async () => {
    const { ipsec } = setUp(CONN);
    for (const [command, code] of [
      ["status", 3],
      ["statusall", 3],
      ["up", 7],
      ["listall", 7],
      ["stop", 7],
      ["reload", 7],
      ["update", 7],
    ] as const) {
      expect([command, (await ipsec(command, "a")).code]).toEqual([command, code]);
    }
    const unreachable = await ipsec("up", "a", "--socket", "/nonexistent/charon.ctl");
    expect(unreachable.code).toBe(255);
    expect(unreachable.errors).toContain("failed to connect to stroke socket '/nonexistent/charon.ctl'");
  });

  it("prints the version without a daemon", async () => {
    const { ipsec } = setUp("");
    expect((await ipsec("version")).output).toMatch(/^Linux strongSwan U\S+ cygnet \S+\/K/);
  });
});
