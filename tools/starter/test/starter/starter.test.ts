import { describe, expect, it } from "vitest";
import { decodeStrokeMessage, strokeMessageTypeName } from "@cygnet/plugin-stroke/abi";
import { Starter } from "../../src/starter/starter.js";
import type { StarterSetup } from "../../src/starter/starter.js";
import { MAIN, NAMES } from "../helpers.js";
import { FakeSystem } from "./fake-system.js";

// The two configurations and the requests between them were taken from a run of strongSwan 5.9.8's starter.
const FIRST = "conn a\n auto=add\nconn b\n auto=route\nconn c\n auto=start\nconn d\n auto=start\nca x\n auto=add\n cacert=a\n";
const SECOND =
  "conn a\n auto=add\nconn c\n auto=start\n left=1.1.1.1\nconn e\n auto=start\nconn d\n auto=route\nca x\n auto=add\n cacert=b\nca y\n auto=add\n cacert=b\n";

interface Bench {
  readonly system: FakeSystem;
  readonly starter: Starter;
  readonly log: string[];
  /** Requests since the last call, as `TYPE name`. */
  requests(): string[];
}
function bench(conf: string, changes: Partial<StarterSetup> = {}): Bench {
  const system = new FakeSystem();
  system.contents[MAIN] = conf;
  const log: string[] = [];
  const starter = new Starter({
    confFile: MAIN,
    pidDir: "/run",
    strokeUri: "unix:///run/charon.ctl",
    daemonName: "charon",
    daemonCommand: (args) => ({ file: "/usr/lib/charon", args }),
    version: "cygnet 0",
    nofork: true,
    autoUpdateSec: 0,
    log: (line) => log.push(line),
    system,
    names: NAMES,
    ...changes,
  });
  const requests = (): string[] =>
    system.sent.splice(0).map((bytes) => {
      const message = decodeStrokeMessage(bytes);
      return `${strokeMessageTypeName(message.type)} ${(message.fields as { name?: string }).name ?? ""}`.trim();
    });
  return { system, starter, log, requests };
}

const LOADED = ["ADD_CA x", "ADD_CONN a", "ADD_CONN b", "ROUTE b", "ADD_CONN c", "INITIATE c", "ADD_CONN d", "INITIATE d"];
const LOADED_SECOND = [
  "ADD_CA x",
  "ADD_CA y",
  "ADD_CONN a",
  "ADD_CONN c",
  "INITIATE c",
  "ADD_CONN e",
  "INITIATE e",
  "ADD_CONN d",
  "ROUTE d",
];

describe("Starter", () => {
  it("starts the daemon, writes its pid file, loads the configuration, and undoes it all when stopped", async () => {
    const { system, starter, log, requests } = bench(`config setup\n charondebug="ike 2, knl 1, foo"\n${FIRST}`, {
      nofork: false,
    });
    const ended = starter.run();
    await system.settle();
    expect(system.daemons[0].command).toEqual({
      file: "/usr/lib/charon",
      args: ["--use-syslog", "--debug-ike", "2", "--debug-knl", "1"],
    });
    expect(system.pidFiles).toEqual({ "/run/starter.charon.pid": "4000\n" });
    expect(requests()).toEqual(LOADED);
    await starter.stop();
    expect(await ended).toEqual({ code: 0, reason: "stopped" });
    expect(system.daemons[0].signals).toEqual(["SIGINT"]);
    expect(system.pidFiles).toEqual({});
    expect(system.pendingTimers).toBe(0);
    expect(log).toEqual([
      "Starting cygnet 0 IPsec [starter]...",
      "charondebug: ignored 'foo'",
      "charon (5000) started after 0 ms",
      "charon stopped after 0 ms",
      "ipsec starter stopped",
    ]);
  });

  it("waits for the socket before it sends anything", async () => {
    const { system, starter, requests } = bench(FIRST);
    system.onSpawn = "nothing";
    const ended = starter.run();
    await system.advance(1000);
    expect(requests()).toEqual([]);
    system.isListening = true;
    await system.advance(100);
    expect(requests()).toEqual(LOADED);
    await starter.stop();
    await ended;
  });

  it("sends only the difference on update, deletions first", async () => {
    const { system, starter, requests } = bench(FIRST);
    const ended = starter.run();
    await system.settle();
    requests();
    system.contents[MAIN] = SECOND;
    await starter.update();
    expect(requests()).toEqual([
      ...["UNROUTE b", "DEL_CONN b", "DEL_CONN c", "DEL_CONN d", "DEL_CA x"],
      ...["ADD_CA x", "ADD_CA y", "ADD_CONN c", "INITIATE c", "ADD_CONN e", "INITIATE e", "ADD_CONN d", "ROUTE d"],
    ]);
    await starter.update();
    system.contents[MAIN] = `\n\n# moved\n${SECOND}`;
    await starter.update();
    expect(requests()).toEqual([]);
    await starter.reload();
    expect(requests()).toEqual([
      ...["DEL_CONN a", "DEL_CONN c", "DEL_CONN e", "UNROUTE d", "DEL_CONN d", "DEL_CA x", "DEL_CA y"],
      ...LOADED_SECOND,
    ]);
    await starter.stop();
    await ended;
  });

  it.each([
    ["syntax", "conn a\n foo\n"],
    ["setup", "config setup\n uniqueids=maybe\n"],
  ])("keeps the old configuration when the new one has %s errors", async (_what, broken) => {
    const { system, starter, log, requests } = bench(FIRST);
    const ended = starter.run();
    await system.settle();
    requests();
    system.contents[MAIN] = broken;
    await starter.update();
    expect(requests()).toEqual([]);
    expect(log.at(-1)).toBe("can't reload config file due to errors -- keeping old one");
    await starter.reload();
    expect(requests().slice(-LOADED.length)).toEqual(LOADED);
    system.contents[MAIN] = FIRST;
    await starter.update();
    expect(requests()).toEqual([]);
    await starter.stop();
    await ended;
  });

  it("does not start the daemon with a broken configuration", async () => {
    const { system, starter, log } = bench("conn a\n foo\n");
    expect(await starter.run()).toEqual({ code: 2, reason: "bad-config" });
    expect(system.daemons).toEqual([]);
    expect(log.slice(1)).toEqual([
      `${MAIN}:2: missing value for setting 'foo'`,
      `invalid config file '${MAIN}'`,
      "unable to start strongSwan -- fatal errors in config",
    ]);
    const missing = bench("", { confFile: "/etc/none.conf" });
    expect(await missing.starter.run()).toEqual({ code: 2, reason: "bad-config" });
    expect(missing.log[1]).toBe("failed to open config file '/etc/none.conf'");
  });

  it("drops a bad conn, tells where it stands, and loads the others", async () => {
    const { system, starter, log, requests } = bench("conn a\n auto=add\n type=x\n foo=y\nconn b\n auto=add\n");
    const ended = starter.run();
    await system.settle();
    expect(requests()).toEqual(["ADD_CONN b"]);
    expect(log.slice(1, 5)).toEqual([
      `# unknown keyword 'foo' (${MAIN}:4)`,
      `# bad policy value: type=x (${MAIN}:3)`,
      `# ignored conn 'a' due to 1 parsing error (${MAIN}:1)`,
      "### 2 parsing errors (0 fatal) ###",
    ]);
    await starter.stop();
    await ended;
  });

  it("starts a daemon that died again after five seconds and loads what is configured by then", async () => {
    const { system, starter, log, requests } = bench(FIRST);
    const ended = starter.run();
    await system.settle();
    requests();
    system.daemons[0].exit({ signal: "SIGSEGV" });
    await system.advance(4999);
    expect(log.at(-1)).toBe("charon has died -- restart scheduled (5sec)");
    system.contents[MAIN] = SECOND;
    await starter.update();
    expect(requests()).toEqual([]);
    expect(system.daemons).toHaveLength(1);
    await system.advance(1);
    expect(system.daemons).toHaveLength(2);
    expect(requests()).toEqual(LOADED_SECOND);
    await starter.stop();
    expect(await ended).toEqual({ code: 0, reason: "stopped" });
  });

  it.each([
    [64, "integrity test of libstrongswan failed"],
    [65, "integrity test of charon failed"],
    [66, "initialization failed"],
  ])("does not start a daemon again that exits with %d", async (code, reason) => {
    const atStart = bench(FIRST);
    atStart.system.onSpawn = { code };
    expect(await atStart.starter.run()).toEqual({ code: 1, reason: "daemon-refused" });
    expect(atStart.log.slice(1)).toEqual([`charon has quit: ${reason}`, "charon refused to be started", "ipsec starter stopped"]);
    const later = bench(FIRST);
    const ended = later.starter.run();
    await later.system.settle();
    later.system.daemons[0].exit({ code });
    expect(await ended).toEqual({ code: 1, reason: "daemon-refused" });
    await later.system.advance(60_000);
    expect(later.system.daemons).toHaveLength(1);
    expect(later.system.pidFiles).toEqual({});
  });

  it("gives up on a daemon that ends before it listens, and kills one that never does", async () => {
    const ending = bench(FIRST);
    ending.system.onSpawn = { code: 1 };
    expect(await ending.starter.run()).toEqual({ code: 1, reason: "daemon-refused" });
    expect(ending.log).toContain("charon has quit before it was ready (status 1)");
    const hanging = bench(FIRST);
    hanging.system.onSpawn = "nothing";
    const ended = hanging.starter.run();
    await hanging.system.advance(61_000);
    expect(await ended).toEqual({ code: 1, reason: "daemon-refused" });
    expect(hanging.system.daemons[0].signals).toEqual(["SIGKILL"]);
    expect(hanging.log).toContain("charon too long to start... - kill kill");
  });

  it("kills a daemon that ignores SIGINT for eight seconds", async () => {
    const { system, starter, log } = bench(FIRST);
    system.obeysInterrupt = false;
    const ended = starter.run();
    await system.settle();
    const stopping = starter.stop();
    await system.advance(8000);
    await stopping;
    expect(await ended).toEqual({ code: 0, reason: "stopped" });
    expect(system.daemons[0].signals).toEqual(["SIGINT", "SIGKILL"]);
    expect(log).toContain("charon does not respond, sending KILL");
  });

  it("can be stopped while the daemon starts, and while a request hangs", async () => {
    const starting = bench(FIRST);
    starting.system.onSpawn = "nothing";
    const ended = starting.starter.run();
    await starting.system.advance(10);
    const stopping = starting.starter.stop();
    await starting.system.advance(100);
    await stopping;
    expect(await ended).toEqual({ code: 0, reason: "stopped" });
    expect(starting.system.daemons[0].signals).toEqual(["SIGINT"]);
    const hanging = bench(FIRST);
    hanging.system.hangs = true;
    const run = hanging.starter.run();
    await hanging.system.settle();
    await hanging.starter.stop();
    expect(await run).toEqual({ code: 0, reason: "stopped" });
    expect(hanging.system.sent).toHaveLength(1);
  });

  it("removes stale pid files, and leaves a running starter alone", async () => {
    const stale = bench(FIRST);
    stale.system.pidFiles["/run/starter.charon.pid"] = "99\n";
    // Another program has the number now.
    stale.system.commands.set(99, "sshd");
    stale.system.pidFiles["/run/charon.pid"] = "garbage";
    const ended = stale.starter.run();
    await stale.system.settle();
    expect(stale.log.slice(1, 3)).toEqual([
      "removing pidfile '/run/charon.pid', process not running",
      "removing pidfile '/run/starter.charon.pid', process not running",
    ]);
    expect(stale.system.daemons).toHaveLength(1);
    await stale.starter.stop();
    await ended;
    const second = bench(FIRST);
    second.system.pidFiles["/run/starter.charon.pid"] = "99\n";
    second.system.pidFiles["/run/charon.pid"] = "98\n";
    second.system.commands.set(98, "charon").set(99, "starter");
    expect(await second.starter.run()).toEqual({ code: 0, reason: "already-running" });
    expect(second.log.slice(1)).toEqual([
      "charon is already running (/run/charon.pid exists) -- skipping daemon start",
      "starter is already running (/run/starter.charon.pid exists) -- no fork done",
    ]);
    expect(second.system.pidFiles["/run/starter.charon.pid"]).toBe("99\n");
    expect(second.system.daemons).toEqual([]);
  });

  it("loads into a daemon that somebody else runs and does not stop it", async () => {
    const { system, starter, requests } = bench(FIRST);
    system.pidFiles["/run/charon.pid"] = "98\n";
    system.commands.set(98, "charon");
    const ended = starter.run();
    await system.settle();
    expect(requests()).toEqual(LOADED);
    await starter.stop();
    await ended;
    expect(system.daemons).toEqual([]);
    expect(system.pidFiles).toEqual({ "/run/charon.pid": "98\n" });
  });

  it("ends with 1 and the reason when its pid file cannot be written, and removes none that is not its own", async () => {
    const { system, starter, log } = bench(FIRST);
    system.writePidFile = () => {
      throw new Error("no permission to create pid file '/run/starter.charon.pid' (EACCES)");
    };
    system.removePidFile = () => expect.unreachable();
    expect(await starter.run()).toEqual({ code: 1, reason: "failed" });
    expect(log.at(-1)).toBe("starter failed: no permission to create pid file '/run/starter.charon.pid' (EACCES)");
  });

  it("looks at all configuration files every --auto-update seconds and updates when one changed", async () => {
    const { system, starter, requests } = bench(`include more.conf\n`, { autoUpdateSec: 10 });
    system.contents["/etc/more.conf"] = "conn a\n auto=add\n";
    const ended = starter.run();
    await system.settle();
    requests();
    system.contents["/etc/more.conf"] = "conn b\n auto=add\n";
    await system.advance(10_000);
    expect(requests()).toEqual([]);
    system.modified["/etc/more.conf"] = 1;
    await system.advance(9_999);
    expect(requests()).toEqual([]);
    await system.advance(1);
    expect(requests()).toEqual(["DEL_CONN a", "ADD_CONN b"]);
    await system.advance(50_000);
    expect(requests()).toEqual([]);
    await starter.stop();
    await ended;
    expect(system.pendingTimers).toBe(0);
  });
});
